"""
Databases as Uptime Kuma leaves them, written by SQLite itself.

The statements are those that its own migrations result in: 1.23 as its patches make it, 2.0 with what its later migrations add.
Only the tables that matter here.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

NOON = datetime(2025, 3, 1, 12, tzinfo=UTC)
UP, DOWN, PENDING, MAINTENANCE = 1, 0, 2, 3

OF_1_23 = """
CREATE TABLE "user" (id INTEGER PRIMARY KEY AUTOINCREMENT, username VARCHAR(255) NOT NULL UNIQUE, password VARCHAR(255));
CREATE TABLE docker_host (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL);
CREATE TABLE proxy (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL);
CREATE TABLE "monitor" (
    id INTEGER not null primary key autoincrement,
    name VARCHAR(150),
    active BOOLEAN default 1 not null,
    user_id INTEGER references user on update cascade on delete set null,
    interval INTEGER default 20 not null,
    url TEXT,
    type VARCHAR(20),
    weight INTEGER default 2000,
    hostname VARCHAR(255),
    port INTEGER,
    created_date DATETIME default (DATETIME('now')) not null,
    keyword VARCHAR(255),
    maxretries INTEGER NOT NULL DEFAULT 0,
    ignore_tls BOOLEAN default 0 not null,
    upside_down BOOLEAN default 0 not null,
    maxredirects INTEGER default 10 not null,
    accepted_statuscodes_json TEXT default '["200-299"]' not null,
    dns_resolve_type VARCHAR(5), dns_resolve_server VARCHAR(255), dns_last_result VARCHAR(255),
    retry_interval INTEGER default 0 not null, push_token VARCHAR(20) DEFAULT NULL, method TEXT default 'GET' not null,
    body TEXT default null, headers TEXT default null, basic_auth_user TEXT default null, basic_auth_pass TEXT default null,
    docker_host INTEGER REFERENCES docker_host(id), docker_container VARCHAR(255), proxy_id INTEGER REFERENCES proxy(id),
    expiry_notification BOOLEAN default 1, mqtt_topic TEXT, mqtt_success_message VARCHAR(255), mqtt_username VARCHAR(255),
    mqtt_password VARCHAR(255), database_connection_string VARCHAR(2000), database_query TEXT, auth_method VARCHAR(250),
    auth_domain TEXT, auth_workstation TEXT, grpc_url VARCHAR(255) default null, grpc_protobuf TEXT default null,
    grpc_body TEXT default null, grpc_metadata TEXT default null, grpc_method VARCHAR(255) default null,
    grpc_service_name VARCHAR(255) default null, grpc_enable_tls BOOLEAN default 0 not null, radius_username VARCHAR(255),
    radius_password VARCHAR(255), radius_calling_station_id VARCHAR(50), radius_called_station_id VARCHAR(50),
    radius_secret VARCHAR(255), resend_interval INTEGER default 0 not null, packet_size INTEGER DEFAULT 56 NOT NULL,
    game VARCHAR(255), http_body_encoding VARCHAR(25), description TEXT default null, tls_ca TEXT default null,
    tls_cert TEXT default null, tls_key TEXT default null,
    parent INTEGER REFERENCES [monitor] ([id]) ON DELETE SET NULL ON UPDATE CASCADE,
    invert_keyword BOOLEAN default 0 not null, json_path TEXT, expected_value VARCHAR(255), kafka_producer_topic VARCHAR(255),
    kafka_producer_brokers TEXT, kafka_producer_sasl_options TEXT, kafka_producer_message TEXT,
    oauth_client_id TEXT default null, oauth_client_secret TEXT default null, oauth_token_url TEXT default null,
    oauth_scopes TEXT default null, oauth_auth_method TEXT default null, timeout DOUBLE default 0 not null,
    gamedig_given_port_only BOOLEAN default 1 not null, kafka_producer_ssl BOOLEAN default 0 NOT NULL,
    kafka_producer_allow_auto_topic_creation BOOLEAN default 0 NOT NULL);
CREATE INDEX user_id on monitor (user_id);
CREATE INDEX proxy_id ON monitor (proxy_id);
CREATE TABLE [heartbeat](
    [id] INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    [important] BOOLEAN NOT NULL DEFAULT 0,
    [monitor_id] INTEGER NOT NULL REFERENCES [monitor]([id]) ON DELETE CASCADE ON UPDATE CASCADE,
    [status] SMALLINT NOT NULL,
    [msg] TEXT,
    [time] DATETIME NOT NULL,
    [ping] INTEGER,
    [duration] INTEGER NOT NULL DEFAULT 0, down_count INTEGER default 0 not null);
CREATE INDEX [monitor_id] ON [heartbeat]([monitor_id]);
CREATE INDEX [important] ON [heartbeat]([important]);
CREATE INDEX monitor_time_index ON heartbeat (monitor_id, time);
CREATE INDEX monitor_important_time_index ON heartbeat (monitor_id, important,time);
CREATE TABLE "setting" (id INTEGER primary key autoincrement, key VARCHAR(200) not null unique, value TEXT, type VARCHAR(20));
"""

_STAT = """
CREATE TABLE `{name}` (`id` integer not null primary key autoincrement, `monitor_id` integer not null, `timestamp` integer not null,
    `ping` float not null, `up` smallint not null, `down` smallint not null, `ping_min` float not null default '0',
    `ping_max` float not null default '0', `extras` text default null,
    foreign key(`monitor_id`) references `monitor`(`id`) on delete CASCADE on update CASCADE);
CREATE UNIQUE INDEX `{name}_monitor_id_timestamp_unique` on `{name}` (`monitor_id`, `timestamp`);
"""

ADDED_BY_2_0 = (
    "".join(_STAT.format(name=name) for name in ("stat_minutely", "stat_hourly", "stat_daily"))
    + """
CREATE TABLE `remote_browser` (`id` integer not null primary key autoincrement, `name` varchar(255) not null,
    `url` varchar(255) not null, `user_id` integer);
ALTER TABLE `heartbeat` ADD COLUMN `end_time` datetime null default null;
ALTER TABLE `heartbeat` ADD COLUMN `retries` integer not null default '0';
ALTER TABLE `monitor` ADD COLUMN `mqtt_check_type` varchar(255) not null default 'keyword';
ALTER TABLE `monitor` ADD COLUMN `remote_browser` integer null default null;
ALTER TABLE `monitor` ADD COLUMN `snmp_oid` varchar(255) default null;
ALTER TABLE `monitor` ADD COLUMN `snmp_version` text check (`snmp_version` in ('1', '2c', '3')) default '2c';
ALTER TABLE `monitor` ADD COLUMN `json_path_operator` varchar(255) default null;
ALTER TABLE `monitor` ADD COLUMN `cache_bust` boolean not null default '0';
ALTER TABLE `monitor` ADD COLUMN `conditions` text not null default '[]';
ALTER TABLE `monitor` ADD COLUMN `rabbitmq_nodes` text;
ALTER TABLE `monitor` ADD COLUMN `rabbitmq_username` varchar(255);
ALTER TABLE `monitor` ADD COLUMN `rabbitmq_password` varchar(255);
ALTER TABLE `monitor` ADD COLUMN `smtp_security` varchar(255) default null;
ALTER TABLE `monitor` ADD COLUMN `ping_count` integer not null default '1';
ALTER TABLE `monitor` ADD COLUMN `ping_numeric` boolean not null default '1';
ALTER TABLE `monitor` ADD COLUMN `ping_per_request_timeout` integer not null default '2';
ALTER TABLE `monitor` ADD COLUMN `ip_family` varchar(4) default null;
ALTER TABLE `monitor` ADD COLUMN `manual_status` smallint default null;
ALTER TABLE `monitor` ADD COLUMN `oauth_audience` varchar(255) null default null;
ALTER TABLE `monitor` ADD COLUMN `mqtt_websocket_path` varchar(255) null;
"""
)


class KumaDatabase:
    """A kuma.db to be filled. `version` is 1 or 2."""

    def __init__(self, path: Path, version: int = 1) -> None:
        self.path = path
        self.version = version
        self.connection = sqlite3.connect(path)
        self.connection.execute("PRAGMA journal_mode = WAL")
        self.connection.executescript(OF_1_23 + (ADDED_BY_2_0 if version == 2 else ""))

    def monitor(self, name: str, type: str = "http", url: str | None = "https://shop.example.com/", **columns: Any) -> int:  # noqa: A002
        row = {"name": name, "type": type, "url": url, "interval": 60, "timeout": 48, **columns}
        return self.add("monitor", row)

    def beat(self, monitor: int, at_s: float, status: int = UP, *, took_s: float = 0.2, **columns: Any) -> None:
        """Begun `at_s` seconds after noon."""
        row = {"monitor_id": monitor, "status": status, "time": _text(at_s), "ping": round(took_s * 1000) if status == UP else None}
        if self.version == 2:
            row["end_time"] = _text(at_s + took_s)
        self.add("heartbeat", {**row, **columns})

    def beats(self, monitor: int, statuses: Iterable[int], *, from_s: float = 0, every_s: float = 60) -> None:
        for number, status in enumerate(statuses):
            self.beat(monitor, from_s + number * every_s, status)

    def add(self, table: str, row: Mapping[str, Any]) -> int:
        names, marks = ", ".join(row), ", ".join("?" * len(row))
        made = self.connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(row.values()))  # noqa: S608
        assert made.lastrowid is not None
        return made.lastrowid

    def close(self) -> Path:
        self.connection.commit()
        self.connection.close()
        return self.path


def _text(at_s: float) -> str:
    return (NOON + timedelta(seconds=at_s)).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
