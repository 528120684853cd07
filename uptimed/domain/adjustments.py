"""What a person may exclude, assert and revoke (AVAILABILITY B4), judged before it is written; nothing is ever changed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from uptimed.domain.overlays import Adjustment, in_force, revoked_by

PREFIX = "ADJ"


class Invalid(ValueError):
    """It cannot be done: what was not done, why, and what to do instead, in one sentence."""


def next_id(known: Iterable[Adjustment], year: int) -> str:
    """`ADJ-2026-0001`: the number after the highest of that year."""
    prefix = f"{PREFIX}-{year:04}-"
    numbers = (int(one.id.removeprefix(prefix)) for one in known if one.id.startswith(prefix))
    return f"{prefix}{max(numbers, default=0) + 1:04}"


def refuse_unless_sound(one: Adjustment, scopes: Collection[str]) -> None:
    """`Invalid` for an exclusion or assertion that must not be written; `scopes` are the products and components there are."""
    if one.scope not in scopes:
        product = one.scope.split("/")[0]
        near = [scope for scope in scopes if is_within(scope, product)] or [scope for scope in scopes if "/" not in scope]
        raise Invalid(f"Nothing was changed: there is no product or component {one.scope!r}; write one of: {', '.join(near)}.")
    if one.to_us <= one.from_us:
        raise Invalid(f"Nothing was changed for {one.scope}: the end is not after the start; look at --from and --to.")
    _refuse_unless_explained(one, one.scope)


def revocation(known: Sequence[Adjustment], target: str, *, id: str, at_us: int, by: str, reason: str) -> Adjustment:  # noqa: A002
    """What takes `target` back; taking a revocation back restores. `Invalid` when there is nothing to take back."""
    found = next((one for one in known if one.id == target), None)
    if found is None:
        raise Invalid(f"Nothing was revoked: there is no adjustment {target!r}; `uptimed exclude list` shows those there are.")
    if (earlier := revoked_by(known).get(target)) is not None:
        raise Invalid(f"{target} was not revoked: {earlier.by} has done so already ({earlier.id}); there is nothing left to do.")
    made = Adjustment(id, at_us, by, reason, "revoke", target=target, scope=found.scope)
    _refuse_unless_explained(made, target)
    return made


def origin(known: Iterable[Adjustment], name: str) -> Adjustment:
    """The exclusion or assertion that a chain of revocations ends in; `name` itself when it is one."""
    by_id = {one.id: one for one in known}
    one = by_id[name]
    while one.kind == "revoke":
        one = by_id[one.target]
    return one


def overlapping(known: Iterable[Adjustment], new: Adjustment) -> list[Adjustment]:
    """Those in force that share time with `new`, on the same product or component, or on the one inside or around it."""
    return [
        one
        for one in in_force(known)
        if one.id != new.id and one.from_us < new.to_us and new.from_us < one.to_us and _related(one.scope, new.scope)
    ]


def is_within(scope: str, outer: str) -> bool:
    """`sia/web` is within `sia` and within itself."""
    return scope == outer or scope.startswith(f"{outer}/")


def _related(one: str, other: str) -> bool:
    return is_within(one, other) or is_within(other, one)


def _refuse_unless_explained(one: Adjustment, subject: str) -> None:
    if not one.reason.strip():
        raise Invalid(f"Nothing was changed for {subject}: the reason is empty; say why, for whoever reads the account.")
    if not one.by.strip():
        raise Invalid(f"Nothing was changed for {subject}: the author is empty; say who decides.")
