"""
Reading an HTTP/1.1 reply: strict where a lie could hide, bounded everywhere, and without any I/O (RFC 9112).

Feed bytes in any split and the same reply comes out. Raises nothing but ProbeFailure. Lenient only where visitors' browsers are,
too: bare line feeds, a missing reason phrase, bytes after the end.
"""

from __future__ import annotations

import re
import zlib
from abc import ABC, abstractmethod
from dataclasses import dataclass

from probes.outcome import inert
from probes.reasons import ProbeFailure


@dataclass(frozen=True, slots=True)
class Limits:
    head: int = 65_536
    """Bytes of all heads together, interim answers included."""
    body: int = 1_048_576
    """Bytes of body after decompression; what comes later is not read."""


_STATUS_LINE = re.compile(rb"HTTP/1\.([01]) ([1-9]\d\d)(?: ([^\x00\r\n]*))?\Z")
_FIELD = re.compile(rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*([^\x00\r\n]*?)[ \t]*\Z")
_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\x00\r\n]*)?\Z")
_DIGITS = re.compile(r"\d{1,18}\Z", re.ASCII)
_MOST_INTERIM = 16
_LONGEST_CHUNK_LINE = 4_096
_MOST_FRAMING = 1_048_576
"""Bytes spent on chunk sizes, extensions and trailers; a reply that is all framing and no content ends here."""
_MOST_MEMBERS = 16


class ReplyReader:
    """
    Takes bytes by `feed` and the end of the stream by `end`, until `complete`.

    `status` and `headers` are there once `has_head` is true. `truncated` says that the body went on beyond the limit, `extra`
    that bytes came after its end.
    """

    def __init__(self, method: str, limits: Limits) -> None:
        self._method = method
        self._limits = limits
        self._buffer = b""
        self._head_spent = 0
        self._interim = 0
        self._framing: _Framing | None = None
        self._coding: _Coding | None = None
        self._pieces: list[bytes] = []
        self._kept = 0
        self.status = 0
        self.version = ""
        self.headers: tuple[tuple[str, str], ...] = ()
        self.has_head = False
        self.complete = False
        self.truncated = False
        self.extra = False
        self.undecoded = ""
        """A content coding that we do not know: the body is as it was sent, and must not be searched."""

    def header(self, name: str) -> str | None:
        """The values of a header (lower-case name), joined by a comma; None when it is absent."""
        values = [value for known, value in self.headers if known == name]
        return ", ".join(values) if values else None

    @property
    def body(self) -> bytes:
        return b"".join(self._pieces)

    def feed(self, data: bytes) -> None:
        if self.complete:
            self.extra = self.extra or (bool(data) and not self.truncated)
            return
        if self.has_head:
            self._take_body(data)
            return
        searched_to = max(0, len(self._buffer) - 3)
        self._buffer += data
        self._read_heads(searched_to)

    def end(self) -> None:
        """The peer ended the stream. Raises when something is missing."""
        if self.complete:
            return
        if not self.has_head:
            if self._buffer:
                raise ProbeFailure("http_malformed", f"the connection was closed inside the head: {inert(self._buffer, 80)}")
            raise ProbeFailure("http_closed", "the connection was closed without an answer")
        if self._framing is None or not self._framing.may_end():
            raise ProbeFailure("body_truncated", f"the connection was closed inside the body, after {self._kept} bytes of it")
        self._finish()

    def _read_heads(self, searched_to: int) -> None:
        while not self.has_head:
            if not b"HTTP/1.".startswith(self._buffer[:7]):
                raise ProbeFailure("http_malformed", f"the answer does not begin like HTTP/1: {inert(self._buffer, 80)}")
            found = _END_OF_HEAD.search(self._buffer, searched_to)
            spent = self._head_spent + (found.end() if found else len(self._buffer))
            if spent > self._limits.head:
                raise ProbeFailure("http_head_too_large", f"the answer's head is longer than {self._limits.head} bytes")
            if found is None:
                return
            head, rest = self._buffer[: found.start()], self._buffer[found.end() :]
            self._head_spent, self._buffer, searched_to = spent, b"", 0
            self._read_head(head, rest)

    def _read_head(self, head: bytes, rest: bytes) -> None:
        lines = [line.removesuffix(b"\r") for line in head.split(b"\n")]
        found = _STATUS_LINE.match(lines[0])
        if found is None:
            raise ProbeFailure("http_malformed", f"not an HTTP/1 status line: {inert(lines[0], 80)}")
        status = int(found[2])
        headers = _fields(lines[1:])
        if 100 <= status < 200 and status != 101:
            self._interim += 1
            if self._interim > _MOST_INTERIM:
                raise ProbeFailure("http_informational", f"more than {_MOST_INTERIM} interim answers and no final one")
            self._buffer = rest
            return
        self.has_head = True
        self.status, self.version, self.headers = status, f"1.{found[1].decode()}", headers
        self._framing = self._choose_framing()
        self._coding = self._choose_coding()
        self._take_body(rest)

    def _choose_framing(self) -> _Framing:
        coding, length = self.header("transfer-encoding"), self.header("content-length")
        if coding is not None and length is not None:
            raise ProbeFailure("http_malformed", "both Content-Length and Transfer-Encoding are given (RFC 9112 section 6.1)")
        expected = _length(length) if length is not None else None
        if coding is not None and coding.strip().lower() != "chunked":
            raise ProbeFailure("http_malformed", f"the transfer coding {inert(coding, 60)} is not known")
        if self._method == "HEAD" or self.status in {101, 204, 304}:
            return _Sized(0)
        if coding is not None:
            return _Chunked()
        return _UntilClose() if expected is None else _Sized(expected)

    def _choose_coding(self) -> _Coding | None:
        name = (self.header("content-encoding") or "identity").strip().lower()
        if name in {"identity", ""}:
            return None
        if name in {"gzip", "x-gzip", "deflate"}:
            return _Coding(name.removeprefix("x-"))
        self.undecoded = inert(name, 40)
        return None

    def _take_body(self, data: bytes) -> None:
        assert self._framing is not None  # noqa: S101  set with has_head
        content, extra = self._framing.take(data)
        if self._coding is not None and content:
            content = self._coding.take(content, self._limits.body - self._kept + 1)
        if content:
            room = self._limits.body - self._kept
            self._pieces.append(content[:room])
            self._kept += min(len(content), room)
            if len(content) > room:
                self.truncated = self.complete = True
                return
        self.extra = extra
        if self._framing.fault:
            raise ProbeFailure("body_malformed", self._framing.fault)
        if self._framing.done:
            self._finish()

    def _finish(self) -> None:
        # A body of no bytes at all is no broken archive: servers label empty answers, too.
        if self._coding is not None and self._coding.used and not self._coding.ended:
            raise ProbeFailure("body_truncated", f"the {self._coding.name} data ends before its end mark")
        self.complete = True


class _Framing(ABC):
    """Where the body ends."""

    done = False
    fault = ""
    """Why nothing after the content returned so far can be read. Kept back, so that the split of the bytes decides nothing."""

    @abstractmethod
    def take(self, data: bytes) -> tuple[bytes, bool]:
        """The content in `data`, and whether bytes were left over after the end."""

    def may_end(self) -> bool:
        return self.done


class _UntilClose(_Framing):
    def take(self, data: bytes) -> tuple[bytes, bool]:
        return data, False

    def may_end(self) -> bool:
        return True


class _Sized(_Framing):
    def __init__(self, length: int) -> None:
        self._left = length
        self.done = not length

    def take(self, data: bytes) -> tuple[bytes, bool]:
        content = data[: self._left]
        self._left -= len(content)
        self.done = not self._left
        return content, len(data) > len(content)


class _Chunked(_Framing):
    """RFC 9112 section 7.1. Sizes in hexadecimal, extensions and trailers skipped, all framing counted."""

    def __init__(self) -> None:
        self._line = b""
        self._left = 0
        self._state = "size"
        self._spent = 0

    def take(self, data: bytes) -> tuple[bytes, bool]:
        content: list[bytes] = []
        at = 0
        while at < len(data) and not self.done and not self.fault:
            if self._state == "content":
                piece = data[at : at + self._left]
                content.append(piece)
                at += len(piece)
                self._left -= len(piece)
                if not self._left:
                    self._state = "after"
            else:
                at = self._take_line(data, at)
        return b"".join(content), at < len(data)

    def _take_line(self, data: bytes, at: int) -> int:
        end = data.find(b"\n", at)
        stop = len(data) if end < 0 else end + 1
        self._line += data[at:stop]
        self._spent += stop - at
        if len(self._line) > _LONGEST_CHUNK_LINE or self._spent > _MOST_FRAMING:
            self.fault = "the chunked body is nearly all framing and no content"
        elif end >= 0:
            line, self._line = self._line[:-1].removesuffix(b"\r"), b""
            self._end_line(line)
        return stop

    def _end_line(self, line: bytes) -> None:
        if self._state == "size":
            found = _CHUNK_SIZE.match(line)
            if found is None:
                self.fault = f"not a chunk size: {inert(line, 60)}"
                return
            self._left = int(found[1], 16)
            self._state = "content" if self._left else "trailer"
        elif self._state == "after":
            if line:
                self.fault = "a chunk is longer than its size says"
            self._state = "size"
        elif not line:
            self.done = True


class _Coding:
    """gzip or deflate, a bounded piece at a time, so that a bomb costs no more than the limit."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.ended = False
        self.used = False
        self._members = 0
        self._head = b""
        self._inflate = zlib.decompressobj(wbits=31) if name == "gzip" else None

    def take(self, data: bytes, room: int) -> bytes:
        """At most `room` bytes of content; the caller stops when it got them all, so what is left behind is not missed."""
        self.used = True
        if self._inflate is None:
            self._head += data
            if len(self._head) < 2:
                return b""
            self._inflate, data = zlib.decompressobj(wbits=_deflate_kind(self._head)), self._head
        out: list[bytes] = []
        while data and room > 0 and not (self.ended and self.name == "deflate"):
            if self.ended and not self._next_member(data):
                break
            try:
                piece = self._inflate.decompress(data, room)
            except zlib.error as error:
                raise ProbeFailure("body_encoding", f"the {self.name} data cannot be read: {error}") from None
            out.append(piece)
            room -= len(piece)
            self.ended = self._inflate.eof
            data = self._inflate.unused_data if self.ended else b""
        return b"".join(out)

    def _next_member(self, data: bytes) -> bool:
        """A gzip file may be several in a row (RFC 1952 section 2.2); zero padding after the last is common and harmless."""
        self._members += 1
        if not data.strip(b"\0"):
            return False
        if self._members > _MOST_MEMBERS:
            raise ProbeFailure("body_encoding", f"the gzip data has more than {_MOST_MEMBERS} parts")
        self._inflate = zlib.decompressobj(wbits=31)
        self.ended = False
        return True


def _deflate_kind(head: bytes) -> int:
    """`deflate` means zlib (RFC 9110 section 8.4.1.2), but some servers send it bare; the first two bytes tell."""
    is_zlib = head[0] & 0x0F == 8 and int.from_bytes(head[:2], "big") % 31 == 0
    return zlib.MAX_WBITS if is_zlib else -zlib.MAX_WBITS


def _fields(lines: list[bytes]) -> tuple[tuple[str, str], ...]:
    fields: list[tuple[str, str]] = []
    for line in lines:
        if line[:1] in {b" ", b"\t"} and fields:
            # An obsolete folded line belongs to the one before (RFC 9112 section 5.2).
            if b"\0" in line or b"\r" in line:
                raise ProbeFailure("http_malformed", "a header holds a control character")
            name, value = fields[-1]
            fields[-1] = (name, f"{value} {line.strip().decode('latin-1')}".strip())
            continue
        found = _FIELD.match(line)
        if found is None:
            raise ProbeFailure("http_malformed", f"not a header line: {inert(line, 80)}")
        fields.append((found[1].decode("ascii").lower(), found[2].decode("latin-1")))
    return tuple(fields)


def _length(text: str) -> int:
    """Equal repetitions count as one (RFC 9112 section 6.3); `+5`, `0x10` and differing values do not count at all."""
    values = {part.strip() for part in text.split(",")}
    value = values.pop()
    if values or _DIGITS.match(value) is None:
        raise ProbeFailure("http_malformed", f"the Content-Length {inert(text, 60)} is not a number")
    return int(value)
