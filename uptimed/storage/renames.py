"""
Names of old (`was` in the configuration). A rename moves what is derived and what people made; evidence stays as it was written.

So a check's results are found under all its names, and what was sealed under an old name is still what was sealed.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, Table, false, insert, or_, select, update

from uptimed.storage import tables
from uptimed.storage.statements import from_json, to_json


def load(conn: Connection) -> dict[str, str]:
    """Every name of old -> the name of now."""
    return {row.old: row.new for row in conn.execute(select(tables.renames))}


def former_names(conn: Connection, name: str) -> list[str]:
    return list(conn.scalars(select(tables.renames.c.old).where(tables.renames.c.new == name).order_by(tables.renames.c.old)))


def wanted(conn: Connection, renames: Mapping[str, str]) -> dict[str, str]:
    """Those that are not done yet: of something that is known here, to a name under which nothing is."""
    known = set(conn.scalars(select(tables.first_seen.c.id)))
    return {old: new for old, new in renames.items() if old in known and new not in known}


def apply(conn: Connection, renames: Mapping[str, str], now_us: int) -> dict[str, str]:
    """Give what is known a new name. Returns what was done; a rename that was done before is left alone."""
    done = wanted(conn, renames)
    for old, new in done.items():
        conn.execute(update(tables.renames).where(tables.renames.c.new == old).values(new=new))
        conn.execute(insert(tables.renames).values(old=old, new=new, at_us=now_us))
        conn.execute(update(tables.first_seen).where(tables.first_seen.c.id == old).values(id=new))
        for table in (tables.runs, tables.segments, tables.imports):
            conn.execute(update(table).where(table.c.check_id == old).values(check_id=new))
        conn.execute(update(tables.alerts).where(tables.alerts.c.subject == old).values(subject=new))
        conn.execute(update(tables.outages).where(tables.outages.c.component == old).values(component=new))
        conn.execute(update(tables.incidents).where(tables.incidents.c.product == old).values(product=new))
    _in_lists(conn, tables.outages, "checks", done)
    _in_lists(conn, tables.incidents, "components", done)
    return done


def _in_lists(conn: Connection, table: Table, name: str, done: Mapping[str, str]) -> None:
    """Lists of names are kept as JSON; only rows that may hold one of these are read."""
    column = table.c[name]
    # A name has no character that LIKE or JSON would read as something else.
    holding = or_(*(column.like(f'%"{old}"%') for old in done)) if done else false()
    for key, text in conn.execute(select(table.c.id, column).where(holding)).all():
        names = [done.get(each, each) for each in from_json(text)]
        conn.execute(update(table).where(table.c.id == key).values({name: to_json(names)}))
