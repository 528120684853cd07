"""From the file's models to the settings of the daemon itself: doors, data, ways out."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from uptimed.config import models
from uptimed.config.places import found
from uptimed.config.problems import Findings
from uptimed.config.settings import Server, Settings, Smtp
from uptimed.config.yaml_tree import Tree

SHORTEST_RETENTION_US = 8 * 86_400_000_000
"""Results may arrive so late."""


class SettingsBuilder:
    def __init__(self, file: models.FileIn, tree: Tree, base: Path, findings: Findings) -> None:
        self._file = file
        self._tree = tree
        self._base = base
        self._findings = findings

    def settings(self) -> Settings:
        file = self._file
        self._doors(file.server, file.retention)
        data = self._path(file.data)
        host = urlsplit(file.site.url or "").hostname
        return Settings(
            server=Server(
                public=file.server.public,
                staff=file.server.staff,
                hosts=tuple(file.server.hosts) or ((host,) if host else ()),
                trusted_proxies=tuple(file.server.trusted_proxies),
                token=file.server.token,
            ),
            data=data,
            storage=self._storage(file.storage, data),
            smtp=self._smtp(file.smtp),
            channels=dict(file.notify.channels),
            egress_allow=tuple(file.egress.allow),
            resolvers=tuple(file.resolvers),
            retention_us=file.retention.results,
        )

    def _doors(self, server: models.ServerIn, retention: models.RetentionIn) -> None:
        if server.public == server.staff and server.public[1]:
            door = "staff" if self._tree.root.get("server") else ""
            self._error(("server", door), "the public and the staff door share one address", "give each its own port")
        if retention.results < SHORTEST_RETENTION_US:
            self._error(("retention", "results"), "results may still arrive this late", "keep them for 8d or more")

    def _path(self, text: str) -> Path:
        path = Path(text)
        return path if path.is_absolute() else (self._base / path).resolve()

    def _storage(self, url: str | None, data: Path) -> str:
        if url is None:
            return f"sqlite+aiosqlite:///{data / 'uptimed.db'}"
        scheme, _, rest = url.partition(":///")
        if scheme in ("sqlite", "sqlite+aiosqlite") and rest:
            return f"{scheme}:///{self._path(rest)}"
        if url.startswith("postgresql+asyncpg://"):
            return url
        self._error(
            ("storage",),
            "this is no database that is known",
            "write sqlite+aiosqlite:///data/uptimed.db or postgresql+asyncpg://user@host/name",
        )
        return url

    def _smtp(self, its: models.SmtpIn | None) -> Smtp | None:
        if its is None:
            return None
        security = its.security or ("tls" if its.port == 465 else "starttls")
        return Smtp(its.host, its.port, its.sender, its.user, its.password, security)

    def _error(self, path: tuple[str | int, ...], what: str, instead: str) -> None:
        self._findings.error(found(self._tree.root, path), what, instead)
