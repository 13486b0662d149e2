"""Idempotency-Key: the effect and the answer of a POST are stored in one transaction, so a repeat replays the answer.

The key's row is inserted first. On PostgreSQL a second request with the same key waits on that uncommitted row, on
SQLite on the write lock: the database does the waiting, and a first request that fails leaves no row behind.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from fastapi import Request, Response
from sqlalchemy import LargeBinary, delete, text, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from tidings.kernel.crypto import Keyring
from tidings.kernel.db import Base
from tidings.kernel.errors import IdempotencyKeyReused, InvalidRequest, RequestInProgress

KEPT_FOR = timedelta(hours=24)
MAX_KEY_LENGTH = 255
WAIT_S = 10
_LOCK_NOT_AVAILABLE = "55P03"


class IdempotencyKey(Base):
    __tablename__ = "tidings_idempotency_keys"

    caller: Mapped[str] = mapped_column(primary_key=True)
    route: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    request_digest: Mapped[bytes] = mapped_column(LargeBinary)
    status: Mapped[int | None]
    media_type: Mapped[str | None]
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(index=True)


class Replay(Exception):
    """Raised to end a request with the answer that its first run gave."""

    def __init__(self, response: Response) -> None:
        self.response = response


async def claim(request: Request, session: AsyncSession, *, caller: str, now: datetime) -> IdempotencyKey | None:
    """Reserve the request's key for this transaction; None without one.

    Raises Replay with the stored answer of an earlier run, IdempotencyKeyReused when that run had another body, and
    RequestInProgress when it is still running after 10 s.
    """
    key = request.headers.get("idempotency-key")
    if key is None:
        return None
    if not 0 < len(key) <= MAX_KEY_LENGTH:
        raise InvalidRequest(f"Idempotency-Key must have 1 to {MAX_KEY_LENGTH} characters")
    row = IdempotencyKey(
        caller=caller,
        route=f"{request.method} {request.url.path}",
        key=key,
        request_digest=await _digest(request),
        created_at=now,
    )
    if await _insert(session, row) or (await _forget(session, row, now=now) and await _insert(session, row)):
        return row
    earlier = await session.get_one(IdempotencyKey, (row.caller, row.route, row.key))
    if earlier.request_digest != row.request_digest:
        raise IdempotencyKeyReused()
    raise Replay(
        Response(
            earlier.body,
            earlier.status or 200,
            media_type=earlier.media_type,
            headers={"Idempotent-Replayed": "true"},
        )
    )


async def _digest(request: Request) -> bytes:
    # Keyed, because a body may hold a password, and a plain digest would help whoever reads the table to guess it.
    keyring: Keyring = request.app.state.keyring
    return keyring.sign("idempotency", request.url.query.encode() + b"\n" + await request.body())


async def keep_answer(session: AsyncSession, row: IdempotencyKey, response: Response) -> None:
    """Store the answer with the effect it belongs to."""
    await session.execute(
        update(IdempotencyKey)
        .where(IdempotencyKey.caller == row.caller, IdempotencyKey.route == row.route, IdempotencyKey.key == row.key)
        .values(
            status=response.status_code, media_type=response.media_type or "application/json", body=bytes(response.body)
        )
    )


async def forget_idempotency_keys(session: AsyncSession, callers: Collection[str]) -> None:
    """Remove every answer that is kept for these callers."""
    await session.execute(delete(IdempotencyKey).where(IdempotencyKey.caller.in_(callers)))


async def purge_idempotency_keys(session: AsyncSession, *, now: datetime) -> int:
    """Forget keys older than 24 h; returns how many."""
    gone = await session.execute(
        delete(IdempotencyKey).where(IdempotencyKey.created_at <= now - KEPT_FOR).returning(IdempotencyKey.key)
    )
    return len(gone.all())


async def _forget(session: AsyncSession, row: IdempotencyKey, *, now: datetime) -> bool:
    """Remove an earlier use of this key that is no longer kept; of several who try at once, one does."""
    key = (IdempotencyKey.caller == row.caller, IdempotencyKey.route == row.route, IdempotencyKey.key == row.key)
    gone = await session.execute(
        delete(IdempotencyKey).where(*key, IdempotencyKey.created_at <= now - KEPT_FOR).returning(IdempotencyKey.key)
    )
    return gone.first() is not None


async def _insert(session: AsyncSession, row: IdempotencyKey) -> bool:
    values = {
        "caller": row.caller,
        "route": row.route,
        "key": row.key,
        "request_digest": row.request_digest,
        "created_at": row.created_at,
    }
    if session.get_bind().dialect.name == "sqlite":
        inserted = await session.execute(
            sqlite_insert(IdempotencyKey).values(values).on_conflict_do_nothing().returning(IdempotencyKey.key)
        )
        return inserted.first() is not None
    await session.execute(text(f"SET LOCAL lock_timeout = '{WAIT_S}s'"))
    try:
        inserted = await session.execute(
            postgresql_insert(IdempotencyKey).values(values).on_conflict_do_nothing().returning(IdempotencyKey.key)
        )
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) == _LOCK_NOT_AVAILABLE:
            raise RequestInProgress(headers={"Retry-After": "1"}) from error
        raise
    await session.execute(text("SET LOCAL lock_timeout = 0"))
    return inserted.first() is not None
