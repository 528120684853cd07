"""Adjustments as JSON, for commands and documents: who made them is for staff, the rest is for everybody (AVAILABILITY B8)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from uptimed.domain.adjustments import is_within
from uptimed.domain.overlays import Adjustment, revoked_by
from uptimed.engine.payload import exact


def described(one: Adjustment) -> dict[str, Any]:
    """Of an exclusion or assertion. `at`, `from` and `to` are exact: they can be given back to a command."""
    return {
        "id": one.id,
        "scope": one.scope,
        "kind": one.kind,
        "from": exact(one.from_us),
        "to": exact(one.to_us),
        "state": one.state.word if one.kind == "assert" else None,
        "reason": one.reason,
        "clause": one.clause or None,
        "author": one.by,
        "at": exact(one.at_us),
    }


def listed(
    adjustments: Iterable[Adjustment], *, scope: str | None = None, as_known_at_us: int | None = None
) -> list[dict[str, Any]]:
    """Exclusions and assertions of that scope and within it, in the order they were made, each with what revoked it by then."""
    known: Sequence[Adjustment] = [one for one in adjustments if as_known_at_us is None or one.at_us <= as_known_at_us]
    revoked = revoked_by(known)
    return [
        {**described(one), "revoked": _revocation(revoked.get(one.id))}
        for one in known
        if one.kind != "revoke" and (scope is None or is_within(one.scope, scope))
    ]


def _revocation(one: Adjustment | None) -> dict[str, Any] | None:
    return None if one is None else {"id": one.id, "reason": one.reason, "author": one.by, "at": exact(one.at_us)}
