"""One file with the evidence of a year: the same bytes for the same evidence, and not one of them can be changed unseen."""

from __future__ import annotations

import asyncio
import csv
import hashlib
import io
import json
import struct
import zipfile
from argparse import Namespace
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from probes.outcome import Verdict
from tests.engine.test_rebuilding import keep_house
from tests.engine.world import NOON_US, S, World, catalogue, world
from uptimed.cli import verify
from uptimed.domain.dayblob import DAY_US, DayResult, body_of, day, packed
from uptimed.domain.overlays import Adjustment
from uptimed.domain.severity import Severity
from uptimed.engine import archive, gathering
from uptimed.engine.archive_reading import Archive
from uptimed.engine.stated import Published, StatedBlob
from uptimed.storage import adjustments

UP, DOWN = Verdict.UP, Verdict.DOWN
MONTH = "results/shop/web/home/local/2026-09"


async def written(folder: Path) -> bytes:
    """Of four days with an outage and an exclusion; three are sealed."""
    folder.mkdir()
    async with world(folder) as shop:
        await shop.start(catalogue(web=Severity.CRITICAL, api=Severity.SEVERE))
        for number in range(4):
            for component in ("web", "api"):
                await shop.sees(*((UP, UP, DOWN, DOWN, UP, UP) if number == 1 else (UP, UP, UP)), component=component)
            if number == 2:
                made = Adjustment("ADJ-2026-0001", shop.clock.us, "anna", "a drill", "exclude", NOON_US, NOON_US + S, scope="shop")
                await shop.database.write(partial(adjustments.add, adjustment=made))
            if number < 3:
                shop.clock.us += DAY_US
                await keep_house(shop)
        return await export(shop, folder / "evidence.zip")


async def export(shop: World, path: Path) -> bytes:
    def work(conn: Connection) -> None:
        its = gathering.stated(conn, 2026, shop.clock.us)
        archive.write(path, its, gathering.published(conn, its), gathering.outages_of(conn, its), "1.0")

    await shop.database.read(work)
    return path.read_bytes()


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return asyncio.run(written(tmp_path_factory.mktemp("evidence") / "first"))


def verified(content: bytes, folder: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """Exit code and words of `uptimed verify`."""
    file = folder / "evidence.zip"
    file.write_bytes(content)
    code = verify.main(Namespace(file=file, year=None))
    return code, capsys.readouterr().out


def forged(original: bytes, changes: Mapping[str, bytes | None], folder: Path) -> bytes:
    """With other contents (None: left out), and every hash made anew by somebody who knows how."""
    with zipfile.ZipFile(io.BytesIO(original)) as source:
        contents = {name: source.read(name) for name in source.namelist()}
    contents.update({name: content for name, content in changes.items() if content is not None})
    for name in (name for name, content in changes.items() if content is None):
        del contents[name]
    manifest = json.loads(contents.pop("manifest.json"))
    manifest["files"] = [
        {"name": name, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()} for name, content in contents.items()
    ]
    path = folder / "forged.zip"
    with zipfile.ZipFile(path, "w") as target:
        for name, content in contents.items():
            target.writestr(name, content)
        target.writestr("manifest.json", json.dumps(manifest))
        target.comment = archive.COMMENT + b"0" * archive.HASH
    with path.open("r+b") as file:
        digest = archive.digest_of(file)
        file.seek(-archive.HASH, io.SEEK_END)
        file.write(digest.encode())
    return path.read_bytes()


def content_of(original: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(original)) as source:
        return source.read(name)


def test_what_was_exported_is_verified_without_any_database(original: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    code, said = verified(original, tmp_path, capsys)

    assert code == 0
    assert said.endswith(
        "every figure follows from the results, and the seals of 3 days are whole; 1 not sealed yet, from 2026-09-24 on\n"
    )


async def test_the_same_evidence_gives_the_same_bytes(tmp_path: Path):
    assert await written(tmp_path / "one") == await written(tmp_path / "other")


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chance=st.data())
def test_one_flipped_byte_anywhere_is_found(
    original: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str], chance: st.DataObject
):
    at = chance.draw(st.integers(0, len(original) - 1) | st.integers(1, 400).map(lambda back: len(original) - back), label="at")
    bent = bytearray(original)
    bent[at] ^= chance.draw(st.integers(1, 255), label="bits")

    code, said = verified(bytes(bent), tmp_path, capsys)

    assert code == 1
    assert said


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(share=st.floats(0, 1, exclude_max=True), more=st.binary(max_size=4))
@example(share=1.0, more=b"x")
@example(share=0.0, more=b"")
def test_a_file_that_was_cut_or_has_grown_is_found(
    original: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str], share: float, more: bytes
):
    torn = original[: int(len(original) * share)] + more

    assert verified(torn, tmp_path, capsys)[0] == 1


BLOBS, TEXT = f"{MONTH}.blobs", f"{MONTH}.csv"


@pytest.mark.parametrize(
    ("name", "old", "new", "found"),
    [
        (TEXT, b",up,", b",down,", f"{TEXT}: it does not say what the day blobs beside it say"),
        ("figures/days.csv", b"home,2026-09-22,", b"home,2026-09-22,1", "shop/api/home 2026-09-22: up_us was said to be 1"),
        ("figures/availability.json", b'"undecided"', b'"met"', 'was said to be "met"; from the results it is "undecided"'),
        ("adjustments.jsonl", b"a drill", b"a flood", "the contracts, adjustments and planned work are not as sealed"),
        ("contracts.jsonl", b"99.99", b"99.9", "the contracts, adjustments and planned work are not as sealed"),
        ("seals/2026-09-22.txt", b'"local"', b'"Local"', "seal of 2026-09-22: its hash is not that of what is stated"),
        ("seals/chain.csv", b"2026-09-22", b"2026-09-20", "seal of 2026-09-20: the one before it is of 2026-09-21"),
        ("figures/availability.json", b"{", b"[", "makes no sense"),
        ("seals/chain.csv", b",1,0,0,", b",1,one,0,", "makes no sense"),
        ("renames.json", b"{}", b"[1]", "makes no sense"),
    ],
)
def test_a_forgery_with_all_hashes_made_anew_is_found_where_it_was_made(
    original: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, old: bytes, new: bytes, found: str
):
    content = content_of(original, name)
    assert old in content
    code, said = verified(forged(original, {name: content.replace(old, new, 1)}, tmp_path), tmp_path, capsys)

    assert (code, found in said) == (1, True), said


@pytest.mark.parametrize("name", [BLOBS, TEXT, "seals/2026-09-22.txt", "seals/chain.csv", "contracts.jsonl", "figures/days.csv"])
def test_a_file_that_is_left_out_is_missed(original: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str):
    assert verified(forged(original, {name: None}, tmp_path), tmp_path, capsys)[0] == 1


def test_results_that_never_were_are_not_those_that_were_sealed(
    original: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    """An outage made up afterwards: blobs, text, figures and hashes all fit together, but not the seal."""
    stored = content_of(original, BLOBS)
    (length,) = struct.unpack_from(">I", stored)
    with Archive(_file(original, tmp_path)) as opened:
        first = day(next(one.body() for one in opened.stated().blobs if one.check == "shop/web/home"))
    bent = [one._replace(verdict="down") for one in first.results()]
    blob = packed(body_of(first.check, first.location, first.received_on, bent))
    changed = struct.pack(">I", len(blob)) + blob + stored[4 + length :]

    code, said = verified(forged(original, {BLOBS: changed}, tmp_path), tmp_path, capsys)

    assert code == 1
    assert "shop/web/home 2026-09-21: its results from local are not those that were sealed" in said
    assert "shop/web/home 2026-09-21: up_us was said to be" in said


def _file(content: bytes, folder: Path) -> Path:
    path = folder / "some.zip"
    path.write_bytes(content)
    return path


def test_people_can_read_it(original: bytes):
    with zipfile.ZipFile(io.BytesIO(original)) as opened:
        assert opened.testzip() is None
        names = opened.namelist()
        rows = list(csv.DictReader(io.StringIO(opened.read(TEXT).decode())))
        days = list(csv.DictReader(io.StringIO(opened.read("figures/days.csv").decode())))
        outages = [json.loads(line) for line in opened.read("outages.jsonl").splitlines()]

    assert names[0] == "README.txt"
    assert rows[0] == {
        "id": "shop/web/home/local/w1/boot1/1", "epoch": "0", "started": "2026-09-21T14:13:20.000000Z", "took_us": "100000",
        "delivered_us": "0", "verdict": "up", "rejected": "",
    }  # fmt: skip
    assert len(rows) == 15
    assert sum(int(one["down_us"]) for one in days) == 2 * 40_000_000
    assert [one["component"] for one in outages] == ["shop/web", "shop/api"]


def test_no_name_leads_out_of_the_archive(tmp_path: Path, original: bytes):
    on = date(2026, 9, 21)
    with Archive(_file(original, tmp_path)) as opened:
        its = opened.stated()
    odd = [("../../etc", ".."), ("/root", "C:\\x"), ("", ""), ("a\nb", "é")]
    bodies = [(check, place, body_of(check, place, on, [DayResult("i", 0, 1, 2, 3, "up", "late")])) for check, place in odd]
    blobs = sorted(StatedBlob(check, place, on, partial(bytes, body)) for check, place, body in bodies)
    path = tmp_path / "odd.zip"

    archive.write(path, replace(its, blobs=blobs), Published([], [], []), [], "1.0")

    with zipfile.ZipFile(path) as opened:
        names = [name for name in opened.namelist() if name.startswith("results")]
    assert len(set(names)) == 2 * len(odd)
    assert not [name for name in names if ".." in name or "\\" in name or name.startswith("/") or "//" in name]
    with Archive(path) as opened:
        assert list(opened.flaws()) == []
        assert list(opened.differing_texts()) == []
        assert {(one.check, one.location) for one in opened.stated().blobs} == set(odd)


def test_what_is_no_archive_is_refused_in_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert verified(b"", tmp_path, capsys)[0] == 1
    code, said = verified(b"PK\x05\x06" + bytes(18), tmp_path, capsys)
    assert code == 1
    assert "cannot be read as uptimed evidence; it is damaged or was never that" in said
    assert verify.main(Namespace(file=tmp_path / "none.zip", year=None)) == 2
    assert verify.main(Namespace(file=None, year=None)) == 2
