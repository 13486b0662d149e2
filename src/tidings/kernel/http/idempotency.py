"""Idempotency-Key: the effect and the answer of a POST are stored in one transaction, so a repeat replays the answer.

The key's row is inserted first. On PostgreSQL a second request with the same key waits on that uncommitted row, on
SQLite on the write lock: the database does the waiting, and a first request that fails leaves no row behind.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from fastapi import Request, Response
from sqlalchemy import ColumnElement, LargeBinary, and_, delete, select, text, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from tidings.kernel.crypto import Keyring
from tidings.kernel.db import Base
from tidings.kernel.errors import Fault, IdempotencyKeyReused, InvalidRequest, RequestInProgress
from tidings.kernel.purging import purge

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


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyedRequest:
    """A request that says which one it is: whose, to which route, under which key, and when it came."""

    caller: str
    route: str
    key: str
    digests: Sequence[bytes]
    """Of what it says, under every secret key: an earlier run may have come before the newest one, which is first."""
    at: datetime

    @property
    def is_its_row(self) -> ColumnElement[bool]:
        """Whether a row is of this key."""
        return and_(
            IdempotencyKey.caller == self.caller, IdempotencyKey.route == self.route, IdempotencyKey.key == self.key
        )

    @property
    def is_kept(self) -> ColumnElement[bool]:
        """Whether what is stored still counts."""
        return IdempotencyKey.created_at > self.at - KEPT_FOR


class Replay(Exception):
    """Raised to end a request with the answer that its first run gave."""

    def __init__(self, response: Response) -> None:
        self.response = response


async def keyed_request(request: Request, *, caller: str, now: datetime) -> KeyedRequest | None:
    """What the header makes of this request; None without one. Raises InvalidRequest."""
    key = request.headers.get("idempotency-key")
    if key is None:
        return None
    if not 0 < len(key) <= MAX_KEY_LENGTH:
        detail = f"Idempotency-Key must have 1 to {MAX_KEY_LENGTH} characters"
        raise InvalidRequest(detail, faults=[Fault("/header/idempotency-key", "string_length", detail)])
    keyring: Keyring = request.app.state.keyring
    said = sha256(request.url.query.encode() + b"\n" + await request.body())
    return KeyedRequest(
        caller=caller,
        route=f"{request.method} {request.url.path}",
        key=key,
        # Keyed, because a body may hold a password, and a plain digest would help whoever reads the table to guess it.
        digests=keyring.signatures("idempotency", said.digest()),
        at=now,
    )


async def replay(session: AsyncSession, request: KeyedRequest) -> None:
    """End the request if it has been answered.

    Raises Replay with the stored answer of an earlier run, IdempotencyKeyReused when that run had another body.
    """
    columns = (
        IdempotencyKey.request_digest,
        IdempotencyKey.status,
        IdempotencyKey.media_type,
        IdempotencyKey.body,
    )
    earlier = (await session.execute(select(*columns).where(request.is_its_row, request.is_kept))).first()
    if earlier is None:
        return
    if earlier.request_digest not in request.digests:
        raise IdempotencyKeyReused()
    answer = Response(earlier.body, earlier.status or 200, media_type=earlier.media_type)
    answer.headers["Idempotent-Replayed"] = "true"
    raise Replay(answer)


async def claim(session: AsyncSession, request: KeyedRequest) -> None:
    """Reserve the request's key for this transaction.

    Raises what `replay` does, and RequestInProgress when an earlier run is still going on after 10 s.
    """
    if session.get_bind().dialect.name == "sqlite":  # who is here has its only lock
        await _reserve(session, request)
        return
    await session.execute(text(f"SET LOCAL lock_timeout = '{WAIT_S}s'"))
    try:
        await _reserve(session, request)
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) == _LOCK_NOT_AVAILABLE:
            raise RequestInProgress(headers={"Retry-After": "1"}) from error
        raise
    await session.execute(text("SET LOCAL lock_timeout = 0"))


async def keep_answer(session: AsyncSession, request: KeyedRequest, response: Response) -> None:
    """Store the answer with the effect it belongs to."""
    await session.execute(
        update(IdempotencyKey)
        .where(request.is_its_row)
        .values(
            status=response.status_code, media_type=response.media_type or "application/json", body=bytes(response.body)
        )
    )


async def forget_idempotency_keys(session: AsyncSession, callers: Collection[str]) -> None:
    """Remove every answer that is kept for these callers."""
    await session.execute(delete(IdempotencyKey).where(IdempotencyKey.caller.in_(callers)))


async def purge_idempotency_keys(session: AsyncSession, *, now: datetime) -> int:
    """Forget a slice of the keys older than 24 h; returns how many."""
    return await purge(session, IdempotencyKey, IdempotencyKey.created_at <= now - KEPT_FOR)


async def _reserve(session: AsyncSession, request: KeyedRequest) -> None:
    """Have the one row of this key. Whoever is in the way is replayed, or no longer kept, or gone by now."""
    while not await _insert(session, request):
        await replay(session, request)
        await session.execute(delete(IdempotencyKey).where(request.is_its_row, ~request.is_kept))


async def _insert(session: AsyncSession, request: KeyedRequest) -> bool:
    insert = sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgresql_insert
    values = {
        "caller": request.caller,
        "route": request.route,
        "key": request.key,
        "request_digest": request.digests[0],
        "created_at": request.at,
    }
    new = insert(IdempotencyKey).values(values).on_conflict_do_nothing().returning(IdempotencyKey.key)
    return (await session.execute(new)).first() is not None
