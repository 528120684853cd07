"""What belongs to the calendar, not to a stopwatch: the only file that knows APScheduler. Checks are never scheduled here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger


class CalendarJobs:
    """Each job catches up whatever is due when it runs, so that a missed, doubled or late run does no harm."""

    def __init__(self, timezone: str) -> None:
        self._scheduler = AsyncIOScheduler(
            timezone=timezone, job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        )

    def at_midnight(self, name: str, job: Callable[[], Awaitable[None] | None]) -> None:
        """At the start of each local day: a new day, month or year begins on the page."""
        self._scheduler.add_job(job, CronTrigger(hour=0, minute=0, second=0, timezone=self._scheduler.timezone), id=name)

    def hourly(self, name: str, job: Callable[[], Awaitable[None] | None]) -> None:
        self._scheduler.add_job(job, CronTrigger(minute=17, timezone=self._scheduler.timezone), id=name)

    def daily(self, name: str, job: Callable[[], Awaitable[None] | None]) -> None:
        """In the small hours: what has time until the next day. Also a minute after the start: some machines are off by night."""
        soon = datetime.now(UTC) + timedelta(seconds=60)
        self._scheduler.add_job(job, CronTrigger(hour=4, minute=41, timezone=self._scheduler.timezone), id=name, next_run_time=soon)

    def start(self) -> None:
        self._scheduler.start()

    def stop(self) -> None:
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
