"""How long an outage was at the least and at the most, and what was not seen at all."""

from __future__ import annotations

from fractions import Fraction

from uptimed.domain.availability import account
from uptimed.domain.figures import Contract, Treatment
from uptimed.domain.ledger import Ledger
from uptimed.domain.outages import Lasted, confirmed_downs, lasted
from uptimed.domain.overlays import Adjustment, Maintenance, laid_over
from uptimed.domain.states import Segment, State
from uptimed.domain.worst import worst_windows

TRIPLES = {
    "u": (State.UP,) * 3,
    "d": (State.DOWN,) * 3,
    "?": (State.UNMEASURED, State.UP, State.DOWN),
    "/": (State.UP, State.UP, State.DOWN),
    "\\": (State.DOWN, State.UP, State.DOWN),
    "g": (State.DEGRADED,) * 3,
}


def timeline(drawn: str) -> list[Segment]:
    """A letter each ten microseconds: u up, d down, ? unmeasured, / and \\ up and down by the point, both doubtful, g degraded."""
    return [Segment(10 * at, 10 * at + 10, *TRIPLES[letter]) for at, letter in enumerate(drawn)]


def lengths(drawn: str) -> list[Lasted]:
    segments = timeline(drawn)
    return lasted(segments, confirmed_downs(segments))


def test_at_least_what_was_certain_and_at_most_all_around_it_that_may_have_been() -> None:
    assert lengths("uu/\\ddd\\/uu") == [Lasted(30, 70)]


def test_a_silence_beside_an_outage_may_have_been_part_of_it() -> None:
    assert lengths("u\\dd???u") == [Lasted(20, 60)]
    assert lengths("?dd") == [Lasted(20, 30)]


def test_an_unmeasured_silence_in_it_makes_it_longer_but_not_for_certain() -> None:
    assert lengths("udd??ddu") == [Lasted(40, 60)]


def test_of_two_that_one_good_look_parts_neither_counts_the_other() -> None:
    assert lengths("ud\\/\\du") == [Lasted(10, 30), Lasted(10, 30)]


def test_nothing_down_has_no_length() -> None:
    assert lengths("uu//g??u") == []


def test_blind_stretches_are_those_of_counted_time_joined_where_they_touch() -> None:
    contract = Contract(Fraction(99, 100), "99", maintenance=Treatment.MEASURED)
    laid = laid_over(
        timeline("u??u?u??u?"),
        (0, 100),
        maintenance=[Maintenance(10, 20, 0)],
        adjustments=[Adjustment("ADJ-1", 0, "bea", "why", "exclude", 60, 70)],
    )
    ledger = Ledger([(None, contract)], laid)

    assert ledger.blind(0, 100) == [(10, 30), (40, 50), (70, 80), (90, 100)]
    assert ledger.blind(15, 45) == [(15, 30), (40, 45)]
    assert sum(b - a for a, b in ledger.blind(0, 100)) == ledger.figures(0, 100).u_us


def test_a_worst_window_weighs_each_piece_by_the_contract_of_its_time() -> None:
    lenient, strict = Contract(Fraction(99, 100), "99"), Contract(Fraction(99, 100), "99", degraded_permille=500)
    ledger = Ledger([(None, lenient), (50, strict)], laid_over(timeline("ugggguuggu"), (0, 100)))

    (window,) = worst_windows(ledger.pieces, ledger.contract_at, [20])

    assert (window.d_ns, window.start_us) == (20 * 500, 70)
    assert account(timeline("ugggguuggu"), lenient, (0, 100), 100).figures.d_ns == 0
