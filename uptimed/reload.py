"""
A new configuration for a running daemon: all that can fail happens before anything live is touched.

The file is read, checked and built, its channels are made, and the database is asked for what the new checks know already. Only
then, in one step without a pause, engine, relay, workers and gauges change over. Unchanged checks keep their phase, state and
incidents.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from probes.links.local import LocalLink
from uptimed import config
from uptimed.clock import Clock
from uptimed.config import Loaded
from uptimed.engine.assignments import assignment_of
from uptimed.engine.engine import Engine
from uptimed.engine.publisher import Publisher
from uptimed.engine.restore import NeedsRestart
from uptimed.metrics import Metrics
from uptimed.notify.build import build
from uptimed.notify.relay import Relay
from uptimed.storage import StorageAway

log = logging.getLogger(__name__)


class ReloadRefused(Exception):
    """The file was not taken over; nothing live was touched. One sentence for each thing that is wrong."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


def languages_of(loaded: Loaded) -> dict[str, str]:
    """Every channel with the language it speaks; by default the first of the site."""
    default = loaded.catalogue.site.languages[0]
    return {name: channel.language or default for name, channel in loaded.settings.channels.items()}


class Reloader:
    def __init__(
        self,
        path: Path,
        loaded: Loaded,
        *,
        engine: Engine,
        relay: Relay,
        links: Mapping[str, LocalLink],
        publisher: Publisher,
        metrics: Metrics,
        clock: Clock,
        on_taken: Callable[[Loaded], None] = lambda _: None,
    ) -> None:
        self._path = path
        self._loaded = loaded
        self._engine = engine
        self._relay = relay
        self._links = links
        self._publisher = publisher
        self._metrics = metrics
        self._clock = clock
        self._on_taken = on_taken
        self._one_at_a_time = asyncio.Lock()

    async def reload(self) -> str:
        """Take over the file as it is now; a sentence for people. `ReloadRefused`: nothing has changed."""
        async with self._one_at_a_time:
            try:
                sentence = await self._take_over()
            except ReloadRefused as refused:
                self._metrics.health.reloaded(taken=False, at_s=time.time())
                log.error("the configuration was not reloaded, the running one stays:\n%s", refused)
                raise
            self._metrics.health.reloaded(taken=True, at_s=time.time())
            log.info(sentence)
            return sentence

    async def _take_over(self) -> str:
        try:
            loaded = await asyncio.to_thread(config.load, self._path)
            channels = build(loaded.settings, loaded.catalogue, clock=self._clock)
            restored = await self._engine.prepare(loaded.catalogue)
        except config.ConfigErrors as errors:
            raise ReloadRefused([str(problem) for problem in errors.errors]) from errors
        except NeedsRestart as needed:
            raise ReloadRefused(needed.sentences) from needed
        except StorageAway as away:
            raise ReloadRefused(
                [f"the database is away ({away}); the new checks' past cannot be read; reload when it is back"]
            ) from away
        # From here on nothing waits and nothing fails.
        before = {check.id: check for check in self._engine.catalogue.checks()}
        after = {check.id: check for check in loaded.catalogue.checks()}
        self._engine.configure(loaded.catalogue, languages_of(loaded), restored)
        self._relay.replace_channels(channels)
        self.assign(loaded)
        self._metrics.checks.keep({(check.id, place) for check in after.values() for place in check.locations})
        self._metrics.health.keep_channels(set(channels))
        self._publisher.forget_gone()
        self._publisher.changed()
        needs_restart = restart_needed(self._loaded, loaded)
        self._loaded = loaded
        self._on_taken(loaded)
        for warning in loaded.warnings:
            log.warning("%s", warning)
        return _sentence(before, after, needs_restart)

    def assign(self, loaded: Loaded) -> None:
        settings = loaded.settings
        for location, link in self._links.items():
            link.publish(assignment_of(loaded.catalogue, location, allow=settings.egress_allow, resolvers=settings.resolvers))


def restart_needed(old: Loaded, new: Loaded) -> list[str]:
    """Settings that are read only once, at the start."""
    before, after = old.settings, new.settings
    changed = {
        "server": before.server != after.server,
        "data": before.data != after.data,
        "storage": before.storage != after.storage,
        "site.timezone": old.catalogue.site.timezone != new.catalogue.site.timezone,
    }
    return [name for name, differs in changed.items() if differs]


def _sentence(before: Mapping[str, object], after: Mapping[str, object], needs_restart: list[str]) -> str:
    changed = sum(1 for one in after if one in before and before[one] != after[one])
    counted = f"{len(after.keys() - before.keys())} new, {changed} changed, {len(before.keys() - after.keys())} gone"
    restart = f" Changes of {', '.join(needs_restart)} wait for a restart." if needs_restart else ""
    return f"Reloaded: {len(after)} checks ({counted})." + restart
