"""Reading a file of availability cases; whatever is wrong with it is one sentence, said before anything runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

PUBLIC = Path(__file__).parent / "cases" / "availability.json"


class BadCases(ValueError):
    """The file and what is wrong with it."""


def cases_in(path: Path) -> list[dict[str, Any]]:
    """The cases of a file, in its order: those of `public`, or of whatever else it calls its list."""
    try:
        read = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise BadCases(f"{path}: cannot be read ({error.strerror}); name a file of availability cases") from None
    except ValueError as error:
        raise BadCases(f"{path}: is not JSON ({error}); name a file of availability cases") from None
    lists = [read] if isinstance(read, list) else [one for one in dict(read).values() if isinstance(one, list)]
    cases = [case for one in lists for case in one]
    if not cases:
        raise BadCases(f'{path}: holds no cases; the format is {{"public": [{{"id", "title", "input", "expect"}}]}}')
    for number, case in enumerate(cases):
        if complaint := _complaint(case, number):
            raise BadCases(f"{path}: {complaint}")
    return cases


def _complaint(case: Any, number: int) -> str | None:
    if not isinstance(case, dict):
        return f"case number {number} is no object; a case has id, title, input and expect"
    name = case.get("id", f"number {number}")
    missing = [key for key in ("id", "input", "expect") if key not in case]
    return f"case {name} lacks {', '.join(missing)}" if missing else None
