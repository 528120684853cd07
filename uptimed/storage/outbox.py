"""
Messages on their way: written with the fact they tell, claimed by a guarded UPDATE, settled with the outcome.

    pending --claim--> sending --settle--> sent | given_up | pending (again, later)
       \\--cancel--> cancelled <--settle-- (cancelled meanwhile, and it did not get through)

A claim holds for a lease. Whose lease ran out has died between sending and noting it: the message is claimed again and marked as a
possible repeat. Every attempt is a row of `deliveries`, written with the claim, so that a crash shows too.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    Text,
    Update,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal_column,
    not_,
    or_,
    select,
    tuple_,
    update,
)

from uptimed.domain.messages import Delivery, GiveUp, Kind, Message, RetryLater, SendOutcome, Sent
from uptimed.storage import tables
from uptimed.storage.statements import clean, from_json, insert_new, plain_insert, prepared, to_json

_o = tables.outbox.c
_d = tables.deliveries.c
# Written out and not bound: only so does SQLite find its index of these few rows among all that were ever sent.
_UNSETTLED = tuple(literal_column(f"'{one.value}'", Text) for one in (Delivery.PENDING, Delivery.SENDING))


@dataclass(frozen=True)
class Attempt:
    """One row of `deliveries`."""

    attempt: int
    channel: str
    claimed_at_us: int
    settled_at_us: int | None
    outcome: str | None
    """sent | retry | gave_up; None when the process died before it could note it."""
    detail: str


def add(conn: Connection, messages: Sequence[Message]) -> None:
    """A message whose id is already there is left as it is: the same fact told twice is one message."""
    if messages:
        _ADD.run(conn, [tuple(_row(message).values()) for message in messages])


def claim(conn: Connection, now_us: int, lease_us: int, limit: int, *, skip_channels: Collection[str] = ()) -> list[Message]:
    """
    Take up to `limit` messages that are due, for `lease_us`; `attempts` of each is the number of attempts before this one.

    Messages of one incident to one channel leave one after the other, by due instant, then by creation: a later one waits while an
    earlier is unsettled. A row whose payload cannot be read comes with an empty one, so that it is given up alone.
    """
    _DROP_CANCELLED.ask(conn, now_us=now_us)
    values = {"now_us": now_us, "until_us": now_us + lease_us, "most": limit}
    found = conn.execute(_claiming(skip_channels), values) if skip_channels else _CLAIM.ask(conn, **values)
    claimed = found.all()
    if claimed:
        _START.run(conn, [(row.id, row.attempts, row.channel, now_us, None, None, "") for row in claimed])
    return [_message(row, attempts=row.attempts - 1) for row in sorted(claimed, key=lambda row: (row.due_at_us, row.position))]


def reclaim(conn: Connection, now_us: int) -> int:
    """
    End every lease now. Only at start, under the data lock: whoever held them is dead, and waiting would only delay the messages.

    Returns how many there were; their next claim marks them as possible repeats.
    """
    ended = (
        update(tables.outbox).where(_o.state == Delivery.SENDING.value, _o.lease_until_us > now_us).values(lease_until_us=now_us)
    )
    return conn.execute(ended).rowcount


def settle(conn: Connection, message_id: str, outcome: SendOutcome, now_us: int, next_attempt_us: int | None = None) -> bool:
    """
    Note how the claimed attempt ended; `RetryLater` needs `next_attempt_us`. False: it was not claimed (any more), nothing changes.

    What was cancelled while it was under way is not tried again; if it got through, it is `sent`.
    """
    match outcome:
        case Sent():
            settled = _SENT.ask(conn, message=message_id, now_us=now_us)
        case GiveUp(reason):
            settled = _GIVEN_UP.ask(conn, message=message_id, reason=clean(reason))
        case RetryLater(reason):
            if next_attempt_us is None:
                raise ValueError("RetryLater without next_attempt_us")
            settled = _AGAIN.ask(conn, message=message_id, reason=clean(reason), next_us=next_attempt_us)
    attempt = settled.scalar_one_or_none()
    if attempt is None:
        return False
    word, detail = _told(outcome)
    _ENDED.ask(conn, message_id=message_id, of_attempt=attempt, now_us=now_us, word=word, words=clean(detail))
    return True


def sent_unclaimed(conn: Connection, message_id: str, outcome: Sent, at_us: int) -> bool:
    """
    Note a message that left before its row was written, while the database was away. False: there is no row of it yet.

    It is `sent` also when it was cancelled meanwhile: the receiver has it.
    """
    unclaimed = (_o.id == message_id) & _o.state.in_((Delivery.PENDING.value, Delivery.CANCELLED.value))
    values = {"state": Delivery.SENT.value, "sent_at_us": at_us, "attempts": _o.attempts + 1}
    noted = conn.execute(update(tables.outbox).where(unclaimed).values(**values).returning(_o.attempts, _o.channel)).first()
    if noted is None:
        return conn.scalar(select(func.count()).select_from(tables.outbox).where(_o.id == message_id)) == 1
    attempt = {"message": message_id, "attempt": noted.attempts, "channel": noted.channel, "claimed_at_us": at_us}
    word, detail = _told(outcome)
    _START.ask(conn, **attempt, settled_at_us=at_us, outcome=word, detail=clean(detail))
    return True


def cancel(
    conn: Connection, incident: str, now_us: int, kinds: Collection[Kind] | None = None, only_due_after_us: int | None = None
) -> int:
    """
    Messages of `incident` that have not left and need not (of these kinds, due after that instant). Returns how many.

    One that is being sent at this moment is finished, but not tried again.
    """
    wanted = [_o.incident == incident, _o.state.in_(_UNSETTLED), _o.cancelled_at_us.is_(None)]
    if kinds is not None:
        wanted.append(_o.kind.in_([kind.value for kind in kinds]))
    if only_due_after_us is not None:
        wanted.append(_o.due_at_us > only_due_after_us)
    state = case((_o.state == Delivery.PENDING.value, Delivery.CANCELLED.value), else_=_o.state)
    return conn.execute(update(tables.outbox).where(*wanted).values(state=state, cancelled_at_us=now_us)).rowcount


def sent_channels(conn: Connection, incident: str) -> set[str]:
    """Channels that know of the incident: its `incident.opened` was sent there, or is under way."""
    states = (Delivery.SENT.value, Delivery.SENDING.value)
    told = select(_o.channel).where(_o.incident == incident, _o.kind == Kind.INCIDENT_OPENED.value, _o.state.in_(states))
    return set(conn.scalars(told))


def oldest_pending_us(conn: Connection, now_us: int) -> int | None:
    """The due instant of the oldest message that is due and not settled."""
    oldest: int | None = _OLDEST.ask(conn, now_us=now_us).scalar()
    return oldest


def next_due_us(conn: Connection) -> int | None:
    """When `claim` has something again at the earliest; what waits behind an earlier message does not count."""
    earliest: int | None = _NEXT_DUE.ask(conn).scalar()
    return earliest


def get(conn: Connection, message_id: str) -> Message | None:
    row = conn.execute(select(tables.outbox).where(_o.id == message_id)).first()
    return None if row is None else _message(row, attempts=row.attempts)


def of_incident(conn: Connection, incident: str) -> list[Message]:
    """All of them, by due instant."""
    rows = conn.execute(select(tables.outbox).where(_o.incident == incident).order_by(_o.due_at_us, _o.position))
    return [_message(row, attempts=row.attempts) for row in rows]


def deliveries(conn: Connection, message_id: str) -> list[Attempt]:
    """Every attempt, the first first."""
    rows = conn.execute(select(tables.deliveries).where(_d.message == message_id).order_by(_d.attempt))
    return [Attempt(row.attempt, row.channel, row.claimed_at_us, row.settled_at_us, row.outcome, row.detail) for row in rows]


def _due(column: Any, now_us: Any) -> ColumnElement[bool]:
    waiting = and_(column.state == Delivery.PENDING.value, column.due_at_us <= now_us, column.next_attempt_us <= now_us)
    abandoned = and_(column.state == Delivery.SENDING.value, column.lease_until_us <= now_us)
    return or_(waiting, abandoned)


def _waits_behind_another(mine: Any) -> ColumnElement[bool]:
    other = tables.outbox.alias("other")
    earlier = tuple_(other.c.due_at_us, other.c.created_at_us, other.c.position) < tuple_(
        mine.c.due_at_us, mine.c.created_at_us, mine.c.position
    )
    same = and_(other.c.channel == mine.c.channel, other.c.incident == mine.c.incident)
    return exists(select(1).select_from(other).where(same, other.c.state.in_(_UNSETTLED), earlier))


def _row(message: Message) -> dict[str, Any]:
    return {
        "id": clean(message.id),
        "channel": message.channel,
        "kind": message.kind.value,
        "incident": message.incident,
        "payload": to_json(message.payload),
        "language": message.language,
        "created_at_us": message.created_at_us,
        "due_at_us": message.due_at_us,
        "state": Delivery.PENDING.value,
        "attempts": 0,
        "next_attempt_us": message.next_attempt_us,
        "lease_until_us": None,
        "possible_repeat": message.possible_repeat,
        "last_error": "",
        "sent_at_us": None,
        "cancelled_at_us": None,
    }


def _message(row: Row[Any], *, attempts: int) -> Message:
    return Message(
        id=row.id,
        channel=row.channel,
        kind=Kind(row.kind),
        incident=row.incident,
        payload=_payload(row.payload),
        language=row.language,
        created_at_us=row.created_at_us,
        due_at_us=row.due_at_us,
        state=Delivery(row.state),
        attempts=attempts,
        next_attempt_us=row.next_attempt_us,
        lease_until_us=row.lease_until_us,
        possible_repeat=bool(row.possible_repeat),
        last_error=row.last_error,
        sent_at_us=row.sent_at_us,
    )


def _payload(written: str) -> dict[str, Any]:
    try:
        payload = from_json(written)
    except json.JSONDecodeError:
        return {}
    return payload if isinstance(payload, dict) else {}


def _told(outcome: SendOutcome) -> tuple[str, str]:
    match outcome:
        case Sent(note):
            return "sent", note
        case RetryLater(reason):
            return "retry", reason
        case GiveUp(reason):
            return "gave_up", reason


def _dropping() -> Update:
    """Cancelled while under way, and its sender died: it may have got through, and nobody wants it any more."""
    abandoned = and_(
        _o.state.in_(_UNSETTLED),
        _o.state == Delivery.SENDING.value,
        _o.cancelled_at_us.is_not(None),
        _o.lease_until_us <= bindparam("now_us"),
    )
    return update(tables.outbox).where(abandoned).values(state=Delivery.CANCELLED.value, lease_until_us=None)


def _claiming(skip_channels: Collection[str] = ()) -> Update:
    mine = tables.outbox.alias("mine")
    due = mine.c.state.in_(_UNSETTLED) & _due(mine.c, bindparam("now_us")) & not_(_waits_behind_another(mine))
    if skip_channels:
        due &= mine.c.channel.not_in(list(skip_channels))
    chosen = select(mine.c.position).where(due).order_by(mine.c.due_at_us, mine.c.position).limit(bindparam("most"))
    return (
        update(tables.outbox)
        .where(_o.position.in_(chosen), _o.state.in_(_UNSETTLED))
        .values(
            state=Delivery.SENDING.value,
            attempts=_o.attempts + 1,
            lease_until_us=bindparam("until_us"),
            possible_repeat=or_(_o.possible_repeat, _o.state == Delivery.SENDING.value),
        )
        .returning(tables.outbox)
    )


def _settling(**values: Any) -> Update:
    claimed = (_o.id == bindparam("message")) & (_o.state == Delivery.SENDING.value)
    return update(tables.outbox).where(claimed).values(lease_until_us=None, **values).returning(_o.attempts)


def _next_due() -> Select[Any]:
    mine = tables.outbox.alias("mine")
    later = case((mine.c.next_attempt_us > mine.c.due_at_us, mine.c.next_attempt_us), else_=mine.c.due_at_us)
    wakes_at = case((mine.c.state == Delivery.SENDING.value, mine.c.lease_until_us), else_=later)
    return select(func.min(wakes_at)).where(mine.c.state.in_(_UNSETTLED), not_(_waits_behind_another(mine)))


_ADD = insert_new(tables.outbox, "id").prepared()
_START = plain_insert(tables.deliveries)
_DROP_CANCELLED = prepared(_dropping())
_CLAIM = prepared(_claiming())
_SENT = prepared(_settling(state=Delivery.SENT.value, sent_at_us=bindparam("now_us")))
_GIVEN_UP = prepared(_settling(state=Delivery.GIVEN_UP.value, last_error=bindparam("reason")))
_AGAIN = prepared(
    _settling(
        state=case((_o.cancelled_at_us.is_not(None), Delivery.CANCELLED.value), else_=Delivery.PENDING.value),
        last_error=bindparam("reason"),
        next_attempt_us=bindparam("next_us"),
    )
)
_ENDED = prepared(
    update(tables.deliveries)
    .where(_d.message == bindparam("message_id"), _d.attempt == bindparam("of_attempt"))
    .values(settled_at_us=bindparam("now_us"), outcome=bindparam("word"), detail=bindparam("words"))
)
_OLDEST = prepared(select(func.min(_o.due_at_us)).where(_o.state.in_(_UNSETTLED), _o.due_at_us <= bindparam("now_us")))
_NEXT_DUE = prepared(_next_due())
