"""
What Prometheus reads: one text per check, kept ready, and the monitor's own health.

The series of checks are text from the moment a result arrives, kept family by family, so that a scrape only joins. The client
library builds a sample object for each line at each scrape: 0.9 s of the event loop at 120,000 series, against some 60 ms here.
The daemon's own health (some hundred lines) goes through the client library in a registry of its own.

Nothing of ours is imported: what is shown is handed in. A series exists only while it is measured: a run that ended `unknown`, or a
silence beyond the check's horizon, takes the check's series away; they are never frozen at the last value and never shown as 0.
"""

from __future__ import annotations

import asyncio
import logging
import re
import zlib
from collections.abc import AsyncIterator, Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    Info,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

LINES_AT_ONCE = 2_000
"""So many cached texts are joined before the event loop gets its turn: some 0.3 ms of work and 0.3 MB of text."""

SAMPLE = re.compile(r'([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{((?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\[\\"n])*",?)*)\})?')
SAMPLES_KEPT = 1_000
"""Distinct spellings of samples that are remembered; kinds have some fifty."""

CHECK_FAMILIES: Mapping[str, tuple[str, str]] = {
    "probe_success": ("1: the last run ended up or degraded; 0: down. Absent while unmeasured.", "gauge"),
    "probe_duration_seconds": ("Seconds the last run took, from its first action to its verdict.", "gauge"),
}

ENGINE_FAMILIES: Mapping[str, tuple[str, str]] = {
    "uptimed_component_up": ("1: the component is up or degraded; 0: down. Absent while unmeasured.", "gauge"),
    "uptimed_component_measured": ("1: the component is measured now; 0: nobody can say how it is.", "gauge"),
    "uptimed_availability_ratio": ("Availability of the period: point, and the bounds that unmeasured time leaves.", "gauge"),
    "uptimed_error_budget_remaining_seconds": (
        "Downtime still allowed this calendar year; negative once overdrawn.",
        "gauge",
    ),
    "uptimed_burn_rate_firing": (
        "1: the product's budget of the year burns faster than the rule allows (page-fast, page-slow, ticket-3d, ticket-30d).",
        "gauge",
    ),
    "uptimed_state_seconds": ("Seconds of the period in each state. A gauge: onsets are back-dated.", "gauge"),
    "uptimed_incidents_open": ("Open incidents by severity.", "gauge"),
}

VERDICTS = ("up", "degraded", "down", "unknown")
IMPAIRMENTS = ("local", "resolver", "network")
"""Classes of the monitor's own trouble: its machine, its resolver, its way out."""

log = logging.getLogger(__name__)


class Sample(NamedTuple):
    labels: Mapping[str, str]
    value: float


class Spelling(NamedTuple):
    """A sample's key as a kind writes it, `probe_http_duration_seconds{phase="connect"}`, cut where the check's labels go."""

    family: str
    head: str
    tail: str


def escaped(value: str) -> str:
    """A label value as the text format wants it."""
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def written(value: float) -> str:
    """A number as the text format wants it; whole numbers without a fraction, for they are most of what is shown."""
    value = float(value)
    if value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    text = repr(value)
    return {"nan": "NaN", "inf": "+Inf", "-inf": "-Inf"}.get(text, text)


def header(family: str, help_text: str, kind: str) -> bytes:
    return f"# HELP {family} {help_text}\n# TYPE {family} {kind}\n".encode()


def joined(head: bytes, texts: Collection[bytes]) -> Iterator[bytes]:
    """A family in pieces of bounded size; an empty family has no header either."""
    if not texts:
        return
    lines = list(texts)  # results may come in between two pieces
    yield head + b"".join(lines[:LINES_AT_ONCE])
    for start in range(LINES_AT_ONCE, len(lines), LINES_AT_ONCE):
        yield b"".join(lines[start : start + LINES_AT_ONCE])


class CheckSeries:
    """The series of every check at every location, as text."""

    def __init__(self, families: Mapping[str, tuple[str, str]] | None = None) -> None:
        """`families`: name -> (help, type) as the kinds declare them; what is not declared is left out, and said once."""
        declared = {**CHECK_FAMILIES, **(families or {})}
        self._headers = {name: header(name, *about) for name, about in declared.items()}
        self._texts: dict[str, dict[tuple[str, str], bytes]] = {name: {} for name in declared}
        self._labels: dict[tuple[str, str], str] = {}
        self._fresh_until: dict[tuple[str, str], float] = {}
        self._spellings: dict[str, Spelling | None] = {}

    def result(
        self,
        check: str,
        location: str,
        *,
        success: bool | None,
        duration_s: float,
        figures: Mapping[str, float],
        fresh_until: float,
    ) -> None:
        """
        Takes a run: `success` is None for `unknown`, which takes the check's series away.

        `check` is product/component/check. After `fresh_until` (on the clock that `pieces` is given) the series are gone as well: a
        worker that fell silent must not leave its last word standing.
        """
        key = (check, location)
        if success is None:
            self._forget(key)
            return
        labels = self._labels.get(key)
        if labels is None:
            labels = self._labels[key] = self._labels_of(check, location)
        self._fresh_until[key] = fresh_until
        texts = {
            "probe_success": f"probe_success{{{labels}}} {success:d}\n",
            "probe_duration_seconds": f"probe_duration_seconds{{{labels}}} {written(duration_s)}\n",
        }
        for sample, value in figures.items():
            if sample in CHECK_FAMILIES:
                continue  # the runner's word of it; ours came as an argument
            spelling = self._spellings[sample] if sample in self._spellings else self._spell(sample)
            if spelling is not None:
                family, head, tail = spelling
                texts[family] = f"{texts.get(family, '')}{head}{labels}{tail}{written(value)}\n"
        for family, kept in self._texts.items():
            text = texts.get(family)
            if text is not None:
                kept[key] = text.encode()
            elif key in kept:
                del kept[key]  # the last run did not get so far: its figure of the run before is no longer true

    def remove(self, check: str, location: str | None = None) -> None:
        """Takes a check's series away, at one location or at all."""
        for key in [k for k in self._labels if k[0] == check and location in (None, k[1])]:
            self._forget(key)
            del self._labels[key]

    def keep(self, wanted: Collection[tuple[str, str]]) -> None:
        """After a reload: whatever is not among (check, location) is forgotten, so that no label grows without bound."""
        wanted = set(wanted)
        for key in [k for k in self._labels if k not in wanted]:
            self._forget(key)
            del self._labels[key]

    def pieces(self, now: float) -> Iterator[bytes]:
        """The exposition of all families in bounded pieces; one `next` is some 0.3 ms of work."""
        for key in [key for key, until in self._fresh_until.items() if until < now]:
            self._forget(key)
        for family, texts in self._texts.items():
            yield from joined(self._headers[family], texts.values())

    def _forget(self, key: tuple[str, str]) -> None:
        if self._fresh_until.pop(key, None) is not None:
            for texts in self._texts.values():
                texts.pop(key, None)

    def _labels_of(self, check: str, location: str) -> str:
        product, component, name = check.split("/", 2)
        named = {"product": product, "component": component, "check": name, "location": location}
        return ",".join(f'{label}="{escaped(value)}"' for label, value in named.items())

    def _spell(self, sample: str) -> Spelling | None:
        found = SAMPLE.fullmatch(sample)
        spelling = None
        if found is not None and found[1] in self._texts:
            extra = (found[2] or "").rstrip(",")
            spelling = Spelling(found[1], found[1] + "{", f",{extra}}} " if extra else "} ")
        if len(self._spellings) < SAMPLES_KEPT:
            self._spellings[sample] = spelling
            if spelling is None:
                log.warning("metric %r is declared by no probe kind and is left out; declare it in the kind's METRICS", sample)
        return spelling


class EngineGauges:
    """What the engine knows about products and components, as text by family and owner."""

    def __init__(self, families: Mapping[str, tuple[str, str]] = ENGINE_FAMILIES) -> None:
        self._headers = {name: header(name, *about) for name, about in families.items()}
        self._texts: dict[str, dict[str, bytes]] = {name: {} for name in families}

    def put(self, family: str, owner: str, samples: Iterable[Sample | tuple[Mapping[str, str], float | None]]) -> None:
        """Replaces the samples of `owner` (a product, a component ...) in `family`. None is absent, as unmeasured things are."""
        lines = []
        for labels, value in samples:
            if value is not None:
                inside = ",".join(f'{label}="{escaped(text)}"' for label, text in labels.items())
                lines.append(f"{family}{{{inside}}} {written(value)}\n")
        if lines:
            self._texts[family][owner] = "".join(lines).encode()
        else:
            self._texts[family].pop(owner, None)

    def keep(self, family: str, owners: Collection[str]) -> None:
        """After a reload: samples of other owners are forgotten."""
        wanted = set(owners)
        self._texts[family] = {owner: text for owner, text in self._texts[family].items() if owner in wanted}

    def pieces(self) -> Iterator[bytes]:
        for family, texts in self._texts.items():
            yield from joined(self._headers[family], texts.values())


class Health:
    """The monitor's own health. Each label has a closed list of values, or one that a reload trims (`keep_channels`)."""

    def __init__(self, *, version: str, rejections: Collection[str] = ()) -> None:
        # A `_created` series beside every counter doubles them and has no use to Prometheus.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = registry = CollectorRegistry(auto_describe=True)
        ProcessCollector(registry=registry)
        GCCollector(registry=registry)
        Info("uptimed_build", "The running version.", registry=registry).info({"version": version})
        self.results = Counter("uptimed_results", "Runs whose results came in.", ["verdict"], registry=registry)
        self.rejected = Counter("uptimed_results_rejected", "Results stored but not counted.", ["reason"], registry=registry)
        self.check_lag = Histogram(
            "uptimed_check_lag_seconds",
            "How late runs started against their slot.",
            registry=registry,
            buckets=(0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0),
        )
        self.slots_missed = Counter("uptimed_slots_missed", "Slots in which a check could not be run.", registry=registry)
        self.notifications = Counter("uptimed_notifications", "Attempts to send.", ["channel", "outcome"], registry=registry)
        self.outbox_oldest = Gauge("uptimed_outbox_oldest_seconds", "Age of the oldest message that is due.", registry=registry)
        self.reload_ok = Gauge("uptimed_config_last_reload_successful", "1: the last (re)load was taken.", registry=registry)
        self.reload_at = Gauge(
            "uptimed_config_last_reload_success_timestamp_seconds",
            "When the running configuration was taken.",
            registry=registry,
        )
        self.spooled = Gauge("uptimed_spool_results", "Results that the database does not have yet.", registry=registry)
        self.storage_up = Gauge("uptimed_storage_up", "1: the last access to the database succeeded.", registry=registry)
        self.sealed_until = Gauge(
            "uptimed_sealed_until_timestamp_seconds",
            "Up to when what was received is sealed; 0: no day is.",
            registry=registry,
        )
        self.snapshot_age = Gauge("uptimed_snapshot_age_seconds", "Age of what the public page shows.", registry=registry)
        self.loop_lag = Gauge("uptimed_event_loop_lag_seconds", "Longest hold-up of the event loop of late.", registry=registry)
        self.impaired = Gauge(
            "uptimed_monitor_impaired", "1: the monitor itself is in such trouble.", ["reason"], registry=registry
        )
        for verdict in VERDICTS:
            self.results.labels(verdict)
        for reason in rejections:
            self.rejected.labels(reason)
        self._by_verdict = {verdict: self.results.labels(verdict) for verdict in VERDICTS}
        self._sent: set[tuple[str, str]] = set()
        self.set_impaired("")

    def sealed(self, until_us: int) -> None:
        self.sealed_until.set(until_us / 1_000_000)

    def result(self, verdict: str, lag_s: float) -> None:
        self._by_verdict[verdict].inc()
        self.check_lag.observe(max(lag_s, 0.0))

    def notification(self, channel: str, outcome: str) -> None:
        """`outcome`: sent | retry | gave_up."""
        self._sent.add((channel, outcome))
        self.notifications.labels(channel, outcome).inc()

    def keep_channels(self, channels: Collection[str]) -> None:
        """After a reload: counters of channels that are gone are forgotten."""
        for channel, outcome in [pair for pair in self._sent if pair[0] not in channels]:
            self.notifications.remove(channel, outcome)
            self._sent.discard((channel, outcome))

    def set_impaired(self, reason: str) -> None:
        """`reason`: empty, or a `local_*`, `resolver_*` or `network_*` code; only its class is shown."""
        for name in IMPAIRMENTS:
            self.impaired.labels(name).set(reason.split("_", 1)[0] == name)

    def reloaded(self, *, taken: bool, at_s: float) -> None:
        """Says how the last reload ended; `at_s` is wall seconds and only moves when the file was taken."""
        self.reload_ok.set(taken)
        if taken:
            self.reload_at.set(at_s)


class Metrics:
    """All that `/metrics` shows."""

    def __init__(
        self, *, version: str, families: Mapping[str, tuple[str, str]] | None = None, rejections: Collection[str] = ()
    ) -> None:
        self.checks = CheckSeries(families)
        self.engine = EngineGauges()
        self.health = Health(version=version, rejections=rejections)

    async def chunks(self, now: float) -> AsyncIterator[bytes]:
        """The whole exposition in pieces, with a turn for others after each. `now` is on the clock of `fresh_until`."""
        for piece in self.checks.pieces(now):
            yield piece
            await asyncio.sleep(0)
        for piece in self.engine.pieces():
            yield piece
        yield generate_latest(self.health.registry)

    async def gzipped(self, now: float) -> AsyncIterator[bytes]:
        """The same, compressed in a thread (zlib gives the interpreter free meanwhile)."""
        squeeze = zlib.compressobj(level=1, wbits=31)
        async for piece in self.chunks(now):
            if squeezed := await asyncio.to_thread(squeeze.compress, piece):
                yield squeezed
        yield squeeze.flush()
