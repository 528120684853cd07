"""Wall time that does not bend when somebody sets the clock."""

from __future__ import annotations

import json

import pytest

from probes.anchor import Anchor, this_boot

SECOND_NS = 1_000_000_000
NOON_NS = 1_790_000_000 * SECOND_NS


class Machine:
    """A wall clock and a boot clock that are moved by hand."""

    def __init__(self, boot_id: str = "first boot") -> None:
        self.boot_id = boot_id
        self.boot_ns = 500 * SECOND_NS
        self.wall_ns = NOON_NS

    def passes(self, seconds: float) -> None:
        self.boot_ns += int(seconds * SECOND_NS)
        self.wall_ns += int(seconds * SECOND_NS)

    def is_set_by(self, seconds: float) -> None:
        self.wall_ns += int(seconds * SECOND_NS)

    def reboots(self, down_s: float) -> None:
        self.boot_id += "'"
        self.boot_ns = SECOND_NS
        self.wall_ns += int(down_s * SECOND_NS)

    def anchor(self, remembered: str | None = None, clock_eps_us: int = 0) -> Anchor:
        return Anchor.resume(
            remembered,
            clock_eps_us=clock_eps_us,
            wall_ns=lambda: self.wall_ns,
            boot_ns=lambda: self.boot_ns,
            boot_id=self.boot_id,
        )


def test_time_that_passes_evenly_is_wall_time_in_one_epoch():
    machine = Machine()
    anchor = machine.anchor()

    machine.passes(3_600)

    assert anchor.now_us() == machine.wall_ns // 1_000
    assert anchor.epoch == 0


@pytest.mark.parametrize("step_s", [-3_600.0, -1.1, 1.1, 86_400.0])
def test_a_step_moves_the_anchor_and_raises_the_epoch(step_s):
    machine = Machine()
    anchor = machine.anchor()

    machine.is_set_by(step_s)
    anchor.stamp()

    assert anchor.epoch == 1
    assert anchor.now_us() == machine.wall_ns // 1_000
    anchor.stamp()
    assert anchor.epoch == 1


@pytest.mark.parametrize(("eps_us", "step_s"), [(0, 0.9), (0, -1.0), (500_000, 1.4), (500_000, -1.4)])
def test_a_small_difference_leaves_the_anchor_alone(eps_us, step_s):
    machine = Machine()
    anchor = machine.anchor(clock_eps_us=eps_us)
    before_us = anchor.now_us()

    machine.is_set_by(step_s)

    assert anchor.now_us() == before_us
    assert anchor.epoch == 0


def test_small_steps_that_add_up_are_a_step():
    machine = Machine()
    anchor = machine.anchor()

    for _ in range(3):
        machine.is_set_by(0.4)
        anchor.stamp()

    assert anchor.epoch == 1


def test_a_stamp_taken_before_a_step_reads_in_the_new_time_afterwards():
    machine = Machine()
    anchor = machine.anchor()
    started_ns = anchor.stamp()

    machine.passes(2)
    machine.is_set_by(-600)
    ended_ns = anchor.stamp()

    assert anchor.wall_us(ended_ns) - anchor.wall_us(started_ns) == 2_000_000


def test_being_put_to_sleep_between_two_readings_is_not_a_step():
    machine = Machine()
    anchor = machine.anchor()
    sleeps = iter([0.0, 5.0])

    def drowsy_wall_ns() -> int:
        machine.passes(next(sleeps, 0.0))
        return machine.wall_ns

    drowsy = Anchor(wall_ns=drowsy_wall_ns, boot_ns=lambda: machine.boot_ns, boot_id=machine.boot_id)
    drowsy.stamp()

    assert drowsy.epoch == 0
    assert drowsy.now_us() == anchor.now_us()


def test_a_restart_keeps_epoch_and_anchor():
    machine = Machine()
    anchor = machine.anchor()
    machine.is_set_by(100)
    anchor.stamp()
    machine.is_set_by(0.5)

    again = machine.anchor(anchor.remember())

    assert again.epoch == 1
    assert again.now_us() == anchor.now_us()


def test_a_step_between_two_lives_is_noticed():
    machine = Machine()
    remembered = machine.anchor().remember()

    machine.passes(30)
    machine.is_set_by(-7)
    again = machine.anchor(remembered)

    assert again.epoch == 1
    assert again.now_us() == machine.wall_ns // 1_000


def test_a_reboot_alone_keeps_the_epoch():
    machine = Machine()
    remembered = machine.anchor().remember()

    machine.reboots(down_s=90)
    again = machine.anchor(remembered)

    assert again.epoch == 0
    assert again.now_us() == machine.wall_ns // 1_000


def test_a_reboot_into_the_past_raises_the_epoch():
    machine = Machine()
    remembered = machine.anchor().remember()

    machine.reboots(down_s=-86_400)

    assert machine.anchor(remembered).epoch == 1


@pytest.mark.parametrize(
    "remembered", ["", "null", "[]", "{}", '{"boot": "first boot", "offset_ns": "x"}', json.dumps({"epoch": 3})]
)
def test_a_memory_that_cannot_be_read_is_a_first_start(remembered):
    assert Machine().anchor(remembered).epoch == 0


def test_the_real_clocks_agree():
    anchor = Anchor()
    assert this_boot()
    assert anchor.wall_us(anchor.stamp()) <= anchor.now_us()
    assert anchor.epoch == 0
