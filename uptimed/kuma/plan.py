"""What importing a record does, in numbers and in words: what is taken over, what is not, and what the record cannot say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from uptimed.engine.payload import iso
from uptimed.kuma.beats import PLACE, Heard, results
from uptimed.kuma.pairing import Pair
from uptimed.kuma.record import Kuma

DAY_US = 86_400_000_000


@dataclass
class Plan:
    kuma: Kuma
    pairs: Sequence[Pair]
    heard: dict[int, Heard] = field(default_factory=dict)
    """Monitor -> what its beats came to; filled while `results` is gone through."""

    def results(self) -> Iterator[dict[str, Any]]:
        """All of what is taken over, check by check, each in order of time."""
        for pair in sorted(self._taken(), key=lambda one: (one.check or "", one.monitor.id)):
            heard = self.heard[pair.monitor.id] = Heard()
            yield from results(pair.monitor, self.kuma.beats(pair.monitor.id), pair.check or "", heard)

    def checks(self) -> list[dict[str, Any]]:
        """For the ingest: the checks with their first look and the widest horizon of their monitors. Without a look: none."""
        found: dict[str, dict[str, Any]] = {}
        for pair in self._taken():
            first_us = self.heard[pair.monitor.id].first_us
            if first_us is None or pair.check is None:
                continue
            horizon_us = pair.monitor.horizon_us
            its = found.setdefault(
                pair.check, {"check": pair.check, "location": PLACE, "horizon_us": horizon_us, "from_us": first_us}
            )
            its["horizon_us"] = max(its["horizon_us"], horizon_us)
            its["from_us"] = min(its["from_us"], first_us)
        return list(found.values())

    def as_object(self) -> dict[str, Any]:
        return {
            "kuma": {"file": str(self.kuma.path), "version": 2 if self.kuma.is_2 else 1, "kept_days": self.kuma.kept_days()},
            "taken": [{**_named(one), "check": one.check, **_numbers(self.heard[one.monitor.id])} for one in self._taken()],
            "left": [_named(one) for one in self.pairs if one.check is None],
            "cannot_say": self.cannot_say(),
        }

    def as_text(self) -> str:
        said = self.as_object()
        which = "2.x" if self.kuma.is_2 else "1.x"
        lines = [f"{self.kuma.path}: Uptime Kuma {which}, {len(self.pairs)} monitors."]
        lines += ["Taken over:"] if said["taken"] else ["Nothing is taken over."]
        lines += [f"  {one['monitor']!r} -> {one['check']} ({one['why']})\n      {_looks(one)}" for one in said["taken"]]
        lines += ["Not taken over:"] if said["left"] else []
        lines += [f"  {one['monitor']!r} ({one['type']}): {one['why']}" for one in said["left"]]
        lines += ["What the record cannot say:", *(f"  - {one}" for one in said["cannot_say"])]
        return "\n".join(lines)

    def cannot_say(self) -> list[str]:
        kuma, kept = self.kuma, self.kuma.kept_days()
        sums = ", ".join(f"{number} in {name}" for name, number in kuma.aggregates().items() if number)
        said = [
            f"What other places saw: Kuma looked from one, recorded as {PLACE} and judged by Kuma's own intervals.",
            "Whether a failure was the target's or of Kuma's own network: if it was Kuma's, exclude that time.",
            "Whether Kuma's clock was right.",
            "What was while Kuma was off, paused or under maintenance: that stays unmeasured.",
        ]
        if kept:
            said.append(f"What was before the last {kept} days: Kuma deletes it.")
        if kuma.is_2:
            said.append(
                "What was between changes of state more than a day ago: Kuma 2 keeps only these (and the last hundred beats)."
            )
        else:
            said.append("When a look ended: its ping tells within a second; without one, at the latest when the next look began.")
        if sums:
            said.append(f"When it was what its sums add up ({sums}): how often is no evidence of when.")
        return said

    def _taken(self) -> list[Pair]:
        return [pair for pair in self.pairs if pair.check is not None]


def _named(pair: Pair) -> dict[str, Any]:
    return {"monitor": pair.monitor.name, "id": pair.monitor.id, "type": pair.monitor.type, "why": pair.why}


def _numbers(heard: Heard) -> dict[str, Any]:
    return {
        "from": iso(heard.first_us),
        "to": iso(heard.last_us),
        "looks": heard.up + heard.down + heard.pending,
        "down": heard.down,
        "tried_again": heard.pending,
        "maintenance": heard.maintenance,
        "unreadable": heard.unreadable,
        "measured_days": round(heard.measured_us / DAY_US, 2),
    }


def _looks(one: dict[str, Any]) -> str:
    if not one["looks"]:
        return "no looks"
    parts = [
        f"{one['looks']} looks from {one['from']} to {one['to']}",
        f"{one['measured_days']} days measured",
        f"{one['down']} down",
    ]
    parts += [f"{one[key]} {words}" for key, words in _REST.items() if one[key]]
    return ", ".join(parts)


_REST = {
    "tried_again": "failed and tried again",
    "maintenance": "under maintenance (no look)",
    "unreadable": "that cannot be read",
}
