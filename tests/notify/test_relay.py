"""The relay over a real database of either kind: order, retries, leases, a hanging channel, the database away, a stop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from tests.notify.builders import NOON, SECOND, HandClock, Recorder, a_message, until
from tests.notify.conftest import StartRelay, Switch
from tests.postgres import PostgresServer
from uptimed.domain.messages import Delivery, GiveUp, Kind, Message, RetryLater, SendOutcome, Sent
from uptimed.notify.relay import Relay
from uptimed.storage import outbox
from uptimed.storage.database import Database
from uptimed.storage.errors import StorageAway


async def settled(database: Switch, message: Message) -> Message:
    async with asyncio.timeout(10):
        while (row := await database.get(message)).state in {Delivery.PENDING, Delivery.SENDING}:
            await asyncio.sleep(0.01)
    return row


async def retried(database: Switch, message: Message) -> Message:
    """Its row, once a failed attempt has been noted."""
    async with asyncio.timeout(10):
        while not (row := await database.get(message)).last_error:
            await asyncio.sleep(0.01)
    return row


async def test_a_row_is_sent_and_noted_with_what_the_receiver_said(database: Switch, start_relay: StartRelay):
    hook = Recorder(answer=lambda _message, _attempt: Sent("answered 204"))
    relay = await start_relay({"hook": hook})
    await database.add(a_message())
    relay.wake()
    row = await settled(database, a_message())
    assert row.state is Delivery.SENT
    assert row.sent_at_us == NOON
    assert [(one.outcome, one.detail) for one in await database.attempts(a_message())] == [("sent", "answered 204")]
    assert [(message.id, message.possible_repeat, attempt) for message, attempt in hook.seen] == [(a_message().id, False, 1)]


async def test_a_row_that_was_there_before_the_start_is_sent_without_a_wake(database: Switch, start_relay: StartRelay):
    await database.add(a_message())
    await start_relay({"hook": Recorder()})
    assert (await settled(database, a_message())).state is Delivery.SENT


async def test_a_failed_attempt_is_tried_again_when_its_time_has_come(database: Switch, start_relay: StartRelay, clock: HandClock):
    hook = Recorder(answer=lambda _message, attempt: RetryLater("answered 503", 90.0) if attempt == 1 else Sent())
    relay = await start_relay({"hook": hook})
    await database.add(a_message())
    relay.wake()
    waiting = await retried(database, a_message())
    assert waiting.state is Delivery.PENDING
    assert waiting.last_error == "answered 503"
    assert waiting.next_attempt_us == NOON + 90 * SECOND
    clock.pass_by(91)
    relay.wake()
    assert (await settled(database, a_message())).state is Delivery.SENT
    assert [attempt for _, attempt in hook.seen] == [1, 2]


async def test_what_is_given_up_is_visible_and_not_tried_again(
    database: Switch, start_relay: StartRelay, clock: HandClock, caplog: pytest.LogCaptureFixture
):
    hook = Recorder(answer=lambda _message, _attempt: GiveUp("answered 410 Gone"))
    relay = await start_relay({"hook": hook})
    with caplog.at_level(logging.ERROR):
        await database.add(a_message())
        relay.wake()
        row = await settled(database, a_message())
    assert row.state is Delivery.GIVEN_UP
    assert row.last_error == "answered 410 Gone"
    assert "alert given up" in caplog.text
    clock.pass_by(3_600)
    relay.wake()
    await asyncio.sleep(0.05)
    assert len(hook.seen) == 1


async def test_every_outcome_is_counted(database: Switch, clock: HandClock):
    counted: list[tuple[str, str]] = []
    answers = {"a": Sent(), "b": RetryLater("later"), "c": GiveUp("never")}
    channels = {name: Recorder(name, answer=lambda message, _attempt: answers[message.channel]) for name in answers}
    relay = Relay(database, channels, clock, on_outcome=lambda channel, outcome: counted.append((channel, outcome)))  # type: ignore[arg-type]
    await database.add(*[a_message(channel=name) for name in answers])
    task = asyncio.create_task(relay.run())
    await until(lambda: len(counted) == 3)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    assert sorted(counted) == [("a", "sent"), ("b", "retry"), ("c", "gave_up")]


async def test_messages_of_one_incident_leave_in_order_also_when_the_first_must_be_repeated(
    database: Switch, start_relay: StartRelay, clock: HandClock
):
    opened = a_message("opened/0")
    resolved = a_message("resolved", kind=Kind.INCIDENT_RESOLVED, at_us=NOON + SECOND)
    hook = Recorder(
        answer=lambda message, attempt: (
            RetryLater("x") if message == opened or (attempt == 1 and "opened" in message.id) else Sent()
        )
    )
    clock.pass_by(1)
    relay = await start_relay({"hook": hook})
    await database.add(opened, resolved)
    relay.wake()
    await retried(database, opened)
    assert hook.ids == [opened.id]
    clock.pass_by(2)
    relay.wake()
    await settled(database, resolved)
    assert hook.ids == [opened.id, opened.id, resolved.id]


async def test_a_channel_that_hangs_delays_no_other(database: Switch, start_relay: StartRelay):
    """Two hundred messages wait for the hanging one, older than those of the ten others."""
    shut = asyncio.Event()
    hanging = Recorder("hanging", timeout_s=600, gate=shut)
    others = {f"hook-{number}": Recorder(f"hook-{number}") for number in range(10)}
    stuck = [a_message(channel="hanging", incident=f"INC-2026-{number:04}", at_us=NOON - SECOND) for number in range(200)]
    await database.add(*stuck)
    relay = await start_relay({"hanging": hanging, **others})
    await until(lambda: len(hanging.seen) >= 4)
    await database.add(*[a_message(channel=name) for name in others])
    relay.wake()
    await until(lambda: all(channel.seen for channel in others.values()))
    assert len(hanging.seen) == 4
    shut.set()


async def test_a_send_that_never_ends_is_cut_at_its_deadline(database: Switch, start_relay: StartRelay):
    relay = await start_relay({"hook": Recorder(timeout_s=0.05, gate=asyncio.Event())})
    await database.add(a_message())
    relay.wake()
    assert (await retried(database, a_message())).last_error == "no answer from the receiver within 0.05 s"


async def test_a_row_that_cannot_be_read_stops_nobody(database: Switch, start_relay: StartRelay):
    broken, whole = a_message(incident="INC-2026-0001"), a_message(incident="INC-2026-0002")
    await database.add(broken, whole)
    await database.write(
        lambda connection: connection.execute(text("UPDATE outbox SET payload = '{\"incident' WHERE id = :id"), {"id": broken.id})
    )
    await start_relay({"hook": Recorder()})
    assert (await settled(database, whole)).state is Delivery.SENT
    assert (await settled(database, broken)).state is not Delivery.PENDING


async def test_a_message_on_which_our_own_code_fails_is_set_aside_and_stops_nobody(
    database: Switch, start_relay: StartRelay, clock: HandClock
):
    def poisoned(message: Message, attempt: int) -> SendOutcome:
        if message.incident == "INC-2026-0001":
            raise ZeroDivisionError("https://hooks.example.com/secret-token")
        return Sent()

    poison, whole = a_message(incident="INC-2026-0001"), a_message(incident="INC-2026-0002")
    relay = await start_relay({"hook": Recorder(answer=poisoned)})
    await database.add(poison, whole)
    relay.wake()
    assert (await settled(database, whole)).state is Delivery.SENT
    for _ in range(6):
        await retried(database, poison)
        clock.pass_by(300)
        relay.wake()
        await asyncio.sleep(0.05)
    row = await settled(database, poison)
    assert row.state is Delivery.GIVEN_UP
    assert "ZeroDivisionError at test_relay.py" in row.last_error
    assert "secret-token" not in row.last_error


async def test_a_row_for_a_channel_that_left_the_configuration_is_given_up(database: Switch, start_relay: StartRelay):
    relay = await start_relay({})
    await database.add(a_message(channel="pager"))
    relay.wake()
    row = await settled(database, a_message(channel="pager"))
    assert row.state is Delivery.GIVEN_UP
    assert row.last_error.startswith("there is no channel pager in the configuration any more")


async def test_after_a_reload_rows_leave_through_the_new_channel(database: Switch, start_relay: StartRelay, clock: HandClock):
    old, new = Recorder(answer=lambda _message, _attempt: RetryLater("old")), Recorder()
    relay = await start_relay({"hook": old})
    await database.add(a_message())
    relay.wake()
    await retried(database, a_message())
    relay.replace_channels({"hook": new})
    clock.pass_by(5)
    relay.wake()
    assert (await settled(database, a_message())).state is Delivery.SENT
    assert (len(old.seen), len(new.seen)) == (1, 1)


async def test_a_row_left_in_flight_by_a_dead_process_is_sent_at_once_and_marked(database: Switch, start_relay: StartRelay):
    await database.add(a_message())
    await database.write(lambda connection: outbox.claim(connection, NOON, 3_600 * SECOND, 10))
    hook = Recorder()
    await start_relay({"hook": hook})
    row = await settled(database, a_message())
    assert row.possible_repeat
    assert [(message.possible_repeat, attempt) for message, attempt in hook.seen] == [(True, 2)]


async def test_the_age_of_the_oldest_waiting_message_is_known(database: Switch, start_relay: StartRelay, clock: HandClock):
    hook = Recorder(gate=asyncio.Event())
    relay = await start_relay({"hook": hook})
    assert relay.oldest_pending_us() is None
    await database.add(a_message())
    clock.pass_by(5)
    relay.wake()
    await until(lambda: relay.oldest_pending_us() == NOON)
    assert hook.gate is not None
    hook.gate.set()
    await until(lambda: relay.oldest_pending_us() is None)


# The database away


async def test_with_the_database_away_alerts_leave_from_memory(database: Switch, start_relay: StartRelay):
    hook = Recorder()
    database.away = True
    relay = await start_relay({"hook": hook})
    relay.offer([a_message()])
    await until(lambda: len(hook.seen) == 1)


async def test_what_left_from_memory_is_noted_and_not_sent_again_when_its_row_appears(database: Switch, start_relay: StartRelay):
    hook = Recorder(answer=lambda _message, _attempt: Sent("answered 200"))
    database.away = True
    relay = await start_relay({"hook": hook})
    relay.offer([a_message()])
    relay.offer([a_message()])
    await until(lambda: len(hook.seen) == 1)
    relay.offer([a_message()])
    database.away = False
    await database.add(a_message())
    relay.wake()
    assert (await settled(database, a_message())).state is Delivery.SENT
    assert len(hook.seen) == 1


async def test_what_left_from_memory_is_noted_as_sent_although_it_was_cancelled_before_its_row_appeared(
    database: Switch, start_relay: StartRelay
):
    """The incident ended while the disk was full: its row came with the cancellation of what had not left by then."""
    hook = Recorder(answer=lambda _message, _attempt: Sent("answered 200"))
    database.away = True
    relay = await start_relay({"hook": hook})
    relay.offer([a_message()])
    await until(lambda: len(hook.seen) == 1)
    database.away = False

    def written(connection: Connection) -> None:
        outbox.add(connection, [a_message()])
        outbox.cancel(connection, "INC-2026-0001", NOON, kinds=(Kind.INCIDENT_OPENED,))

    await database.write(written)
    relay.wake()
    async with asyncio.timeout(10):
        while (row := await database.get(a_message())).state is not Delivery.SENT:
            await asyncio.sleep(0.01)
    assert row.sent_at_us == NOON
    assert [(one.attempt, one.outcome, one.detail) for one in await database.attempts(a_message())] == [(1, "sent", "answered 200")]
    assert len(hook.seen) == 1


async def test_a_row_that_appears_while_memory_sends_it_is_noted_when_that_ends(database: Switch, start_relay: StartRelay):
    shut = asyncio.Event()
    hook = Recorder(gate=shut)
    relay = await start_relay({"hook": hook})
    relay.offer([a_message()])
    await until(lambda: len(hook.seen) == 1)
    await database.add(a_message())
    relay.wake()
    async with asyncio.timeout(10):
        while (await database.get(a_message())).state is Delivery.PENDING:
            await asyncio.sleep(0.01)
    shut.set()
    assert (await settled(database, a_message())).state is Delivery.SENT
    assert len(hook.seen) == 1


async def test_a_failed_attempt_from_memory_goes_on_from_the_row(database: Switch, start_relay: StartRelay, clock: HandClock):
    hook = Recorder(answer=lambda _message, _attempt: RetryLater("answered 503") if len(hook.seen) == 1 else Sent())
    database.away = True
    relay = await start_relay({"hook": hook})
    relay.offer([a_message()])
    await until(lambda: len(hook.seen) == 1)
    database.away = False
    await database.add(a_message())
    relay.wake()
    assert (await settled(database, a_message())).state is Delivery.SENT
    clock.pass_by(600)
    relay.wake()
    await asyncio.sleep(0.1)
    assert len(hook.seen) == 2


async def test_a_claimed_message_is_tried_again_although_the_database_went_away(
    database: Switch, start_relay: StartRelay, clock: HandClock
):
    def answer(_message: Message, _attempt: int) -> SendOutcome:
        database.away = True
        return RetryLater("answered 503") if len(hook.seen) == 1 else Sent()

    hook = Recorder(answer=answer)
    relay = await start_relay({"hook": hook})
    await database.add(a_message())
    relay.wake()
    await until(lambda: len(hook.seen) == 1)
    await asyncio.sleep(0.1)
    clock.pass_by(5)
    relay.wake()
    await until(lambda: len(hook.seen) == 2)
    database.away = False
    clock.pass_by(5)
    relay.wake()
    assert (await settled(database, a_message())).state is Delivery.SENT
    assert len(hook.seen) == 2


async def test_what_was_sent_before_the_database_went_away_is_noted_when_it_is_back(database: Switch, start_relay: StartRelay):
    def answer(_message: Message, _attempt: int) -> SendOutcome:
        database.away = True
        return Sent()

    hook = Recorder(answer=answer)
    relay = await start_relay({"hook": hook})
    await database.add(a_message())
    relay.wake()
    await until(lambda: len(hook.seen) == 1)
    await asyncio.sleep(0.1)
    database.away = False
    relay.wake()
    assert (await settled(database, a_message())).state is Delivery.SENT
    assert len(hook.seen) == 1


async def test_an_escalation_in_memory_waits_for_its_step_and_ends_with_the_acknowledgement(
    database: Switch, start_relay: StartRelay, clock: HandClock
):
    hook = Recorder()
    database.away = True
    relay = await start_relay({"hook": hook})
    first, second = a_message("opened/0"), a_message("opened/1", due_at_us=NOON + 600 * SECOND)
    relay.offer([first, second])
    await until(lambda: hook.ids == [first.id])
    relay.withdraw("INC-2026-0001")
    relay.offer([first, second])
    clock.pass_by(700)
    relay.wake()
    await asyncio.sleep(0.1)
    assert hook.ids == [first.id]


async def test_the_trouble_is_said_once_and_not_every_second(
    database: Switch, start_relay: StartRelay, caplog: pytest.LogCaptureFixture
):
    database.away = True
    relay = await start_relay({"hook": Recorder()})
    for _ in range(5):
        relay.wake()
        await asyncio.sleep(0.02)
    assert caplog.text.count("the outbox cannot be reached") == 1


@pytest.mark.postgres
async def test_an_alert_leaves_while_postgresql_is_stopped_and_is_noted_once_it_is_back(
    postgres_server: PostgresServer, tmp_path: Path, clock: HandClock
):
    """The engine offers it and later writes its row, as it does with whatever it could not write."""
    database = Switch(await Database.open(await asyncio.to_thread(postgres_server.new_database), data=tmp_path))
    hook = Recorder()
    relay = Relay(database, {"hook": hook}, clock)  # type: ignore[arg-type]
    task = asyncio.create_task(relay.run())
    await asyncio.to_thread(postgres_server.stop)
    try:
        with pytest.raises(StorageAway):
            await database.add(a_message())
        relay.offer([a_message()])
        await until(lambda: len(hook.seen) == 1)
    finally:
        await asyncio.to_thread(postgres_server.start)
    await database.add(a_message())
    relay.wake()
    assert (await settled(database, a_message())).state is Delivery.SENT
    assert len(hook.seen) == 1
    task.cancel()
    await asyncio.wait([task])
    await database.database.close()


# Stopping


async def test_a_stop_lets_a_send_under_way_end_and_notes_it(database: Switch, clock: HandClock):
    shut = asyncio.Event()
    hook = Recorder(gate=shut)
    relay = Relay(database, {"hook": hook}, clock)  # type: ignore[arg-type]
    task = asyncio.create_task(relay.run())
    await database.add(a_message())
    relay.wake()
    await until(lambda: len(hook.seen) == 1)
    task.cancel()
    asyncio.get_running_loop().call_later(0.1, shut.set)
    with contextlib.suppress(asyncio.CancelledError):
        await task
    assert (await database.get(a_message())).state is Delivery.SENT


async def test_a_stop_notes_what_left_from_memory_so_that_the_next_start_does_not_send_it_again(database: Switch, clock: HandClock):
    hook = Recorder()
    relay = Relay(database, {"hook": hook}, clock)  # type: ignore[arg-type]
    task = asyncio.create_task(relay.run())
    database.away = True
    relay.offer([a_message()])
    await until(lambda: len(hook.seen) == 1)
    database.away = False
    await database.add(a_message())
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    assert (await database.get(a_message())).state is Delivery.SENT


async def test_a_stop_does_not_wait_for_a_channel_that_hangs(database: Switch, clock: HandClock, start_relay: StartRelay):
    hanging = Recorder(timeout_s=600, gate=asyncio.Event())
    relay = Relay(database, {"hook": hanging}, clock)  # type: ignore[arg-type]
    task = asyncio.create_task(relay.run())
    await database.add(a_message())
    relay.wake()
    await until(lambda: len(hanging.seen) == 1)
    task.cancel()
    async with asyncio.timeout(10):
        with contextlib.suppress(asyncio.CancelledError):
            await task
    hook = Recorder()
    await start_relay({"hook": hook})
    await settled(database, a_message())
    assert [message.possible_repeat for message, _ in hook.seen] == [True]
