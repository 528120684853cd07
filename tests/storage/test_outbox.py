"""The outbox: every message leaves, in order, once unless a crash fell between, and a crash shows."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import update

from tests.storage.builders import a_message
from uptimed.domain.messages import Delivery, GiveUp, Kind, Message, RetryLater, Sent
from uptimed.storage import outbox, tables
from uptimed.storage.database import Database
from uptimed.storage.outbox import Attempt

LEASE_US = 50


class Box:
    """The outbox with less to type."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, *messages: Message) -> None:
        await self._database.write(lambda conn: outbox.add(conn, messages))

    async def claim(self, now_us: int, limit: int = 10, skip: tuple[str, ...] = ()) -> list[Message]:
        return await self._database.write(lambda conn: outbox.claim(conn, now_us, LEASE_US, limit, skip_channels=skip))

    async def names(self, now_us: int, limit: int = 10) -> list[str]:
        return [message.id.split("/")[1] for message in await self.claim(now_us, limit)]

    async def settle(self, message: Message, outcome: Sent | RetryLater | GiveUp, now_us: int, again_us: int | None = None) -> bool:
        return await self._database.write(lambda conn: outbox.settle(conn, message.id, outcome, now_us, again_us))

    async def cancel(self, now_us: int, **how: object) -> int:
        return await self._database.write(lambda conn: outbox.cancel(conn, "INC-2026-0001", now_us, **how))

    async def get(self, message: Message) -> Message:
        found = await self._database.read(lambda conn: outbox.get(conn, message.id))
        assert found is not None
        return found

    async def attempts(self, message: Message) -> list[Attempt]:
        return await self._database.read(lambda conn: outbox.deliveries(conn, message.id))

    async def next_due_us(self) -> int | None:
        return await self._database.read(outbox.next_due_us)

    async def oldest_us(self, now_us: int) -> int | None:
        return await self._database.read(lambda conn: outbox.oldest_pending_us(conn, now_us))

    async def told(self) -> set[str]:
        return await self._database.read(lambda conn: outbox.sent_channels(conn, "INC-2026-0001"))


@pytest.fixture
def box(database: Database) -> Box:
    return Box(database)


async def test_a_claimed_message_is_the_one_that_was_added(box: Box):
    message = a_message(language="fr", payload={"title": "« Zoë »\0", "deep": [{"n": 1.5}]})
    await box.add(message)

    (claimed,) = await box.claim(100)

    assert (claimed.id, claimed.channel, claimed.kind, claimed.incident, claimed.payload, claimed.language) == (
        (message.id, message.channel, message.kind, message.incident, message.payload, message.language)
    )
    assert (claimed.state, claimed.attempts, claimed.lease_until_us, claimed.possible_repeat) == (Delivery.SENDING, 0, 150, False)


async def test_the_same_fact_told_twice_is_one_message(box: Box):
    await box.add(a_message(), a_message(language="fr"))
    await box.add(a_message(payload={}))

    assert [message.language for message in await box.claim(100)] == ["en"]


async def test_a_message_is_claimed_once_even_by_two_at_the_same_time(box: Box):
    await box.add(*(a_message(str(number), incident=None) for number in range(10)))

    batches = await asyncio.gather(*(box.claim(100, limit=3) for _ in range(6)))

    ids = [message.id for batch in batches for message in batch]
    assert len(ids) == len(set(ids)) == 10


async def test_a_message_is_not_claimed_before_it_is_due(box: Box):
    await box.add(a_message(due_at_us=200))

    assert await box.claim(199) == []
    assert await box.names(200) == ["opened"]


async def test_messages_of_one_incident_to_one_channel_leave_one_after_the_other(box: Box):
    """The second waits while the first is under way and while it is waiting for its next attempt."""
    opened, updated, resolved = a_message("opened"), a_message("updated", at_us=101), a_message("resolved", at_us=101)
    await box.add(opened, updated, resolved)

    assert await box.names(110) == ["opened"]
    assert await box.names(120) == []
    await box.settle(opened, RetryLater("busy"), 121, 140)
    assert await box.names(130) == []
    assert await box.names(140) == ["opened"]
    await box.settle(opened, Sent(), 141)
    assert await box.names(141) == ["updated"]
    await box.settle(updated, GiveUp("gone"), 142)
    assert await box.names(143) == ["resolved"]


async def test_an_escalation_that_is_due_later_holds_nothing_up(box: Box):
    await box.add(a_message("step-1", at_us=100, due_at_us=700), a_message("updated", at_us=200))

    assert await box.names(300) == ["updated"]


async def test_other_incidents_other_channels_and_messages_of_no_incident_do_not_wait(box: Box):
    await box.add(
        a_message("first"),
        a_message("elsewhere", channel="mail"),
        a_message("other", incident="INC-2026-0002"),
        a_message("test", incident=None),
        a_message("test-2", incident=None),
    )

    assert sorted(await box.names(100)) == ["elsewhere", "first", "other", "test", "test-2"]


async def test_channels_that_are_busy_can_be_left_out(box: Box):
    await box.add(a_message(), a_message(channel="mail"))

    assert [message.channel for message in await box.claim(100, skip=("hook", "pager"))] == ["mail"]


async def test_who_died_while_sending_leaves_a_possible_repeat_and_a_row_without_an_outcome(box: Box):
    message = a_message()
    await box.add(message)
    await box.claim(100)

    assert await box.claim(149) == []
    (again,) = await box.claim(150)
    await box.settle(again, Sent("202"), 151)

    assert (again.possible_repeat, again.attempts) == (True, 1)
    assert await box.attempts(message) == [Attempt(1, "hook", 100, None, None, ""), Attempt(2, "hook", 150, 151, "sent", "202")]


async def test_at_a_start_the_leases_of_the_dead_end_at_once(box: Box, database: Database):
    await box.add(a_message(), a_message(channel="mail", due_at_us=900))
    await box.claim(100)

    assert await database.write(lambda conn: outbox.reclaim(conn, 101)) == 1

    (again,) = await box.claim(101)
    assert again.possible_repeat


async def test_an_ordinary_retry_is_no_possible_repeat(box: Box):
    await box.add(a_message())
    (first,) = await box.claim(100)
    await box.settle(first, RetryLater("503"), 101, 110)

    (second,) = await box.claim(110)

    assert (second.possible_repeat, second.attempts, second.last_error) == (False, 1, "503")
    assert [(each.outcome, each.detail) for each in await box.attempts(second)] == [("retry", "503"), (None, "")]


async def test_who_settles_after_somebody_else_took_over_changes_nothing(box: Box):
    message = a_message()
    await box.add(message)
    await box.claim(100)
    await box.claim(150)
    assert await box.settle(message, Sent(), 151)

    assert not await box.settle(message, GiveUp("too late"), 152)
    assert not await box.settle(a_message("unknown"), Sent(), 152)
    assert ((await box.get(message)).state, (await box.get(message)).sent_at_us) == (Delivery.SENT, 151)


async def test_settling_to_retry_wants_an_instant(box: Box):
    with pytest.raises(ValueError, match="next_attempt_us"):
        await box.settle(a_message(), RetryLater("busy"), 1)


async def test_cancelling_takes_only_what_was_asked_for(box: Box):
    page, step, resolved = a_message("opened"), a_message("step", due_at_us=700), a_message("resolved", kind=Kind.INCIDENT_RESOLVED)
    await box.add(page, step, resolved, a_message("other", incident="INC-2026-0002"))

    assert await box.cancel(110, only_due_after_us=110) == 1
    assert await box.cancel(111, kinds=(Kind.INCIDENT_OPENED,)) == 1
    assert await box.cancel(112, kinds=(Kind.INCIDENT_OPENED,)) == 0

    assert [(await box.get(message)).state for message in (page, step)] == [Delivery.CANCELLED, Delivery.CANCELLED]
    assert sorted(await box.names(900)) == ["other", "resolved"]


async def test_cancelled_under_way_it_may_get_through_but_is_not_tried_again(box: Box):
    through, failing = a_message(channel="mail"), a_message()
    await box.add(through, failing)
    await box.claim(100)

    assert await box.cancel(110) == 2
    await box.settle(through, Sent(), 111)
    await box.settle(failing, RetryLater("busy"), 111, 120)

    assert [(await box.get(message)).state for message in (through, failing)] == [Delivery.SENT, Delivery.CANCELLED]


async def test_cancelled_under_way_by_one_who_died_it_is_not_sent_again_and_holds_nothing_up(box: Box):
    await box.add(a_message("opened"), a_message("resolved", at_us=120, kind=Kind.INCIDENT_RESOLVED))
    await box.claim(100)
    await box.cancel(110, kinds=(Kind.INCIDENT_OPENED,))

    assert await box.names(149) == []
    assert await box.names(150) == ["resolved"]


async def test_a_channel_knows_of_the_incident_once_its_opening_is_sent_or_under_way(box: Box):
    sent, under_way, pending = a_message(channel="mail"), a_message(channel="hook"), a_message(channel="pager", due_at_us=900)
    await box.add(sent, under_way, pending, a_message("updated", channel="sms", kind=Kind.INCIDENT_UPDATED))
    await box.claim(100)
    await box.settle(sent, Sent(), 101)

    assert await box.told() == {"mail", "hook"}


async def test_the_oldest_pending_is_the_oldest_that_is_due_and_unsettled(box: Box):
    await box.add(
        a_message("a", at_us=100), a_message("b", at_us=90, channel="mail"), a_message("c", due_at_us=50, channel="pager")
    )

    assert await box.oldest_us(49) is None
    assert await box.oldest_us(60) == 50
    (claimed,) = await box.claim(60)
    assert await box.oldest_us(200) == 50, "under way is not settled"
    await box.settle(claimed, Sent(), 61)
    assert await box.oldest_us(200) == 90


async def test_the_next_due_instant_is_when_a_claim_finds_something(box: Box):
    """A message that waits behind another must not wake the relay again and again."""
    first, second = a_message("first", at_us=100), a_message("second", at_us=101)
    assert await box.next_due_us() is None
    await box.add(first, second, a_message("step", due_at_us=700))

    assert await box.next_due_us() == 100
    await box.claim(100)
    assert await box.next_due_us() == 150, "when the lease runs out"
    await box.settle(first, RetryLater("busy"), 110, 400)
    assert await box.next_due_us() == 400
    await box.cancel(120)
    assert await box.next_due_us() is None


async def test_a_payload_that_cannot_be_read_stops_no_other_message(box: Box, database: Database):
    await box.add(a_message("bad"), a_message("good", channel="mail"))
    broken = update(tables.outbox).where(tables.outbox.c.channel == "hook").values(payload="{")
    await database.write(lambda conn: conn.execute(broken) and None)

    assert [(message.channel, message.payload == {}) for message in await box.claim(100)] == [("hook", True), ("mail", False)]


async def test_all_messages_of_an_incident_are_listed(box: Box, database: Database):
    await box.add(a_message("b", at_us=200), a_message("a"), a_message("x", incident="INC-2026-0002"))

    listed = await database.read(lambda conn: outbox.of_incident(conn, "INC-2026-0001"))

    assert [message.id.split("/")[1] for message in listed] == ["a", "b"]
