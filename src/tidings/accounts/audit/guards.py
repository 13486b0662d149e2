"""What the database itself sees to: nothing in the log is altered or removed, and every entry waits for its link.

Triggers, so that they hold for every program that writes here, ours included. Who owns the database can drop them;
the chain is what shows it.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Table, event

from tidings.accounts.audit.models import AuditEntry, AuditLink, AuditWaiting

_LOG, _LINKS, _WAITING = (model.__tablename__ for model in (AuditEntry, AuditLink, AuditWaiting))
_MESSAGE = "the audit log is append-only"
_QUEUE = f"INSERT INTO {_WAITING} (entry_id) VALUES (NEW.id);"  # noqa: S608 - the name of our own table


def guard(connection: Connection, *tables: str) -> None:
    """Make the triggers of these tables, or of all three."""
    for statement in _guards(connection.dialect.name, tables or (_LOG, _LINKS, _WAITING)):
        connection.exec_driver_sql(statement)


def unguard(connection: Connection) -> None:
    """Remove what `guard` made: before the tables themselves are removed."""
    if connection.dialect.name == "sqlite":
        for trigger in (f"{_LOG}_update", f"{_LOG}_delete", f"{_LINKS}_update", f"{_LINKS}_delete", f"{_LOG}_waits"):
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {trigger}")
        return
    for function in ("refuse", "wait"):
        connection.exec_driver_sql(f"DROP FUNCTION IF EXISTS tidings_audit_{function}() CASCADE")


def _guards(dialect: str, tables: tuple[str, ...]) -> Iterator[str]:
    yield from _sqlite(tables) if dialect == "sqlite" else _postgresql(tables)


def _sqlite(tables: tuple[str, ...]) -> Iterator[str]:
    for table in {_LOG, _LINKS} & set(tables):
        for what in ("UPDATE", "DELETE"):
            yield (
                f"CREATE TRIGGER {table}_{what.lower()} BEFORE {what} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{_MESSAGE}'); END"
            )
    if _WAITING in tables:
        yield (f"CREATE TRIGGER {_LOG}_waits AFTER INSERT ON {_LOG} BEGIN {_QUEUE} END")


def _postgresql(tables: tuple[str, ...]) -> Iterator[str]:
    if {_LOG, _LINKS} & set(tables):
        yield (
            "CREATE OR REPLACE FUNCTION tidings_audit_refuse() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{_MESSAGE}' USING ERRCODE = 'insufficient_privilege'; END $$"
        )
    for table in {_LOG, _LINKS} & set(tables):
        yield (
            f"CREATE TRIGGER {table}_guard BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION tidings_audit_refuse()"
        )
    if _WAITING in tables:
        yield (
            "CREATE OR REPLACE FUNCTION tidings_audit_wait() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN {_QUEUE} RETURN NULL; END $$"
        )
        yield (f"CREATE TRIGGER {_LOG}_waits AFTER INSERT ON {_LOG} FOR EACH ROW EXECUTE FUNCTION tidings_audit_wait()")


def _when_created(table: Table, connection: Connection, **_: Any) -> None:  # Any: what the event hands over besides
    guard(connection, table.name)


for _model in (AuditEntry, AuditLink, AuditWaiting):
    event.listen(_model.__table__, "after_create", _when_created)
