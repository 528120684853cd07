"""Daily jobs run in the small hours of the site, and soon after a start: some machines are off by night."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from uptimed.engine.calendar_jobs import CalendarJobs


async def test_a_daily_job_runs_a_minute_after_the_start_and_then_by_night():
    jobs = CalendarJobs("Pacific/Auckland")
    jobs.daily("closing", lambda: None)
    jobs.start()
    try:
        job = jobs._scheduler.get_job("closing")
        first = job.next_run_time

        assert timedelta(0) < first - datetime.now(UTC) <= timedelta(seconds=60)
        assert job.trigger.get_next_fire_time(first, first).astimezone(ZoneInfo("Pacific/Auckland")).strftime("%H:%M") == "04:41"
    finally:
        jobs.stop()
