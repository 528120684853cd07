"""The picture in memory: what every check, component and product looks like now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from uptimed.domain.adjustments import is_within
from uptimed.domain.catalogue import Catalogue, Check, Component, Product
from uptimed.domain.contract import ContractHistory
from uptimed.domain.incidents import Outage
from uptimed.domain.overlays import Adjustment
from uptimed.domain.policy import TimelinePolicy
from uptimed.domain.record import NOTHING_SET_ASIDE, Overlays
from uptimed.domain.results import LATE_US, Acceptance
from uptimed.domain.runs import Run
from uptimed.domain.states import Segment, State, Verdict
from uptimed.domain.timeline import CheckTimeline, Pulse
from uptimed.engine.books import Book

KEPT_VERSIONS = 16
"""So many past configuration versions may still speak for an unchanged check: results that were under way at a reload."""


@dataclass
class Seen:
    """What a check's newest result at one location said."""

    verdict: Verdict
    reason: str
    detail: str
    ended_us: int


@dataclass
class CheckMemory:
    check: Check
    component: str
    product: str
    timeline: CheckTimeline
    first_seen_us: int = 0
    versions: list[str] = field(default_factory=list)
    """Configuration versions in which the check was exactly this one, newest last."""
    defined_us: int = 0
    """Since when it is this one, as far as this life of the daemon knows."""
    seen: dict[str, Seen] = field(default_factory=dict)
    """Location -> its newest result, unknown ones included."""
    failed: dict[str, Seen] = field(default_factory=dict)
    """Location -> its newest failure, kept while an outage may need its reason."""

    def __post_init__(self) -> None:
        self.acceptance = Acceptance(self.timeline.policy.locations, late_us=LATE_US)

    def judge_by(self, policy: TimelinePolicy) -> None:
        """Another policy for a time of which nothing was known; what is known stays."""
        self.timeline = CheckTimeline(policy, self.timeline.runs, self.timeline.segments)
        self.acceptance = Acceptance(policy.locations, late_us=LATE_US)

    def pulse(self, now_us: int) -> Pulse:
        return self.timeline.pulse(now_us, recoveries=self.check.confirm.recoveries)

    @property
    def measured_until_us(self) -> int | None:
        """The end of its measured time; None: it was never measured."""
        return next((one.to_us for one in reversed(self.timeline.segments) if one.point is not State.UNMEASURED), None)

    @property
    def slow_only(self) -> bool:
        """Degraded by its latency alone, at every location that calls it degraded (DESIGN section 4)."""
        reasons = [one.reason for one in self.seen.values() if one.verdict is Verdict.DEGRADED]
        return all(reason.endswith(("slow", "latency")) for reason in reasons)


@dataclass
class ComponentMemory:
    component: Component
    product: str
    checks: list[CheckMemory] = field(default_factory=list)
    first_seen_us: int = 0
    outages: dict[str, Outage] = field(default_factory=dict)
    """Those of the last 90 days and the open one."""
    state: str = "unmeasured"
    """Page key, as of the last look."""
    as_measured: str = "unmeasured"
    """The same as the checks alone have it, whatever work is planned."""
    since_us: int | None = None
    last_measured_state: str | None = None
    last_measured_us: int | None = None


@dataclass
class ProductMemory:
    product: Product
    components: list[ComponentMemory] = field(default_factory=list)
    first_seen_us: int = 0
    state: str = "unmeasured"
    since_us: int | None = None
    book: Book = None  # type: ignore[assignment]  # opened when the picture takes over a catalogue
    raw: Book | None = None
    """The same with nothing set aside; None: nothing is, so it would be the same."""
    adjustments: Sequence[Adjustment] = ()
    """Those in force of the product and its components, in the order of their time."""

    def moved(self, from_us: int) -> None:
        """The segments of a check are different from there on."""
        self.book.moved(from_us)
        if self.raw is not None:
            self.raw.moved(from_us)

    def bring_up_to(self, now_us: int) -> None:
        """Do now what would otherwise be done when a figure is asked for."""
        self.book.ledger(now_us)
        if self.raw is not None:
            self.raw.ledger(now_us)

    @property
    def service_start_us(self) -> int:
        return self.book.service_start_us


class Picture:
    """Everything by id, in the order of the file."""

    def __init__(self) -> None:
        self.checks: dict[str, CheckMemory] = {}
        self.components: dict[str, ComponentMemory] = {}
        self.products: dict[str, ProductMemory] = {}
        self.history: ContractHistory = None  # type: ignore[assignment]  # comes with the first catalogue
        self.timelines: dict[str, Sequence[Segment]] = {}
        """The segments of every check there ever was: those that were removed still answer for their time."""

    def configure(
        self,
        catalogue: Catalogue,
        *,
        history: ContractHistory,
        first_seen: Mapping[str, int],
        stored: Mapping[str, tuple[Iterable[Run], Iterable[Segment]]],
        now_us: int = 0,
        outages: Iterable[Outage] = (),
        overlays: Overlays = NOTHING_SET_ASIDE,
    ) -> set[str]:
        """
        Take over a catalogue. What is unchanged keeps its memory; returns the checks that are new or changed.

        `history` ends with the version that this catalogue makes. `first_seen` and `stored` (runs and segments) are asked for ids
        that memory does not hold.
        """
        old_checks, old_components, old_products = self.checks, self.components, self.products
        self.history = history
        self.checks, self.components, self.products = {}, {}, {}
        fresh: set[str] = set()
        for product in catalogue.products:
            remembered = old_products.get(product.id)
            product_memory = remembered or ProductMemory(product, first_seen_us=first_seen.get(product.id, 0))
            product_memory.product = product
            product_memory.components = []
            self.products[product.id] = product_memory
            for component in product.components:
                memory = old_components.get(component.id) or ComponentMemory(
                    component, product.id, first_seen_us=first_seen.get(component.id, 0)
                )
                memory.component = component
                memory.checks = []
                product_memory.components.append(memory)
                self.components[component.id] = memory
                for check in component.checks:
                    one = old_checks.get(check.id)
                    if one is None or one.check != check:
                        fresh.add(check.id)
                        one = _renewed(one, check, (component.id, product.id), first_seen, stored, history)
                        one.defined_us = now_us
                    one.versions = [*one.versions, catalogue.version][-KEPT_VERSIONS:]
                    memory.checks.append(one)
                    self.checks[check.id] = one
        for outage in outages:
            owner = self.components.get(outage.component)
            if owner is not None:
                owner.outages[outage.id] = outage
        removed = {one: segments for one, segments in self.timelines.items() if one not in self.checks}
        for check_id, kept in stored.items():
            if check_id not in removed and check_id not in self.checks:
                removed[check_id] = _last_segments(check_id, kept, history)
        self.timelines = {**removed, **{one: memory.timeline.segments for one, memory in self.checks.items()}}
        self.open_books(overlays)
        return fresh

    def adopt(self, history: ContractHistory, checks: Iterable[str], overlays: Overlays) -> None:
        """A history in which these checks have a past, or a longer one."""
        self.history = history
        for check in checks:
            memory = self.checks[check]
            memory.judge_by(history.policy_of(check) or memory.timeline.policy)
            self.timelines[check] = memory.timeline.segments
        self.open_books(overlays)

    def open_books(self, overlays: Overlays, within: str = "") -> None:
        """Anew, after the contract changed, or something was set aside `within` that product or component; empty: anywhere."""
        for name, product in self.products.items():
            if within and not is_within(within, name):
                continue
            product.book = Book(self.history, name, self.timelines, overlays)
            product.raw = Book(self.history, name, self.timelines) if overlays.concern(name) else None
            product.adjustments = overlays.corrections(name)


def _renewed(
    old: CheckMemory | None,
    check: Check,
    place: tuple[str, str],
    first_seen: Mapping[str, int],
    stored: Mapping[str, tuple[Iterable[Run], Iterable[Segment]]],
    history: ContractHistory,
) -> CheckMemory:
    """A new check, or one whose definition changed: it keeps its past, for its id is its identity, and starts without versions."""
    if old is not None:
        runs, segments = list(old.timeline.runs), list(old.timeline.segments)
        start_us = old.first_seen_us
    else:
        kept = stored.get(check.id, ((), ()))
        runs, segments = list(kept[0]), list(kept[1])
        start_us = first_seen.get(check.id, 0)
    timeline = CheckTimeline(history.policy_of(check.id) or TimelinePolicy.of(check), runs, segments)
    return CheckMemory(check, *place, timeline, first_seen_us=start_us)


def _last_segments(check: str, kept: tuple[Iterable[Run], Iterable[Segment]], history: ContractHistory) -> Sequence[Segment]:
    """Of a check that was removed. How far the newest segment reached stands in the runs alone: the live edge is not written."""
    runs, segments = kept
    policy = history.policy_of(check)
    return list(segments) if policy is None else CheckTimeline(policy, runs, segments).segments


def page_state(memory: ComponentMemory, now_us: int) -> str:
    """
    The component's present state for the page: the worst of its checks (DESIGN section 4).

    A check that is down settles it; otherwise one that cannot be seen makes it `unmeasured`: it may be down.
    """
    states = [(one.pulse(now_us).state, one) for one in memory.checks]
    if any(state is State.DOWN for state, _ in states):
        return "down"
    if not states or any(state is State.UNMEASURED for state, _ in states):
        return "unmeasured"
    degraded = [one for state, one in states if state is State.DEGRADED]
    if degraded:
        return "slow" if all(one.slow_only for one in degraded) else "partly_down"
    return "working"
