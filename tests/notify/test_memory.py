"""The outbox in memory keeps the order and the due times of the one in the database."""

from __future__ import annotations

from collections.abc import Sequence

from tests.notify.builders import NOON, SECOND, a_message
from uptimed.domain.messages import Kind, Message
from uptimed.notify.memory import LIMIT, Memory


def opened(**changed: object):
    return a_message("opened/0", **changed)  # type: ignore[arg-type]


def resolved(at_us: int = NOON + SECOND):
    return a_message("resolved", kind=Kind.INCIDENT_RESOLVED, at_us=at_us)


def ids(messages: Sequence[Message]) -> list[str]:
    return [one.id for one in messages]


def test_a_message_waits_for_its_due_instant():
    memory = Memory()
    memory.add([a_message(due_at_us=NOON + 60 * SECOND)])
    assert memory.due(NOON, ()) == []
    assert memory.next_due_us() == NOON + 60 * SECOND
    assert len(memory.due(NOON + 60 * SECOND, ())) == 1


def test_messages_of_one_incident_to_one_channel_leave_one_after_the_other():
    memory = Memory()
    first, second = opened(), resolved()
    memory.add([second, first])
    assert ids(memory.due(NOON + SECOND, ())) == [first.id]
    assert memory.due(NOON + SECOND, {first.id}) == []
    memory.forget(first.id)
    assert ids(memory.due(NOON + SECOND, ())) == [second.id]


def test_a_later_message_waits_behind_one_that_waits_for_its_next_attempt():
    memory = Memory()
    first, second = opened(), resolved()
    memory.add([first, second])
    memory.later(first, NOON + 30 * SECOND)
    assert memory.due(NOON + 2 * SECOND, ()) == []
    assert ids(memory.due(NOON + 30 * SECOND, ())) == [first.id]


def test_other_channels_and_other_incidents_do_not_wait():
    memory = Memory()
    memory.add([opened(), opened(channel="mail"), opened(incident="INC-2026-0002")])
    assert len(memory.due(NOON, ())) == 3


def test_a_message_offered_again_is_the_same_message():
    memory = Memory()
    memory.add([opened()])
    memory.later(opened(), NOON + 5 * SECOND)
    memory.add([opened()])
    assert len(memory) == 1
    assert memory.next_due_us() == NOON + 5 * SECOND


def test_each_failed_attempt_is_counted():
    memory = Memory()
    memory.add([opened()])
    memory.later(memory.due(NOON, ())[0], NOON)
    assert memory.due(NOON, ())[0].attempts == 1


def test_an_acknowledged_incident_calls_nobody_even_if_its_calls_are_offered_again():
    memory = Memory()
    call, news = a_message("opened/1", due_at_us=NOON + 600 * SECOND), resolved()
    memory.add([call, news])
    memory.withdraw("INC-2026-0001", ())
    memory.add([call])
    assert ids(memory.due(NOON + 900 * SECOND, ())) == [news.id]


def test_memory_is_bounded():
    memory = Memory()
    memory.add([opened(incident=f"INC-2026-{number:05}") for number in range(LIMIT + 10)])
    assert len(memory) == LIMIT


def test_the_oldest_due_message_is_known():
    memory = Memory()
    assert memory.oldest_us(NOON) is None
    memory.add([opened(incident="INC-2026-0002", at_us=NOON - 5), opened(at_us=NOON + 5)])
    assert memory.oldest_us(NOON) == NOON - 5
