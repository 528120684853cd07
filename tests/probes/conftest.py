from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from probes.net import Net
from probes.outcome import Outcome, ProbeJob
from probes.registry import KINDS
from probes.runner import run

Look = Callable[..., Awaitable[Outcome]]


@pytest.fixture
def net() -> Net:
    return Net.build(allow=["127.0.0.0/8", "::1"], resolvers=["127.0.0.1:9"])


@pytest.fixture
def look(net: Net) -> Look:
    """Runs one check of a kind with the options given, through the whole runner."""

    async def look(kind: str, *, timeout_s: float = 1.0, over: Net | None = None, **options: Any) -> Outcome:
        return await run(ProbeJob("shop/web/home", kind, KINDS[kind].Options(**options), timeout_s), over or net)

    return look
