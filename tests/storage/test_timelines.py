"""Runs and segments: a change is written as the difference it is."""

from __future__ import annotations

from tests.storage.builders import a_run
from uptimed.domain.runs import Run
from uptimed.domain.states import Segment, State, Verdict
from uptimed.domain.timeline import Change
from uptimed.storage import timelines
from uptimed.storage.database import Database

CHECK = "sia/web/home"
UP, DOWN, UNMEASURED = State.UP, State.DOWN, State.UNMEASURED


def a_segment(from_us: int, to_us: int, state: State = UP) -> Segment:
    if state is UNMEASURED:
        return Segment(from_us, to_us, UNMEASURED, UP, DOWN)
    return Segment(from_us, to_us, state, state, state)


def a_change(*runs: Run, from_us: int | None = None, segments: tuple[Segment, ...] = (), **others: object) -> Change:
    return Change(
        **{"runs": runs, "truncated": (), "rewritten_from_us": from_us, "segments": segments, "only_edge": False, **others}
    )  # type: ignore[arg-type]


async def save(database: Database, *changes: Change, check: str = CHECK) -> tuple[list[Run], list[Segment]]:
    for change in changes:
        await database.write(lambda conn, change=change: timelines.save(conn, check, change, 0))
    return await database.read(lambda conn: timelines.load(conn, check))


async def test_what_was_saved_is_loaded_with_its_types(database: Database):
    bad = a_run(1, verdict=Verdict.DOWN, count=2)
    segments = (a_segment(0, 10), a_segment(10, 20, UNMEASURED), Segment(20, 30, State.DEGRADED, UP, DOWN))

    runs, loaded = await save(database, a_change(a_run(0), bad, from_us=0, segments=segments))

    assert runs == [a_run(0), bad]
    assert loaded == list(segments)
    assert isinstance(runs[1].verdict, Verdict)
    assert isinstance(loaded[0].point, State)


async def test_the_open_run_is_updated_in_place(database: Database):
    runs, _ = await save(database, a_change(a_run(0)), a_change(a_run(0, count=2)), a_change(a_run(0, count=3)))

    assert runs == [a_run(0, count=3)]


async def test_saving_the_same_change_twice_is_harmless(database: Database):
    change = a_change(a_run(0), from_us=0, segments=(a_segment(0, 10),))

    assert await save(database, change, change) == ([a_run(0)], [a_segment(0, 10)])


async def test_runs_that_were_cut_off_go_first_so_that_their_keys_are_free(database: Database):
    old = a_change(a_run(0), a_run(1, verdict=Verdict.DOWN), a_run(2))
    rebuilt = a_change(a_run(1, verdict=Verdict.DEGRADED), truncated=tuple(run_key(a_run(position)) for position in (1, 2)))

    runs, _ = await save(database, old, rebuilt)

    assert runs == [a_run(0), a_run(1, verdict=Verdict.DEGRADED)]


async def test_segments_are_replaced_from_the_rewritten_instant_and_none_before(database: Database):
    first = a_change(from_us=0, segments=(a_segment(0, 10), a_segment(10, 20, UNMEASURED), a_segment(20, 30)))
    second = a_change(from_us=10, segments=(a_segment(10, 25, DOWN), a_segment(25, 40)))

    _, segments = await save(database, first, second)

    assert segments == [a_segment(0, 10), a_segment(10, 25, DOWN), a_segment(25, 40)]


async def test_a_moving_live_edge_is_not_written(database: Database):
    _, segments = await save(
        database,
        a_change(a_run(0), from_us=0, segments=(a_segment(0, 10),)),
        a_change(a_run(0, count=2), from_us=0, segments=(a_segment(0, 20),), only_edge=True),
    )

    assert segments == [a_segment(0, 10)]


async def test_checks_do_not_see_each_other(database: Database):
    await save(database, a_change(a_run(0), from_us=0, segments=(a_segment(0, 10),)), check="sia/web/other")

    assert await save(database, a_change(from_us=0)) == ([], [])


def run_key(run: Run) -> tuple[str, int, int, int]:
    return run.location, run.epoch, run.chain_us, run.position
