"""Every mistake is said at its line and column, with what would be right; and all of them in one run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.config.mistakes import MISTAKES, PRODUCTS, check
from uptimed import config
from uptimed.config.yaml_tree import DEPTH_LIMIT, SIZE_LIMIT

FILE = Path("uptimed.yaml")


def said_about(text: str) -> list[str]:
    with pytest.raises(config.ConfigErrors) as refused:
        config.loads(text, FILE)
    return str(refused.value).split("\n")


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_said_where_it_stands_with_what_would_be_right(name: str) -> None:
    text, expected = MISTAKES[name]

    assert said_about(text) == [f"uptimed.yaml:{line}" for line in expected]


def test_the_good_lines_beneath_the_mistakes_are_good() -> None:
    assert config.loads(PRODUCTS, FILE).warnings == ()


TEN_MISTAKES = """\
site: {name: Shop, timezone: Mars/Olympus, name: Twice}
commitment: {availability: "100%"}
locations: [{id: paris}, {id: Rome}]
products:
  - id: shop
    components:
      - id: web
        severity: bad
        checks:
          - {id: home, kind: http, url: "https://a.example.com/", every: 10s, timeout: 12s, locations: [pariss]}
          - {id: api, kind: http, expect: {statsu: 200}, locations: [lyon]}
people: [{id: bea, name: Bea, channels: [pager]}]
notify:
  channels: {hook: {kind: webhook, url: "${UPTIMED_TEST_UNSET}"}}
  escalation: {critical: [{notify: [on-call, hok]}]}
colour: blue
"""


def test_all_mistakes_of_a_file_are_said_in_one_run_in_the_order_of_the_file() -> None:
    lines = said_about(TEN_MISTAKES)

    assert [line.split(": ")[1] for line in lines] == [
        "site.timezone",
        "site.name",
        "commitment.availability",
        "locations.Rome.id",
        "products.shop.components.web.severity",
        "products.shop.components.web.checks.home.timeout",
        "products.shop.components.web.checks.home.locations.1",
        "products.shop.components.web.checks.api.url",
        "products.shop.components.web.checks.api.expect.statsu",
        "products.shop.components.web.checks.api.locations.1",
        "people.bea.channels.1",
        "notify.channels.hook.url",
        "notify.escalation.critical.1.notify.1",
        "notify.escalation.critical.1.notify.2",
        "colour",
    ]
    assert [int(line.split(":")[1]) for line in lines] == sorted(int(line.split(":")[1]) for line in lines)


def test_a_name_is_known_also_where_its_entry_is_wrong() -> None:
    text = PRODUCTS + "notify: {channels: {hook: {kind: webhook}}, escalation: {critical: [{notify: [hook]}]}}\n"

    assert said_about(text) == ["uptimed.yaml:7:27: notify.channels.hook.url: is missing; add it"]


def test_a_message_is_one_line_whatever_stands_in_the_file() -> None:
    assert len(said_about('"a\\nb": 1\nproducts: []\n')) == 2


@pytest.mark.parametrize("keys", ['expect: {json: {"$[": x}}', "expect: {regex: '(?P<a'}", f"expect: {{latency: {'9' * 4000}d}}"])
def test_what_a_library_says_about_a_value_is_one_line_of_bounded_length(keys: str) -> None:
    (line,) = said_about(check(keys))

    assert len(line) < 1_000


def test_a_file_that_is_not_there_says_what_to_do() -> None:
    with pytest.raises(config.ConfigErrors, match="uptimed init"):
        config.load(Path("/nonexistent/uptimed.yaml"))


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "uptimed.yaml").write_bytes(b"products: \xff\xfe")

    with pytest.raises(config.ConfigErrors, match="not UTF-8"):
        config.load(tmp_path / "uptimed.yaml")


BOMBS = {
    "a billion laughs": "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
    + "".join(f"{b}: &{b} [{','.join(['*' + a] * 10)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)),
    "a deep list": "a: " + "[" * 100_000,
    "deep mappings": "".join(" " * n + "a:\n" for n in range(DEPTH_LIMIT * 4)),
    "a long file": "#" * (SIZE_LIMIT + 1),
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_is_refused_while_it_is_read(bomb: str) -> None:
    assert len(said_about(BOMBS[bomb])) == 1


def words(text: str) -> st.SearchStrategy[str]:
    return st.sampled_from(text.split())


KEYS = words(
    "site name url languages timezone commitment availability maintenance treat notice cap degraded support_hours days from to "
    "holidays response critical within clock updates locations id products since support email components severity checks kind "
    "every timeout confirm failures recheck expect status json headers latency references people language channels notify rota "
    "handover escalation after smtp host port sender server public staff hosts trusted_proxies egress allow resolvers data storage "
    "retention results"
)
TEXTS = st.one_of(
    words("http tcp tls dns icmp webhook email apprise console 1h 7d 0 -1 1e9 nan inf true ² ~ . [::1]:80 http://["),
    st.text(max_size=8),
)
TREES = st.recursive(
    TEXTS, lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=4)), max_leaves=20
)


def loads_or_refuses(text: str) -> None:
    try:
        config.loads(text, FILE)
    except config.ConfigErrors as refused:
        said = refused.errors
    else:
        return
    assert said


@settings(max_examples=150, deadline=None)
@given(st.text())
@example("\0")
@example("\ufeff")
@example('data: "\\0"')
@example("%TAG ! x\n---\n")
def test_any_text_is_loaded_or_refused_and_never_breaks_the_reader(text: str) -> None:
    loads_or_refuses(text)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(KEYS, TREES, max_size=5))
def test_any_tree_of_known_keys_is_loaded_or_refused(tree: dict[str, object]) -> None:
    loads_or_refuses(json.dumps(tree))
    loads_or_refuses(PRODUCTS + "".join(f"{key}: {json.dumps(value)}\n" for key, value in tree.items()))


@settings(max_examples=200, deadline=None)
@given(KEYS, TREES)
def test_any_value_of_a_check_is_loaded_or_refused(key: str, value: object) -> None:
    check = {"id": "c", "kind": "http", "url": "https://a.example.com/", key: value}
    loads_or_refuses(json.dumps({"products": [{"id": "p", "components": [{"id": "a", "checks": [check]}]}], key: value}))


def test_a_wrong_id_hides_nothing_of_what_it_names() -> None:
    text = """\
products:
  - id: Bad_Id
    components:
      - id: web
        checks:
          - {id: home, kind: http, url: "nope", every: 20s, timeout: 30s}
          - {id: home, kind: http, url: "https://${UPTIMED_NOT_SET}/", every: 20s, timeout: 30s}
"""
    with pytest.raises(config.ConfigErrors) as found:
        config.loads(text, Path("uptimed.yaml"))

    assert [(one.line, one.what) for one in found.value.errors] == [
        (2, "'Bad_Id' is no id"),
        (6, "the URL's scheme is missing"),
        (6, "the timeout is not shorter than the interval"),
        (7, "'home' is there twice"),
        (7, "the environment variable UPTIMED_NOT_SET is not set"),
        (7, "the timeout is not shorter than the interval"),
    ]


@pytest.mark.parametrize("secret", ["whsec_", "whsec_not base64!", "whsec_abc"])
def test_a_webhooks_secret_that_only_looks_like_one_is_refused(secret: str) -> None:
    hook = f'notify: {{channels: {{hook: {{kind: webhook, url: "https://h.example.com/", secret: "{secret}"}}}}}}\n'

    with pytest.raises(config.ConfigErrors, match="after whsec_ comes no base64") as found:
        config.loads(PRODUCTS + hook, Path("uptimed.yaml"))

    assert secret == "whsec_" or secret not in str(found.value)


@pytest.mark.parametrize("secret", ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "any other text"])
def test_a_webhooks_secret_may_be_of_the_standard_or_any_text(secret: str) -> None:
    hook = f'notify: {{channels: {{hook: {{kind: webhook, url: "https://h.example.com/", secret: "{secret}"}}}}}}\n'

    assert config.loads(PRODUCTS + hook, Path("uptimed.yaml")).warnings == ()


def test_a_service_that_begins_in_the_future_is_warned_of() -> None:
    text = PRODUCTS.replace("  - id: sia\n", "  - id: sia\n    since: 2099-01-01\n")

    (warning,) = config.loads(text, Path("uptimed.yaml")).warnings

    assert warning.startswith("uptimed.yaml:3:12: products.sia.since: the service begins in the future")
