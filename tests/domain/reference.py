"""
The words of AVAILABILITY B1 to B10, followed one instant at a time. Slow, and written without a look at `uptimed.domain`.

Every cut of the specification lies on a whole microsecond, so that with stories of some hundred microseconds all instants can be
asked one by one: what a location may have seen, what the component is, what counts. States are words here, lists are scanned.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

DAY = 86_400_000_000
SEVERITY = {"up": 0, "degraded": 1, "down": 2}


class Result(NamedTuple):
    id: str
    location: str
    epoch: int
    s: int
    e: int
    v: str
    recv: int = 0


class Place(NamedTuple):
    id: str
    since: int | None = None
    until: int | None = None

    def active(self, t: int) -> bool:
        return (self.since is None or t >= self.since) and (self.until is None or t < self.until)


class Config(NamedTuple):
    places: tuple[Place, ...]
    horizon: int
    quorum: int | None = None
    confirmations: int = 2
    flap_window: int = 300
    eps: int = 0
    max_skew: int = 2_000_000
    late: int | None = None


class Triple(NamedTuple):
    point: str
    best: str
    worst: str


NOTHING = Triple("unmeasured", "up", "down")


def nth_worst(states: Iterable[str], n: int) -> str:
    return sorted(states, key=SEVERITY.__getitem__, reverse=True)[n - 1]


def worse(*states: str) -> str:
    return nth_worst(states, 1)


def better(*states: str) -> str:
    return nth_worst(states, len(states))


# B1


def accepted(arriving: Iterable[Result], config: Config) -> tuple[list[Result], list[tuple[str, str]]]:
    known: dict[str, Result] = {}
    evidence, log = [], []
    for one in arriving:
        if one.id in known:
            same = known[one.id][:6] == one[:6]
            log.append((one.id, "duplicate" if same else "conflict"))
            continue
        known[one.id] = one
        place = next((place for place in config.places if place.id == one.location), None)
        if place is None:
            log.append((one.id, "unknown_location"))
        elif one.v not in {*SEVERITY, "unknown"}:
            log.append((one.id, "bad_verdict"))
        elif one.e < one.s:
            log.append((one.id, "negative"))
        elif one.e > one.recv + config.max_skew:
            log.append((one.id, "future"))
        elif config.late is not None and one.recv - one.s > config.late:
            log.append((one.id, "late"))
        elif not place.active(one.s):
            log.append((one.id, "inactive"))
        elif one.v == "unknown":
            log.append((one.id, "prober_error"))
        else:
            evidence.append(one)
    return evidence, sorted(log)


# B2


class Chain:
    def __init__(self, results: Sequence[Result]) -> None:
        self.location, self.epoch = results[0].location, results[0].epoch
        self.s = [one.s for one in results]
        self.v = [one.v for one in results]
        self.big_e = [max(one.e for one in results[: j + 1]) for j in range(len(results))]
        self.size = len(results)
        self.cut = [(min(self.big_e[j], self.s[j + 1]) + self.s[j + 1]) // 2 for j in range(self.size - 1)]

    def measures(self, t: int) -> bool:
        return self.big_e[0] <= t < self.s[-1]

    def point(self, t: int) -> str:
        state = self.v[0]
        for j, m in enumerate(self.cut):
            if t >= m:
                state = self.v[j + 1]
        return state

    def pairs(self) -> range:
        return range(self.size - 1)

    def bracket(self, j: int, t: int) -> bool:
        return self.s[j] <= t < self.big_e[j + 1]

    def possible(self, t: int) -> set[str]:
        return {state for j in self.pairs() if self.bracket(j, t) for state in (self.v[j], self.v[j + 1])}

    def down_runs(self) -> list[tuple[int, int, int]]:
        """(first start, last start, how many)."""
        runs: list[tuple[int, int, int]] = []
        before = ""
        for s, v in zip(self.s, self.v, strict=True):
            if v == "down":
                runs = [*runs[:-1], (runs[-1][0], s, runs[-1][2] + 1)] if before == "down" else [*runs, (s, s, 1)]
            before = v
        return runs


def chains_of(evidence: Iterable[Result], config: Config) -> list[Chain]:
    every = list(evidence)
    found = []
    for location, epoch in sorted({(one.location, one.epoch) for one in every}):
        mine = sorted((one for one in every if (one.location, one.epoch) == (location, epoch)), key=lambda r: (r.s, r.e, r.id))
        wide = [one._replace(s=one.s - config.eps, e=one.e + config.eps) for one in mine]
        here = [wide[0]]
        for one in wide[1:]:
            if one.s - here[-1].s > config.horizon:
                found.append(Chain(here))
                here = []
            here.append(one)
        found.append(Chain(here))
    return found


# B3


class Timeline:
    """The triple of every instant of [begin, end); before and after it nothing is measured."""

    def __init__(self, evidence: Sequence[Result], config: Config) -> None:
        self.config = config
        self.chains = chains_of(evidence, config)
        instants = [t for one in evidence for t in (one.s - config.eps, one.e + config.eps)] or [0]
        self.begin, self.end = min(instants) - 2, max(instants) + 2
        self.at = {t: self.vote(t) for t in range(self.begin, self.end)}
        self.unconfirmed: list[tuple[int, int]] = []
        remaining = []
        for x, y in self.episodes():
            if self.is_confirmed(x, y):
                remaining.append((x, y))
            else:
                self.unconfirmed.append((x, y))
        for x, y in self.unconfirmed:
            for t in range(x, y):
                self.at[t] = Triple("degraded", better(self.at[t].best, "degraded"), self.at[t].worst)
        moves = [(x, y, self.onset(x, y)) for x, y in remaining]
        befores = {x: self.at[x - 1].point for x, _, z in moves if z is not None}
        for x, _, z in moves:
            if z is not None:
                self.move(x, z, befores[x])

    def __getitem__(self, t: int) -> Triple:
        return self.at.get(t, NOTHING)

    def quorum(self, t: int) -> int:
        n = sum(place.active(t) for place in self.config.places)
        return min(self.config.quorum or n // 2 + 1, n)

    def vote(self, t: int) -> Triple:
        active = [place for place in self.config.places if place.active(t)]
        if not active:
            return NOTHING
        q = self.quorum(t)
        bests, worsts, points = [], [], []
        for place in active:
            measuring = [chain for chain in self.chains if chain.location == place.id and chain.measures(t)]
            if not measuring:
                bests.append("up")
                worsts.append("down")
                continue
            possible = set().union(*(chain.possible(t) for chain in measuring))
            bests.append(better(*possible))
            worsts.append(worse(*possible))
            points.append(max(measuring, key=lambda chain: chain.epoch).point(t))
        point = nth_worst(points, q) if len(points) >= q else "unmeasured"
        return Triple(point, nth_worst(bests, q), nth_worst(worsts, q))

    def episodes(self) -> list[tuple[int, int]]:
        found = []
        for t in range(self.begin, self.end + 1):
            if self[t].point == "down" and self[t - 1].point != "down":
                began = t
            if self[t].point != "down" and self[t - 1].point == "down":
                found.append((began, t))
        return found

    def is_confirmed(self, x: int, y: int) -> bool:
        f = self.config.flap_window
        runs = [run for chain in self.chains for run in chain.down_runs()]
        return sum(n for first, last, n in runs if first <= y + f and last >= x - f) >= self.config.confirmations

    def onset(self, x: int, y: int) -> int | None:
        before = self[x - 1].point
        if before not in {"up", "degraded"}:
            return None
        k = [
            (chain, j)
            for chain in self.chains
            if chain.measures(x)
            for j in chain.pairs()
            if chain.v[j] != "down" and chain.v[j + 1] == "down" and chain.bracket(j, x)
        ]
        if not k or len(k) < self.quorum(x):
            return None
        g = max(min(chain.big_e[j], chain.s[j + 1]) for chain, j in k)
        b = min(chain.s[j + 1] for chain, j in k)
        z = (g + b) // 2
        return z if g < b and z < y else None

    def move(self, x: int, z: int, p: str) -> None:
        for t in range(x, z):
            if self[t].point == "down":
                self.at[t] = self.at[t]._replace(point=worse(self[t].best, better(self[t].worst, p)))
        for t in range(z, x):
            if self[t].point != "unmeasured" and self[t].worst == "down":
                self.at[t] = self.at[t]._replace(point="down")


def resolution(evidence: Sequence[Result], config: Config, a: int, b: int) -> int | None:
    """B8."""
    lengths = [
        chain.big_e[j + 1] - chain.s[j]
        for chain in chains_of(evidence, config)
        for j in chain.pairs()
        if "down" not in chain.v[j : j + 2] and chain.s[j] < b and chain.s[j + 1] > a
    ]
    return max(lengths, default=None)


# B4


def asserted(t: int, triple: Triple, adjustments: Sequence[Mapping[str, Any]]) -> Triple:
    covering = [one for one in adjustments if one["kind"] == "assert" and one["from"] <= t < one["to"]]
    if not covering:
        return triple
    state = max(covering, key=lambda one: (one["at"], one["id"]))["state"]
    return Triple(state, state, state)


def effective(adjustments: Iterable[Mapping[str, Any]], known_at: int | None) -> list[Mapping[str, Any]]:
    """Without what is invalid, not known yet, or revoked by a revocation that is not itself revoked later."""
    known = [one for one in adjustments if one["by"] and one["reason"] and (known_at is None or one["at"] <= known_at)]

    def stands(one: Mapping[str, Any]) -> bool:
        against = [other for other in known if other["kind"] == "revoke" and other["target"] == one["id"]]
        if one["kind"] == "revoke":
            against = [other for other in against if (other["at"], other["id"]) > (one["at"], one["id"])]
        return not any(stands(other) for other in against)

    return [one for one in known if one["kind"] != "revoke" and stands(one)]


def class_of(t: int, maintenance: Iterable[Mapping[str, Any]], adjustments: Iterable[Mapping[str, Any]], notice: int) -> str:
    if any(one["kind"] == "exclude" and one["from"] <= t < one["to"] for one in adjustments):
        return "excluded"
    for one in maintenance:
        until = one["to"] if one.get("cancelled") is None else min(one["to"], one["cancelled"])
        if one["announced"] + notice <= one["from"] and one["from"] <= t < until:
            return "maintenance"
    return "counted"


# B5 to B7


class Terms(NamedTuple):
    target: Fraction = Fraction(9, 10)
    degraded: int = 0
    maintenance: str = "exclude"
    exclusion: str = "exclude"
    notice: int = 0

    def weight(self, state: str) -> int:
        return {"up": 0, "degraded": self.degraded, "down": 1000, "unmeasured": 0}[state]

    def treatment(self, of: str) -> str:
        return {"counted": "measured", "maintenance": self.maintenance, "excluded": self.exclusion}[of]


class Overlaid(NamedTuple):
    """What an instant is after B4, and how the contract treats it."""

    triple: Triple
    of: str
    treatment: str


class Sums(NamedTuple):
    n: int
    m: int
    excluded: int
    lo: int
    d: int
    hi: int


def sums(instants: Iterable[Overlaid], terms: Terms) -> Sums:
    n = m = excluded = lo = d = hi = 0
    for triple, _, treatment in instants:
        if treatment == "exclude":
            excluded += 1
        elif treatment == "up":
            n, m = n + 1, m + 1
        else:
            n += 1
            lo += terms.weight(triple.best)
            hi += terms.weight(triple.worst)
            if triple.point != "unmeasured":
                m += 1
                d += terms.weight(triple.point)
    return Sums(n, m, excluded, lo, d, hi)


class Standing(NamedTuple):
    verdict: str
    to_date: str
    left: tuple[int, int, int]
    """Remaining budget for D_hi, D, D_lo."""
    exhausted: int | None
    projected: int | None


def standing(
    at: Callable[[int], Overlaid], terms: Terms, period: tuple[int, int], asof: int, service_start: int | None, earliest: int
) -> Standing:
    """Before `earliest` nothing costs: that saves asking every instant of thirty days."""
    a, b = period
    now = min(max(asof, a), b)
    total = sums(map(at, range(a, now)), terms)
    budget = (1 - terms.target) * 1000 * (b - a - total.excluded)
    so_far = (1 - terms.target) * 1000 * total.n
    verdict = "missed" if total.lo > budget else "met" if total.hi + 1000 * (b - now) <= budget else "undecided"
    to_date = "undecided"
    if total.n:
        to_date = "missed" if total.lo > so_far else "met" if total.hi <= so_far else "undecided"
    spent, exhausted = 0, None
    for t in range(a, now):
        spent += sums([at(t)], terms).d
        if spent >= budget and spent > 0:
            # Within the microsecond: rounded up.
            exhausted = t + 1
            break
    w = now - 30 * DAY if service_start is None else max(now - 30 * DAY, service_start)
    recent = sums(map(at, range(max(w, earliest), now)), terms).d
    projected = None
    if budget - total.d > 0 and recent:
        projected = now + (budget - total.d) * (now - w) // recent
    left = tuple((budget - d) // 1000 for d in (total.hi, total.d, total.lo))
    return Standing(verdict, to_date, left, exhausted, projected if projected is not None and projected < b else None)  # type: ignore[arg-type]


# B9


def composed(tree: Any, members: Mapping[str, Triple]) -> Triple:
    """{"all": [..]} or {"need": k, "of": [..]} over names, at one instant."""
    best, worst = (_component(tree, {name: triple[which] for name, triple in members.items()}) for which in (1, 2))
    hopeful, doubtful = (
        _component(tree, {name: instead if one.point == "unmeasured" else one.point for name, one in members.items()})
        for instead in ("up", "down")
    )
    return Triple(hopeful if hopeful == doubtful else "unmeasured", best, worst)


def _component(tree: Any, states: Mapping[str, str]) -> str:
    if isinstance(tree, str):
        return states[tree]
    if "all" in tree:
        return worse(*(_component(one, states) for one in tree["all"]))
    ascending = sorted((_component(one, states) for one in tree["of"]), key=SEVERITY.__getitem__)
    return ascending[tree["need"] - 1]


# B10


def worst_window(instants: Sequence[tuple[int, Overlaid]], terms: Terms, w: int) -> tuple[int, int, int, int] | None:
    """Most downtime at best, for the point and at worst in w counted microseconds; where the point's worst begins first."""
    axis = [(t, one) for t, one in instants if one.treatment != "exclude"]
    starts = range(len(axis) - w + 1)
    if not axis or not starts:
        return None
    held = [sums((one for _, one in axis[x : x + w]), terms) for x in starts]
    most = max(one.d for one in held)
    first = next(x for x in starts if held[x].d == most)
    return max(one.lo for one in held), most, max(one.hi for one in held), axis[first][0]
