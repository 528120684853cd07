"""The reply parser: no bytes make it raise anything but ProbeFailure, and no split of the bytes changes the reply."""

from __future__ import annotations

import gzip
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from probes.http1_reply import Limits, ReplyReader
from probes.reasons import ProbeFailure
from tests.probes.rude import GZIP, OK, chunked, head, sized

LIMITS = Limits(head=400, body=300)

WHOLE = [
    OK,
    sized(b"x" * 500),
    sized(GZIP, b"Content-Encoding: gzip"),
    sized(gzip.compress(b"a") + gzip.compress(b"b"), b"Content-Encoding: gzip"),
    chunked(b"one", b"two" * 50),
    head(b"Transfer-Encoding: chunked") + b"3;x=y\r\nabc\r\n0\r\nT: u\r\n\r\nmore",
    head(b"Transfer-Encoding: chunked") + b"3\r\nabcd\r\n0\r\n\r\n",
    b"HTTP/1.1 100 Continue\r\n\r\n" * 3 + OK,
    b"HTTP/1.1 100 Continue\r\n\r\n" * 20 + OK,
    head(b"X: " + b"y" * 500),
    head() + b"until the end",
    b"HTTP/1.1 204 No\n\nextra",
]


DAMAGE = [b"", b"\0", b"\r", b"\n", b"\r\n", b" ", b":", b"f", b"\xff"]


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A reply with some bytes replaced, inserted or cut away."""
    data = bytearray(draw(st.sampled_from(WHOLE)))
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(data)))
        data[at : at + draw(st.integers(0, 4))] = draw(
            st.sampled_from([b"", b"\0", b"\r", b"\n", b"\r\n", b" ", b":", b"f", b"\xff"])
        )
    return bytes(data)


replies = st.one_of(st.sampled_from(WHOLE), damaged(), st.binary(max_size=200))


def read(pieces: list[bytes], method: str = "GET") -> tuple[object, ...]:
    reader = ReplyReader(method, LIMITS)
    try:
        for piece in pieces:
            reader.feed(piece)
        reader.end()
    except ProbeFailure as failure:
        return ("failure", failure.reason)
    return (reader.status, reader.version, reader.headers, reader.body, reader.truncated)


@given(replies, st.sampled_from(["GET", "HEAD", "POST"]))
def test_any_bytes_end_in_a_reply_or_a_probe_failure(data: bytes, method: str):
    assert read([data], method)


@given(replies, st.lists(st.integers(0, 800), max_size=8))
def test_any_split_of_the_bytes_gives_the_same_reply(data: bytes, cuts: list[int]):
    places = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    pieces = [data[start:end] for start, end in pairwise(places)]

    assert read(pieces) == read([data])


@given(replies)
def test_byte_by_byte_gives_the_same_reply(data: bytes):
    assert read([data[i : i + 1] for i in range(len(data))]) == read([data])


@given(st.binary(max_size=1000))
def test_the_body_never_exceeds_its_limit(body: bytes):
    reader = ReplyReader("GET", LIMITS)
    reader.feed(sized(gzip.compress(body), b"Content-Encoding: gzip"))

    assert reader.body == body[:300]
    assert reader.truncated == (len(body) > 300)
