"""Every secret that the database keeps, found from its tables, and one of each planted."""

import base64
import re
from datetime import date, datetime, timedelta
from enum import StrEnum
from secrets import token_bytes, token_hex
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import JSON, Column, Enum, LargeBinary, Table, select

from tests.world import World
from tidings.accounts.models import User
from tidings.accounts.passwords import hash_password
from tidings.kernel.crypto import new_token
from tidings.kernel.db import Base, UtcDateTime

SHOWN = {
    "tidings_photos.content": "a picture, served to whoever knows its address",
    "tidings_login_photo.content": "the picture of the sign-in page",
    "tidings_exports.content": "an archive, for its owner",
    "tidings_export_parts.packed": "what becomes that archive",
    "tidings_idempotency_keys.body": "an answer, given again to who got it first",
    "tidings_audit_links.hash": "`tidings audit verify` prints it, to be noted elsewhere",
}
"""Bytes that are no secret, each with the reason; all other bytes are."""
_NAMED_LIKE_ONE = re.compile(r"hash|digest|seal|secret|nonce|successor|verifier|token|passw")


def secret_columns() -> list[Column[Any]]:  # Any: bytes or text
    """Every column that holds a digest, a hash, a key or a sealed secret."""
    return [
        column
        for table in Base.metadata.sorted_tables
        for column in table.c
        if (isinstance(column.type, LargeBinary) or (_is_text(column) and _NAMED_LIKE_ONE.search(column.name)))
        and str(column) not in SHOWN
    ]


def _is_text(column: Column[Any]) -> bool:
    return column.type.python_type is str and not isinstance(column.type, Enum)


async def kept_secrets(world: World) -> dict[str, set[bytes]]:
    """What each of these columns holds, in any of the usual forms."""
    async with world.tidings.database.read() as session:
        return {
            str(column): {
                form
                for value in await session.scalars(select(column).where(column.is_not(None)))
                for form in forms(value)
            }
            for column in secret_columns()
        }


def forms(value: bytes | str) -> set[bytes]:
    """How a secret would look in an answer."""
    if isinstance(value, str):
        return {value.encode()}
    encoded = {base64.b64encode(value), base64.urlsafe_b64encode(value).rstrip(b"=")}
    return {value, value.hex().encode(), *encoded}


async def plant(world: World, user_id: UUID) -> tuple[list[str], set[bytes]]:
    """A row of this user's in every table that keeps a secret, and in those it hangs on.

    The ids and names by which these rows are asked for, and what was sealed in them.
    """
    tables = {column.table for column in secret_columns()}
    tables |= {key.column.table for table in tables for key in table.foreign_keys}
    planted: dict[Table, object] = {}
    sealed: set[bytes] = set()
    async with world.tidings.database.write() as session:
        user = await session.get_one(User, user_id)
        user.password_hash = await hash_password(new_token())
        planted[User.__table__] = user  # type: ignore[index]  # declared as a FromClause
        for table in Base.metadata.sorted_tables:
            if table in tables - set(planted):
                planted[table], secret = _row(table, planted, world)
                sealed |= secret
                session.add(planted[table])
                await session.flush()
        values = [getattr(row, name, None) for row in planted.values() for name in ("id", "slug", "external_id")]
    return [str(value) for value in values if value is not None], sealed


def _row(table: Table, planted: dict[Table, object], world: World) -> tuple[object, set[bytes]]:
    model = next(mapper.class_ for mapper in Base.registry.mappers if mapper.local_table is table)
    row = model(**{column.name: _value(column, planted, world.clock.now()) for column in table.c})
    if not hasattr(row, "place"):
        return row, set()
    secret = new_token().encode()
    row.sealed = world.tidings.keyring.seal(secret, place=row.place)
    return row, {secret}


def _value(column: Column[Any], planted: dict[Table, object], now: datetime) -> Any:  # Any: what the column holds
    """What a column is given: what it hangs on, else something that no other row has."""
    for key in column.foreign_keys:
        return getattr(planted[key.column.table], key.column.name)
    if isinstance(column.type, Enum):
        kind: type[StrEnum] = column.type.enum_class  # type: ignore[assignment]  # every closed set is one
        return next((each for each in kind if each == "link"), next(iter(kind)))  # a link is somebody's
    if column.name.endswith("expires_at"):
        return now + timedelta(minutes=1)
    if isinstance(column.type, UtcDateTime | JSON):
        return now if isinstance(column.type, UtcDateTime) else []
    made = {bytes: token_bytes(32), str: token_hex(32), UUID: uuid4(), date: now.date(), int: 1}
    return {**made, bool: True}[column.type.python_type]
