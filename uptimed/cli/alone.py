"""A command that changes something while no daemon runs: the daemon's own handlers, on the data directory, under its lock."""

from __future__ import annotations

import getpass
import inspect
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from uptimed.clock import Clock, SystemClock
from uptimed.config import Loaded
from uptimed.engine.engine import Engine
from uptimed.reload import languages_of
from uptimed.storage.database import Database
from uptimed.storage.lock import DataLock
from uptimed.web.control import Handler


class Commands(Protocol):
    def handlers(self) -> dict[str, Handler]: ...


async def alone(loaded: Loaded, commands: Callable[[Engine, Clock], Commands], command: str, asked: Mapping[str, Any]) -> Any:
    """The handler's answer. Raises `Refusal`, and `StorageRefused` or `StorageAway` as the database does."""
    clock = SystemClock()
    with DataLock(loaded.settings.data):
        database = await Database.open(loaded.settings.storage, data=loaded.settings.data)
        try:
            engine = Engine(database, loaded.catalogue, languages_of(loaded), clock)
            await engine.start()
            answer = commands(engine, clock).handlers()[command](asked, getpass.getuser())
            return await answer if inspect.isawaitable(answer) else answer
        finally:
            await database.close()
