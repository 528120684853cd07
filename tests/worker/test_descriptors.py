"""Places for checks follow the descriptor limit, which is raised first. In a process of its own: limits stay lowered."""

from __future__ import annotations

import subprocess
import sys

import pytest

CHILD = """
import resource
resource.setrlimit(resource.RLIMIT_NOFILE, ({soft}, {hard}))
from probes.descriptors import places_for_checks
print(places_for_checks(), *resource.getrlimit(resource.RLIMIT_NOFILE))
"""


@pytest.mark.parametrize(("soft", "hard", "places"), [(256, 256, 179), (256, 1_000, 700), (64, 512, 358)])
def test_seven_tenths_of_the_hard_limit_are_places(soft, hard, places):
    said = subprocess.check_output([sys.executable, "-c", CHILD.format(soft=soft, hard=hard)], text=True)
    assert said.split() == [str(places), str(hard), str(hard)]
