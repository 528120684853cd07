"""The simulated year of `make bench-availability`: what it takes short is not told wrong, and what uptimed says of it is true."""

from __future__ import annotations

import random

import pytest

from tests.benchmarks.availability_year import PLACES, broken, told
from tests.benchmarks.year_probes import Place, Probing, place_of
from tests.benchmarks.year_truth import DAY_US, KINDS, YEAR_US, Kind, Outage, S, Year, a_year, counted
from uptimed.domain.runs import Run

HOUR_US = 3600 * S


@pytest.mark.parametrize("kind", KINDS, ids=[kind.name for kind in KINDS])
def test_a_year_is_never_called_wrongly_and_its_truth_lies_within_the_bounds(kind: Kind) -> None:
    for seed in range(4):
        assert broken(kind, told(seed, kind)) == 0


def test_the_years_hold_what_they_are_for() -> None:
    years = [a_year(seed, PLACES, KINDS[1]) for seed in range(10)]
    lengths_us = [one.to_us - one.from_us for year in years for one in year.outages]
    assert min(lengths_us) < 8 * S
    assert max(lengths_us) > 1800 * S
    assert any(len(year.outages) > 100 for year in years)
    assert {year.down_us < YEAR_US / 10_000 for year in years} == {True, False}
    assert all(
        before.to_us < after.from_us for year in years for before, after in zip(year.outages, year.outages[1:], strict=False)
    )


def test_a_quiet_stretch_passed_at_once_is_recorded_as_check_by_check() -> None:
    """Two days with two blind spells, one of which ends just after the stretch begins."""
    blind = ((0, 10 * S), (DAY_US, DAY_US + HOUR_US), (DAY_US + HOUR_US // 2, DAY_US + 2 * HOUR_US))
    year = Year(7, (), {"a": blind})
    at_once, one_by_one = (place_of(year, 0, Probing("a", 19, 9), random.Random(1)) for _ in range(2))
    for worker in (at_once, one_by_one):
        worker.spurious_us.clear()

    at_once.pass_quietly(2 * DAY_US)
    step_by_step(one_by_one, 2 * DAY_US)

    assert [told_by(run) for run in at_once.runs] == [told_by(run) for run in one_by_one.runs]
    assert len(at_once.runs) == 2
    assert at_once.next_us() == one_by_one.next_us()
    assert at_once.runs[0].count == pytest.approx(DAY_US / S / 19, abs=2)


def step_by_step(worker: Place, until_us: int) -> None:
    chance = random.Random(2)
    while (now_us := worker.next_us()) < until_us or worker.running is not None:
        if worker.running is None:
            worker.begin(now_us, chance)
        else:
            worker.finish()


def told_by(run: Run) -> tuple[object, ...]:
    """All but the ends: good checks take a time of their own."""
    return run.verdict, run.chain_us, run.first_start_us, run.last_start_us, run.count


def test_samples_are_counted_where_they_fall() -> None:
    year = Year(3, (Outage(HOUR_US, 2 * HOUR_US, hangs=False),), {"a": ((HOUR_US + 1800 * S, 3 * HOUR_US),)})
    samples = counted(year, "a", 60 * S)
    assert samples.of == 365 * 24 * 60 - 90
    assert 30 <= samples.of - samples.good <= 60  # half an hour of the outage, and what fails for nothing
