"""Degraded is either slow or partly down, by its reason (DESIGN section 4); neither opens an incident."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from probes.outcome import Outcome, Verdict
from probes.reasons import REASONS
from tests.engine.world import EVERY_S, S, world

DEGRADED = [code for code, reason in REASONS.items() if reason.verdict is Verdict.DEGRADED]


@pytest.mark.parametrize("code", DEGRADED)
async def test_what_is_only_late_is_slow_and_what_lacks_something_is_partly_down(code: str, tmp_path: Path) -> None:
    async with world(tmp_path) as shop:
        await shop.start()
        for _ in range(3):
            result = replace(shop.result(Verdict.DEGRADED), outcome=Outcome(Verdict.DEGRADED, code))
            shop.clock.us += S
            assert await shop.engine.on_batch([result]) == {result.id}
            shop.clock.us += (EVERY_S - 1) * S

        assert shop.engine.picture.components["shop/web"].state == ("slow" if code.endswith("_slow") else "partly_down")
        assert await shop.messages() == []
