"""
A timeline with its sums: the figures of any window in two bisections (AVAILABILITY B13).

Behind every piece of time stands what all pieces up to its end add up to. So a year costs as much as an hour, and a late result
only what comes after it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import pairwise
from math import ceil

from uptimed.domain.figures import FULL, Contract, Figures, Treatment, added
from uptimed.domain.overlays import Class, Laid
from uptimed.domain.states import Segment, State

Terms = Sequence[tuple[int | None, Contract]]
"""What was promised from when on, oldest first; the first has no beginning."""

_UNKNOWN = (State.UNMEASURED, State.UP, State.DOWN)


class Ledger:
    """
    Pieces of laid time that follow one another, each under the contract in force. Time before and after them is unmeasured.

    Neighbours that say the same are one piece; a piece that spans a change of contract is cut there.
    """

    def __init__(self, terms: Terms, laid: Iterable[Laid] = ()) -> None:
        self.terms = tuple(terms)
        self.pieces: list[Laid] = []
        self._starts: list[int] = []
        self._sums: list[Figures] = [Figures()]
        """Before the first piece, and behind each."""
        self.rewrite(None, laid)

    @property
    def from_us(self) -> int | None:
        return self._starts[0] if self._starts else None

    @property
    def to_us(self) -> int | None:
        return self.pieces[-1].segment.to_us if self.pieces else None

    def rewrite(self, from_us: int | None, laid: Iterable[Laid]) -> None:
        """Put `laid`, which begins at `from_us`, in the place of all that is known from there on; None: of everything."""
        at = 0 if from_us is None else bisect_left(self._starts, from_us)
        del self.pieces[at:], self._starts[at:], self._sums[at + 1 :]
        if from_us is not None and self.pieces and self.pieces[-1].segment.to_us > from_us:
            last = self.pieces.pop()
            del self._starts[-1], self._sums[-1]
            self._add(last._replace(segment=last.segment._replace(to_us=from_us)))
        for one in laid:
            self._add(one)

    def figures(self, from_us: int, to_us: int) -> Figures:
        """B5 over [from_us, to_us)."""
        begin_us, end_us = self.from_us, self.to_us
        if begin_us is None or end_us is None or end_us <= from_us or to_us <= begin_us:
            return _blind(max(0, to_us - from_us))
        first_us, last_us = max(from_us, begin_us), min(to_us, end_us)
        known = self._up_to(last_us).minus(self._up_to(first_us))
        outside_us = to_us - from_us - (last_us - first_us)
        return known.plus(_blind(outside_us)) if outside_us else known

    def reached_at(self, downtime_ns: Fraction, from_us: int, to_us: int) -> int | None:
        """The first instant at which the downtime over [from_us, .) reaches so much, rounded up to the microsecond."""
        before = self._up_to(from_us).d_ns
        wanted = before + ceil(downtime_ns)
        at = bisect_left(self._sums, wanted, lo=1, key=lambda sums: sums.d_ns) - 1
        while at < len(self.pieces):
            segment, of, _ = self.pieces[at]
            weight = _weight(segment, of, self.contract_at(segment.from_us))
            if weight and segment.to_us > from_us:
                left = max(0, wanted - self._sums[at].d_ns)
                reached_us = max(from_us, segment.from_us + -(-left // weight))
                return reached_us if reached_us <= to_us else None
            at += 1
        return None

    def contract_at(self, at_us: int) -> Contract:
        found = self.terms[0][1]
        for from_us, contract in self.terms:
            if from_us is not None and from_us > at_us:
                break
            found = contract
        return found

    def terms_in(self, from_us: int, to_us: int) -> list[tuple[int, int, Contract]]:
        """The window, cut where the contract changes."""
        edges = [from_us, *(at for at, _ in self.terms if at is not None and from_us < at < to_us), to_us]
        return [(a, b, self.contract_at(a)) for a, b in pairwise(edges) if a < b]

    def between(self, from_us: int, to_us: int) -> list[Laid]:
        """The pieces in [from_us, to_us)."""
        first = max(0, bisect_right(self._starts, from_us) - 1)
        last = bisect_left(self._starts, to_us)
        return [
            Laid(segment._replace(from_us=max(segment.from_us, from_us), to_us=min(segment.to_us, to_us)), of, observed)
            for segment, of, observed in self.pieces[first:last]
            if segment.to_us > from_us
        ]

    def blind(self, from_us: int, to_us: int) -> list[tuple[int, int]]:
        """The stretches of counted time in the window that were not measured."""
        found: list[tuple[int, int]] = []
        for segment, of, _ in self.between(from_us, to_us):
            measured = segment.point is not State.UNMEASURED
            if measured or self.contract_at(segment.from_us).treatment(of) is not Treatment.MEASURED:
                continue
            if found and found[-1][1] == segment.from_us:
                found[-1] = found[-1][0], segment.to_us
            else:
                found.append((segment.from_us, segment.to_us))
        return found

    def _add(self, one: Laid) -> None:
        for a, b, contract in self.terms_in(one.segment.from_us, one.segment.to_us):
            if self._goes_on(one, a):
                a = self._starts.pop()  # noqa: PLW2901 - the piece before and this one are one
                del self.pieces[-1], self._sums[-1]
            piece = one._replace(segment=one.segment._replace(from_us=a, to_us=b))
            self.pieces.append(piece)
            self._starts.append(a)
            self._sums.append(added(self._sums[-1], piece, contract))

    def _goes_on(self, one: Laid, at_us: int) -> bool:
        """Whether it says the same as the piece before it, under the same contract."""
        if not self.pieces or any(at_us == from_us for from_us, _ in self.terms):
            return False
        (_, to_us, *triple), *rest = self.pieces[-1]
        return to_us == at_us and triple == list(one.segment[2:]) and rest == list(one[1:])

    def _up_to(self, at_us: int) -> Figures:
        """The sums from the beginning to `at_us`, which lies inside."""
        index = bisect_right(self._starts, at_us) - 1
        if index < 0:
            return Figures()
        segment, of, observed = self.pieces[index]
        if at_us >= segment.to_us:
            return self._sums[index + 1]
        if at_us == segment.from_us:
            return self._sums[index]
        part = Laid(segment._replace(to_us=at_us), of, observed)
        return added(self._sums[index], part, self.contract_at(segment.from_us))


def _weight(segment: Segment, of: Class, contract: Contract) -> int:
    """Permille of downtime that a microsecond of the piece is, for the point."""
    if contract.treatment(of) is not Treatment.MEASURED or segment.point is State.UNMEASURED:
        return 0
    return contract.weights[segment.point]


def _blind(length_us: int) -> Figures:
    return Figures(length_us=length_us, n_us=length_us, d_hi_ns=FULL * length_us, unmeasured_us=length_us)
