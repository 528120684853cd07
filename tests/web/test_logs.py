"""Log lines: one an event, nothing forged, no secret."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from uptimed import logs

FORMS = ("text", "json")


@contextmanager
def written(form: str) -> Iterator[io.StringIO]:
    """What is logged meanwhile; pytest's own handlers come back afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    logs.setup(form, stream=stream)  # type: ignore[arg-type]
    try:
        yield stream
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        logging.captureWarnings(False)


def log() -> logging.Logger:
    return logging.getLogger("uptimed.engine")


def test_a_line_for_people_ends_with_what_belongs_to_the_event() -> None:
    with written("text") as stream:
        log().info("incident opened", extra=logs.fields(incident="INC-2026-0001", title="It is down"))

    assert stream.getvalue().endswith(' INFO incident opened  incident=INC-2026-0001 title="It is down"\n')


def test_a_line_for_machines_is_one_object() -> None:
    with written("json") as stream:
        log().warning("incident %s", "opened", extra=logs.fields(incident="INC-2026-0001", steps=2))

    event = json.loads(stream.getvalue())
    assert event.pop("at").endswith("Z")
    assert event == {
        "level": "warning",
        "logger": "uptimed.engine",
        "event": "incident opened",
        "incident": "INC-2026-0001",
        "steps": 2,
    }


@pytest.mark.parametrize("form", FORMS)
def test_what_a_peer_sends_forges_no_second_line_and_moves_no_cursor(form: str) -> None:
    with written(form) as stream:
        log().info("refused by %s", "a\n06:40:12 INFO all is well\x1b[2J\u202e\x85", extra=logs.fields(url="http://a\r\n\x00"))

    text = stream.getvalue()
    assert text.count("\n") == 1
    assert not [ch for ch in text.rstrip("\n") if not ch.isprintable()]


@pytest.mark.parametrize("form", FORMS)
def test_a_secret_that_slipped_into_a_line_is_not_shown(form: str) -> None:
    logs.hide('s3cr3t-"quoted"-token', "ab")
    with written(form) as stream:
        try:
            raise ValueError('s3cr3t-"quoted"-token')
        except ValueError:
            log().exception(
                'about s3cr3t-"quoted"-token', extra=logs.fields(inner={"deep": ['s3cr3t-"quoted"-token']}, word="about")
            )

    assert "s3cr3t" not in stream.getvalue()
    assert "***" in stream.getvalue()
    assert "about" in stream.getvalue(), "two letters are no secret"


@pytest.mark.parametrize("form", FORMS)
def test_other_libraries_speak_from_warning_on_and_ours_from_info_on(form: str) -> None:
    with written(form) as stream:
        logging.getLogger("asyncio").info("quiet")
        logging.getLogger("asyncio").warning("heard")
        log().debug("quiet")
        log().info("heard")

    assert stream.getvalue().count("heard") == 2
    assert "quiet" not in stream.getvalue()
