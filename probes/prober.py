"""A worker's hands: runs jobs with the network, guard and witnesses that its present assignment asks for."""

from __future__ import annotations

from probes.blame import Witnesses
from probes.links import Assignment
from probes.net import Net
from probes.outcome import Outcome, ProbeJob
from probes.runner import run


class Prober:
    """`prepare` before the first `run`; a net costs a trust store, so one is kept until an assignment asks for another."""

    def __init__(self) -> None:
        self._made_for: tuple[tuple[str, ...], ...] | None = None
        self._net = Net.build()
        self._witnesses = Witnesses(self._net)

    def prepare(self, assignment: Assignment) -> None:
        wanted = (assignment.allow, assignment.resolvers, assignment.references)
        if wanted != self._made_for:
            self._net = Net.build(allow=assignment.allow, resolvers=assignment.resolvers)
            self._witnesses = Witnesses(self._net, assignment.references)
            self._made_for = wanted

    async def run(self, job: ProbeJob) -> Outcome:
        return await run(job, self._net, witnesses=self._witnesses)
