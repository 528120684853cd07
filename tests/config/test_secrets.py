"""A canary in every secret field shows up nowhere: not in a repr, an error, a schema or a version."""

from __future__ import annotations

import json
import traceback
from pathlib import Path

import pytest

from tests.config.mistakes import PRODUCTS
from uptimed import config
from uptimed.config.settings import AppriseSettings, WebhookSettings

CANARY = "kanarienvogel-4711"
SECRETS = """\
products:
  - id: sia
    components:
      - id: web
        checks:
          - id: home
            kind: http
            url: https://a.example.com/
            headers: {Authorization: "Token %(c)s"}
            body: "%(c)s"
            auth: {basic: {username: somebody, password: "%(c)s"}}
          - {id: api, kind: http, url: https://a.example.com/, auth: {bearer: "%(c)s"}}
          - {id: line, kind: tcp, host: a.example.com, port: 25, send: "%(c)s"}
notify:
  channels:
    hook: {kind: webhook, url: "https://h.example.com/%(c)s", secret: "%(c)s"}
    pager: {kind: apprise, url: "json://%(c)s"}
smtp: {host: mail.example.com, sender: a@example.com, user: "%(c)s", password: "%(c)s"}
server: {token: "%(c)s"}
storage: postgresql+asyncpg://uptimed:%(c)s@db.example.com/uptimed
"""


@pytest.fixture(params=["written", "environment", "file"])
def written(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """How the canary stands in the file."""
    monkeypatch.setenv("CANARY", CANARY)
    (tmp_path / "canary").write_text(CANARY + "\n")
    return {"written": CANARY, "environment": "${CANARY}", "file": "${file:canary}"}[request.param]


def test_no_repr_or_dump_of_a_loaded_file_shows_a_secret(written: str, tmp_path: Path) -> None:
    loaded = config.loads(SECRETS % {"c": written}, tmp_path / "uptimed.yaml")

    assert CANARY not in repr(loaded)
    assert CANARY not in repr([channel.model_dump() for channel in loaded.settings.channels.values()])
    assert CANARY not in loaded.catalogue.version
    hook, pager = loaded.settings.channels["hook"], loaded.settings.channels["pager"]
    assert isinstance(hook, WebhookSettings)
    assert hook.secret is not None
    assert isinstance(pager, AppriseSettings)
    assert (hook.secret.reveal(), pager.url.reveal()) == (CANARY, f"json://{CANARY}")


def test_the_schema_shows_no_secret(written: str) -> None:
    assert CANARY not in json.dumps(config.json_schema())


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("kind: webhook,", "kind: webhok,"),
        ("secret:", "secrte:"),
        ("https://h.example.com/", "ftp://h.example.com/"),
        ("json://", ""),
        ("headers:", "haeders:"),
        ("auth: {basic:", "auth: {digest:"),
        ("send:", "family:"),
        ("token:", "public:"),
        ("token:", "staff:"),
        ("server: {token:", "site: {timezone:"),
        ("server: {token:", "commitment: {degraded:"),
        ("server: {token:", "references: [{a:"),
        ("server: {token:", "retention: {results:"),
        ("storage: postgresql+asyncpg", "storage: postgresql"),
    ],
)
def test_no_error_shows_what_a_reference_stands_for(
    right: str, wrong: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CANARY", CANARY)
    text = (SECRETS % {"c": "${CANARY}"}).replace(right, wrong)
    text = text.replace('references: [{a: "${CANARY}"}', 'references: ["${CANARY}"]')
    assert wrong in text or "references" in text

    with pytest.raises(config.ConfigErrors) as refused:
        config.loads(text, tmp_path / "uptimed.yaml")

    assert CANARY not in "".join(traceback.format_exception(refused.value))
    assert CANARY not in repr(refused.value)
    seen: BaseException | None = refused.value
    while seen is not None:
        assert CANARY not in str(seen)
        seen = seen.__cause__ or seen.__context__


@pytest.mark.parametrize("place", ["kind: {0}", "id: {0}", "locations: [{0}]", "every: {0}"])
def test_a_reference_in_the_wrong_place_is_not_read_aloud(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANARY", CANARY.upper())
    good = {"id": "c", "kind": "http"}
    key = place.partition(":")[0]
    keys = ", ".join([*(f"{name}: {value}" for name, value in good.items() if name != key), place.format('"${CANARY}"')])
    text = f"products: [{{id: p, components: [{{id: a, checks: [{{url: 'https://a.example.com/', {keys}}}]}}]}}]\n"

    with pytest.raises(config.ConfigErrors) as refused:
        config.loads(text, Path("uptimed.yaml"))

    assert CANARY.upper() not in str(refused.value)


def test_a_variable_that_is_set_to_nothing_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMPTY", "")
    hook = 'notify: {channels: {hook: {kind: webhook, url: https://h.example.com, secret: "${EMPTY}"}}}\n'

    with pytest.raises(config.ConfigErrors, match="there but empty"):
        config.loads(PRODUCTS + hook, Path("uptimed.yaml"))


def test_what_a_reference_stands_for_never_becomes_yaml(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NAME", "x}, colour: blue #")

    loaded = config.loads(PRODUCTS + 'site: {name: "${NAME}"}\n', Path("uptimed.yaml"))

    assert loaded.catalogue.site.name == "x}, colour: blue #"


def test_a_new_value_behind_a_reference_is_the_same_version(monkeypatch: pytest.MonkeyPatch) -> None:
    text = PRODUCTS + 'server: {token: "${TOKEN}"}\n'
    versions = set()
    for value in ("one", "two"):
        monkeypatch.setenv("TOKEN", value)
        versions.add(config.loads(text, Path("uptimed.yaml")).catalogue.version)

    assert len(versions) == 1
