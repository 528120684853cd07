"""XML for other programs: badges and feeds. Built as a tree, so that no text of a person is ever read as markup."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from xml.etree import ElementTree as ET

# XML 1.0 section 2.2: what else a text may hold has no place in a document, not even escaped.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_NONE: Mapping[str, str] = {}


def element(tag: str, attributes: Mapping[str, str] = _NONE, inside: str | Iterable[ET.Element] = ()) -> ET.Element:
    made = ET.Element(tag, {name: clean(value) for name, value in attributes.items()})
    if isinstance(inside, str):
        made.text = clean(inside)
    else:
        made.extend(inside)
    return made


def clean(text: str) -> str:
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)


def written(root: ET.Element) -> bytes:
    """UTF-8 with its declaration."""
    text: str = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'.encode()
