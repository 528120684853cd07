"""A result goes through the spool or over a bus and comes back as it was."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.links import ProbeResult
from probes.links.codec import decode, encode
from probes.outcome import Outcome, Verdict
from tests.worker.builders import a_result

texts = st.text(max_size=30)
floats = st.floats(allow_nan=False, allow_infinity=False)
facts = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | floats | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
outcomes = st.builds(
    Outcome,
    verdict=st.sampled_from(Verdict),
    reason=texts,
    detail=texts,
    phases=st.dictionaries(texts, floats, max_size=4),
    took_s=floats,
    evidence=st.dictionaries(texts, facts, max_size=4),
    notes=st.lists(texts, max_size=3).map(tuple),
    figures=st.dictionaries(texts, floats, max_size=4),
)
instants = st.integers(0, 2**63 - 1)
results = st.builds(
    ProbeResult,
    id=texts,
    check=texts,
    location=texts,
    epoch=st.integers(0, 10_000),
    config_version=texts,
    started_us=instants,
    ended_us=instants,
    boot_started_ns=instants,
    boot_ended_ns=instants,
    lag_s=floats,
    outcome=outcomes,
)


@given(results)
def test_a_result_comes_back_exactly(result):
    text = encode(result)

    assert decode(text) == result
    assert decode(text.encode()) == result
    assert "\n" not in text


def test_the_order_of_phases_is_kept():
    phases = {"resolve": 0.1, "connect": 0.2, "tls": 0.3}
    again = decode(encode(a_result(1, outcome=Outcome(Verdict.UP, "ok", phases=phases))))
    assert list(again.outcome.phases) == list(phases)


@pytest.mark.parametrize("text", ["", "{", "null", "[]", "3", "{}", '{"id": "x"}', encode(a_result(1))[:-20]])
def test_what_is_not_a_result_is_refused(text):
    with pytest.raises(ValueError, match=r"."):
        decode(text)


def test_an_unknown_verdict_is_refused():
    with pytest.raises(ValueError, match="sideways"):
        decode(encode(a_result(1)).replace('"up"', '"sideways"'))
