"""Stream cursors: `epoch.revision.announcement_revision`, opaque to clients and good for one inbox only."""

import hashlib
import re
import secrets
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.kernel.errors import InvalidCursor
from tidings.notifications.models import Epoch
from tidings.realtime.ports import Position

_CURSOR = re.compile(r"([0-9a-f]{16})\.([0-9]{1,18})\.([0-9]{1,18})", re.ASCII)  # 18 digits fit a bigint


def epoch_of(epoch: str, user_id: UUID) -> str:
    """The database's epoch as one inbox's cursors carry it, with a tag of the inbox."""
    return epoch + _tag(user_id)


def format_cursor(position: Position) -> str:
    """The cursor of this position."""
    return f"{position.epoch}.{position.revision}.{position.shared}"


def parse_cursor(cursor: str) -> Position | None:
    """The position a cursor names, None for garbage. A foreign inbox's is a position in another epoch."""
    match = _CURSOR.fullmatch(cursor)
    return Position(match[1], int(match[2]), int(match[3])) if match else None


def parse_own_cursor(user_id: UUID, cursor: str) -> Position:
    """The position in this inbox that a cursor names. Raises InvalidCursor for garbage and for another inbox's."""
    position = parse_cursor(cursor)
    if position is None or not position.epoch.endswith(_tag(user_id)):
        raise InvalidCursor()
    return position


def _tag(user_id: UUID) -> str:
    return hashlib.blake2b(user_id.bytes, digest_size=4).hexdigest()


async def ensure_epoch(session: AsyncSession) -> None:
    """Give a new database its epoch; an existing one keeps it."""
    insert = sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgresql_insert
    await session.execute(insert(Epoch).values(id=1, value=secrets.token_hex(4)).on_conflict_do_nothing())


async def renew_epoch(session: AsyncSession) -> None:
    """Make every cursor handed out so far void; called when a database is restored from elsewhere."""
    epoch = (await session.scalars(select(Epoch))).one()
    epoch.value = secrets.token_hex(4)
