"""
The files of Uptime Kuma: the SQLite database of 1.x and 2.x (`kuma.db`), and the backup that 1.x could write (monitors only).

Columns were added over the years; what a version does not have yet takes Kuma's own default. Kuma's file is only read.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple, Self

from uptimed.domain.civil import micros

DOWN, UP, PENDING, MAINTENANCE = 0, 1, 2, 3
"""heartbeat.status"""
S = 1_000_000

_BEATS_OF_1 = "SELECT status, time, NULL, ping, msg FROM heartbeat WHERE monitor_id = ? ORDER BY time, id"
_BEATS_OF_2 = "SELECT status, time, end_time, ping, msg FROM heartbeat WHERE monitor_id = ? ORDER BY time, id"
_SUMS = {
    "stat_minutely": "SELECT count(*) FROM stat_minutely",
    "stat_hourly": "SELECT count(*) FROM stat_hourly",
    "stat_daily": "SELECT count(*) FROM stat_daily",
}


class KumaUnreadable(Exception):
    """The file cannot be read as one of Kuma's; one sentence that says what to give instead."""


@dataclass(frozen=True)
class Monitor:
    id: int
    name: str
    type: str
    url: str = ""
    hostname: str = ""
    port: int | None = None
    interval_s: int = 60
    timeout_s: float = 0.0
    """0: Kuma takes four fifths of the interval."""
    retry_interval_s: int = 0
    max_retries: int = 0
    active: bool = True
    upside_down: bool = False
    method: str = "GET"
    statuses: tuple[str, ...] = ("200-299",)
    keyword: str = ""
    keyword_absent: bool = False
    verify: bool = True
    redirects: int = 10
    dns_type: str = "A"
    dns_server: str = ""
    parent: int | None = None
    by_hand: tuple[str, ...] = ()
    """What it asks or sends that is not taken over: words for people, never a value."""

    @property
    def patience_us(self) -> int:
        """How long one look may have taken: Kuma's timeout, and the ten seconds after which it breaks off all the same."""
        return round((self.timeout_s or self.interval_s * 0.8) * S) + 10 * S

    @property
    def horizon_us(self) -> int:
        """H of AVAILABILITY B12 for Kuma's own interval. A failure that is tried again after longer than two is no silence."""
        longest_s = max(2 * self.interval_s, self.retry_interval_s)
        return longest_s * S + round((self.timeout_s or self.interval_s * 0.8) * S) + 5 * S


class Beat(NamedTuple):
    status: int
    started_us: int | None
    """None: the row's time cannot be read."""
    ended_us: int | None
    """Known since 2.0."""
    ping_ms: float | None
    message: str


class Kuma:
    """One moment of a database. Close it, or use it in a `with`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connection = _opened(path)
        try:
            self._connection.execute("BEGIN")  # Kuma may go on writing meanwhile.
            beats = self._columns("heartbeat")
            if not {"monitor_id", "status", "time"} <= beats or not {"id", "name", "type"} <= self._columns("monitor"):
                raise KumaUnreadable(f"{path} holds no heartbeats of Uptime Kuma; give the kuma.db of its data folder")
            self.is_2 = "end_time" in beats
            self.monitors = self._monitors()
        except sqlite3.Error as error:
            self.close()
            raise KumaUnreadable(f"{path} cannot be read ({error}); give a whole copy of kuma.db, with its -wal file") from None
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._connection.close()

    def beats(self, monitor: int) -> Iterator[Beat]:
        """In order of time. Raises `KumaUnreadable` where the file is damaged."""
        try:
            rows = self._connection.execute(_BEATS_OF_2 if self.is_2 else _BEATS_OF_1, (monitor,))
            for status, time, ended, ping, message in rows:
                yield Beat(status, _instant(time), _instant(ended), _number(ping), message if isinstance(message, str) else "")
        except sqlite3.Error as error:
            raise KumaUnreadable(f"{self.path} is damaged ({error}); give a whole copy of kuma.db") from None

    def aggregates(self) -> dict[str, int]:
        """Table of sums (2.x) -> how many rows."""
        there = {row[0] for row in self._connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        return {name: self._connection.execute(count).fetchone()[0] for name, count in _SUMS.items() if name in there}

    def kept_days(self) -> int | None:
        """For how long Kuma was told to keep heartbeats; None: it does not say."""
        with suppress(sqlite3.Error, ValueError, TypeError):
            row = self._connection.execute("SELECT value FROM setting WHERE key = 'keepDataPeriodDays'").fetchone()
            return None if row is None else int(float(json.loads(row[0])))
        return None

    def _columns(self, table: str) -> set[str]:
        return {row[0] for row in self._connection.execute("SELECT name FROM pragma_table_info(?)", (table,))}

    def _monitors(self) -> tuple[Monitor, ...]:
        cursor = self._connection.execute("SELECT * FROM monitor ORDER BY id")
        names = [column[0] for column in cursor.description]
        return tuple(_monitor(dict(zip(names, row, strict=True))) for row in cursor)


def is_backup(path: Path) -> bool:
    """JSON, and not a database. OSError when the file cannot be opened."""
    with path.open("rb") as file:
        return file.read(64).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")


def monitors_of_backup(path: Path) -> tuple[Monitor, ...]:
    try:
        listed = json.loads(path.read_text(encoding="utf-8-sig"))["monitorList"]
        return tuple(_monitor({_BACKUP_NAMES.get(name, name): value for name, value in one.items()}) for one in listed)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise KumaUnreadable(f"{path} is no backup of Uptime Kuma ({error!r}); give the file that 1.x exported") from None


_BACKUP_NAMES: Mapping[str, str] = {
    "retryInterval": "retry_interval",
    "upsideDown": "upside_down",
    "ignoreTls": "ignore_tls",
    "invertKeyword": "invert_keyword",
    "authMethod": "auth_method",
    "jsonPath": "json_path",
}
"""Where the backup names a column otherwise than the database."""

_BY_HAND: Mapping[str, str] = {
    "headers": "headers of its own",
    "body": "a body",
    "auth_method": "credentials",
    "basic_auth_user": "credentials",
    "proxy_id": "a proxy",
    "json_path": "a JSONata query",
}


def _monitor(row: Mapping[str, Any]) -> Monitor:
    def text(name: str, default: str = "") -> str:
        value = row.get(name)
        return default if value is None or value == "" else str(value)

    def whole(name: str, default: int) -> int:
        return int(_number(row.get(name)) or default)

    # A new monitor of Kuma's holds the form's defaults for every type: a query counts only where the type asks one.
    wanted = [words for name, words in _BY_HAND.items() if row.get(name) and (name != "json_path" or row["type"] == "json-query")]
    if "@" in text("url").partition("://")[2].partition("/")[0]:
        wanted.append("credentials")
    return Monitor(
        id=int(row["id"]),
        name=text("name", f"monitor {row['id']}"),
        type=str(row["type"]),
        url=text("url"),
        hostname=text("hostname"),
        port=whole("port", 0) or None,
        interval_s=max(1, whole("interval", 60)),
        timeout_s=max(0.0, _number(row.get("timeout")) or 0.0),
        retry_interval_s=whole("retry_interval", 0),
        max_retries=whole("maxretries", 0),
        active=bool(row.get("active", True)),
        upside_down=bool(row.get("upside_down")),
        method=text("method", "GET").upper(),
        statuses=_statuses(row),
        keyword=text("keyword") if row["type"] == "keyword" else "",
        keyword_absent=bool(row.get("invert_keyword")),
        verify=not row.get("ignore_tls"),
        redirects=whole("maxredirects", 0),
        dns_type=text("dns_resolve_type", "A"),
        dns_server=text("dns_resolve_server"),
        parent=whole("parent", 0) or None,
        by_hand=tuple(dict.fromkeys(wanted)),
    )


def _statuses(row: Mapping[str, Any]) -> tuple[str, ...]:
    listed = row.get("accepted_statuscodes") or row.get("accepted_statuscodes_json") or []
    if isinstance(listed, str):
        with suppress(ValueError):
            listed = json.loads(listed)
    known = [one for one in listed if isinstance(one, str)] if isinstance(listed, list) else []
    return tuple(known) or ("200-299",)


def _opened(path: Path) -> sqlite3.Connection:
    if not path.is_file():
        raise KumaUnreadable(f"{path} is not there; give the kuma.db of Uptime Kuma's data folder")
    # Without a journal nobody has it open: then it is not even locked, and no file appears beside it, whose ever the folder is.
    in_use = any(Path(f"{path}{journal}").exists() for journal in ("-wal", "-journal"))
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?{'mode=ro' if in_use else 'immutable=1'}", uri=True)
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.Error as error:
        connection.close()
        raise KumaUnreadable(
            f"{path} is no database that can be read ({error}); give the kuma.db of Uptime Kuma's data folder"
        ) from None
    return connection


def _instant(text: Any) -> int | None:
    """Kuma writes UTC without saying so: `2026-03-01 09:00:00.142`."""
    if not isinstance(text, str):
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return micros(at.replace(tzinfo=UTC) if at.tzinfo is None else at)


def _number(value: Any) -> float | None:
    if isinstance(value, bool):
        return float(value)
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if abs(number) < 1e12 else None
