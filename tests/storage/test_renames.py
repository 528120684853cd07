"""A new name: what is derived moves with it, the evidence is found under both."""

from __future__ import annotations

from tests.storage.builders import START, a_catalogue, a_result, a_run
from uptimed.domain.contract import ContractVersion
from uptimed.domain.overlays import Adjustment
from uptimed.domain.timeline import Change
from uptimed.storage import adjustments, catalogue, contracts, renames, results, timelines
from uptimed.storage.database import Database

HOME, FRONT, DOOR = "sia/web/home", "sia/web/front", "sia/web/door"


def known(conn, *, name: str = "home") -> None:
    catalogue.record(conn, a_catalogue(name), 100)
    contracts.record(conn, ContractVersion.of(a_catalogue(name), 100))


async def test_runs_and_first_instant_go_to_the_new_name_and_results_are_found_under_both(database: Database):
    def work(conn):
        known(conn)
        results.add(conn, [a_result(1)])
        timelines.save(conn, HOME, Change((a_run(),)), 100)
        renames.apply(conn, {HOME: FRONT}, 200)
        results.add(conn, [a_result(2, check=FRONT)])
        return (
            timelines.load(conn, FRONT)[0],
            timelines.load(conn, HOME)[0],
            catalogue.first_seen(conn).checks,
            [one.id for one in results.evidence(conn, FRONT, START, START + 10**9)],
        )

    moved, left, seen, found = await database.write(work)

    assert (moved, left) == ([a_run()], [])
    assert seen == {FRONT: 100}
    assert found == [a_result(1).id, a_result(2, check=FRONT).id]


async def test_a_contract_of_old_speaks_of_the_new_name_and_keeps_its_words(database: Database):
    def work(conn):
        known(conn)
        before = contracts.load(conn)
        renames.apply(conn, {HOME: FRONT}, 200)
        return before.newest.digest, contracts.load(conn), contracts.record(conn, ContractVersion.of(a_catalogue("front"), 200))

    digest, after, renewed = await database.write(work)

    assert after.check_ids() == [FRONT]
    assert digest == ContractVersion.of(a_catalogue("home"), 100).digest
    assert renewed.policy_of(FRONT).changes_us == []


async def test_a_name_that_changes_again_leads_from_both_of_old(database: Database):
    def work(conn):
        known(conn)
        renames.apply(conn, {HOME: FRONT}, 200)
        renames.apply(conn, {FRONT: DOOR}, 300)
        return renames.load(conn), renames.former_names(conn, DOOR)

    assert await database.write(work) == ({HOME: DOOR, FRONT: DOOR}, [FRONT, HOME])


async def test_a_rename_that_is_done_is_not_done_again(database: Database):
    def work(conn):
        known(conn)
        return [renames.apply(conn, {HOME: FRONT}, at_us) for at_us in (200, 300)]

    assert await database.write(work) == [{HOME: FRONT}, {}]


async def test_what_has_a_record_of_its_own_does_not_take_over_another(database: Database):
    def work(conn):
        catalogue.record(conn, a_catalogue("home", "front"), 100)
        return renames.apply(conn, {HOME: FRONT}, 200)

    assert await database.write(work) == {}


async def test_what_was_set_aside_of_a_component_follows_it(database: Database):
    def work(conn):
        known(conn)
        adjustments.add(conn, Adjustment("ADJ-1", 1, "bea", "theirs", "exclude", 10, 20, scope="sia/web"))
        renames.apply(conn, {"sia/web": "sia/site"}, 200)
        return adjustments.load(conn)

    assert [one.scope for one in await database.write(work)] == ["sia/site"]
