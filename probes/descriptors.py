"""How many checks may run at once: each needs a descriptor, and running out of them must never look like a target that is down."""

from __future__ import annotations

import contextlib
import resource

SHARE = 0.7
"""The rest is for the database, readers of the pages, and a second socket where a check needs one."""
_PLENTY = 1 << 20


def places_for_checks() -> int:
    """Raises the soft limit of descriptors to the hard one; 70 % of it are places."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _PLENTY if hard == resource.RLIM_INFINITY else min(hard, _PLENTY)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        # Some containers forbid even this; then the soft limit is what there is.
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
            soft = wanted
    limit = _PLENTY if soft == resource.RLIM_INFINITY else soft
    return max(1, int(limit * SHARE))
