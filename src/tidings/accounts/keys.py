"""API keys: the credentials of servers, never worth more than what their maker may do now."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import LargeBinary, Select, bindparam, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.audit.recording import record
from tidings.accounts.audit.types import Actor, AuditAction
from tidings.accounts.callers import Caller, Credential, Proof
from tidings.accounts.errors import ApiKeyNotFound, ScopeNotAllowed, TooManyApiKeys
from tidings.accounts.events import CredentialChanged
from tidings.accounts.models import ApiKey, User
from tidings.accounts.schemas import ApiKeyOut, ApiKeys
from tidings.accounts.types import AccessType, AccountState, Scope
from tidings.kernel.crypto import Keyring, digest, new_token
from tidings.kernel.db import UtcDateTime
from tidings.kernel.errors import Fault, InvalidRequest
from tidings.kernel.events import publish
from tidings.kernel.ids import new_id
from tidings.kernel.pages import cursor_after, read_cursor

PREFIX = "tdk_"
MAX_KEYS = 100
"""Keys of one owner that were not revoked; those of the server itself are as many as its operators make."""
NOTED_EVERY = timedelta(minutes=5)

# What a person may let a key do. Who is no administrator can only share the reading of their own inbox.
_GRANTABLE = {
    AccessType.ADMIN: frozenset(Scope),
    AccessType.REGULAR: frozenset({Scope.NOTIFICATIONS_READ}),
}


def check_scopes(scopes: Sequence[Scope], maker: AccessType) -> None:
    """Raises ScopeNotAllowed when a key with these scopes would exceed its maker's rights."""
    excess = sorted(set(scopes) - _GRANTABLE[maker])
    if excess:
        raise ScopeNotAllowed(f"You may not grant {', '.join(excess)}.")


async def create_key(
    session: AsyncSession,
    *,
    owner_id: UUID | None,
    name: str,
    scopes: Sequence[Scope],
    expires_at: datetime | None,
    by: Actor,
    now: datetime,
) -> tuple[ApiKey, str]:
    """A key and its plain text, which is stored nowhere. Without an owner it belongs to this server.

    Raises InvalidRequest when it would have expired already, and TooManyApiKeys.
    """
    _check_end(expires_at, now)
    if owner_id is not None:
        await _check_number(session, owner_id)
    key = new_token(PREFIX)
    row = ApiKey(
        id=new_id(),
        owner_user_id=owner_id,
        name=name,
        digest=digest(key),
        scopes=sorted(set(scopes)),
        created_at=now,
        expires_at=expires_at,
    )
    session.add(row)
    await session.flush()
    detail = {"scopes": row.scopes, "owner": owner_id and str(owner_id)}
    await record(session, AuditAction.API_KEY_CREATED, by=by, now=now, target_id=row.id, detail=detail)
    if owner_id is not None:
        await publish(session, CredentialChanged(owner_id, "api_key_made", now))
    return row, key


async def list_keys(
    session: AsyncSession, *, owner_id: UUID | None, after: UUID | None = None, limit: int | None = None
) -> Sequence[ApiKey]:
    """The keys of one maker, or with None every key, oldest first; revoked ones are gone."""
    keys = select(ApiKey).where(ApiKey.revoked_at.is_(None)).order_by(ApiKey.id).limit(limit)
    if owner_id is not None:
        keys = keys.where(ApiKey.owner_user_id == owner_id)
    if after is not None:
        keys = keys.where(ApiKey.id > after)
    return (await session.scalars(keys)).all()


async def page_of_keys(
    session: AsyncSession, *, owner_id: UUID | None, size: int, cursor: str | None, keyring: Keyring
) -> ApiKeys:
    """A part of that list. Raises InvalidCursor for another list's cursor."""
    scope = f"api_keys:{owner_id}"
    after = None if cursor is None else UUID(read_cursor(keyring, scope, cursor))
    keys = await list_keys(session, owner_id=owner_id, after=after, limit=size + 1)
    following = cursor_after(keyring, scope, str(keys[size - 1].id)) if len(keys) > size else None
    return ApiKeys(api_keys=[ApiKeyOut.model_validate(key) for key in keys[:size]], next_cursor=following)


async def change_key(
    session: AsyncSession,
    key_id: UUID,
    changes: Mapping[str, Any],  # Any: the name, or when it expires
    *,
    owner_id: UUID | None,
    by: Actor,
    now: datetime,
) -> ApiKey:
    """The key with another name or end. With an owner, only that owner's. Raises ApiKeyNotFound, InvalidRequest."""
    _check_end(changes.get("expires_at"), now)
    row = await session.scalar(_living(select(ApiKey), key_id, owner_id).with_for_update())
    if row is None:
        raise ApiKeyNotFound()
    for name, value in changes.items():
        setattr(row, name, value)
    await session.flush()
    detail = {"changed": sorted(changes)}
    await record(session, AuditAction.API_KEY_CHANGED, by=by, now=now, target_id=key_id, detail=detail)
    return row


async def revoke_key(session: AsyncSession, key_id: UUID, *, owner_id: UUID | None, by: Actor, now: datetime) -> None:
    """End a key for good. With an owner, only that owner's. Raises ApiKeyNotFound."""
    row = await session.scalar(_living(select(ApiKey), key_id, owner_id).with_for_update())
    if row is None:
        raise ApiKeyNotFound()
    row.revoked_at = now
    await session.flush()
    await record(session, AuditAction.API_KEY_REVOKED, by=by, now=now, target_id=key_id)


async def revoke_keys_of(session: AsyncSession, owner_id: UUID, *, by: Actor, now: datetime) -> None:
    """End every key of this owner for good."""
    keys = select(ApiKey).where(ApiKey.owner_user_id == owner_id, ApiKey.revoked_at.is_(None)).order_by(ApiKey.id)
    for row in await session.scalars(keys.with_for_update()):
        row.revoked_at = now
        await record(session, AuditAction.API_KEY_REVOKED, by=by, now=now, target_id=row.id)
    await session.flush()


async def prove_key(session: AsyncSession, key: str, *, now: datetime) -> Proof | None:
    """Whose key this is and what it may do now: its scopes, less what its maker may no longer do."""
    connection = await session.connection()
    row = (await connection.execute(_HOLDING, {"digest": digest(key), "now": now})).first()
    if row is None:
        return None
    maker = row.access_type or AccessType.ADMIN
    caller = Caller(
        credential=Credential.API_KEY,
        user_id=row.owner_user_id,
        access_type=maker,
        scopes=frozenset(map(Scope, row.scopes)) & _GRANTABLE[maker],
        credential_id=row.id,
        expires_at=row.expires_at,
    )
    return Proof(caller, row.last_used_at)


_NOW: Any = bindparam("now", type_=UtcDateTime)  # Any: a parameter stands wherever a time does
_HOLDING = (
    select(ApiKey.id, ApiKey.owner_user_id, ApiKey.scopes, ApiKey.expires_at, ApiKey.last_used_at, User.access_type)
    .outerjoin(User, User.id == ApiKey.owner_user_id)
    .where(
        ApiKey.digest == bindparam("digest", type_=LargeBinary),
        ApiKey.revoked_at.is_(None),
        or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > _NOW),
        or_(ApiKey.owner_user_id.is_(None), User.state == AccountState.ACTIVE),
    )
)
"""The key with this digest, as long as it holds. Built once: making a statement takes longer than asking it."""


async def note_key_use(session: AsyncSession, key_id: UUID, *, now: datetime) -> None:
    """Remember when the key was last used, unless somebody did within the last five minutes."""
    await session.execute(
        update(ApiKey)
        .where(
            ApiKey.id == key_id,
            or_(ApiKey.last_used_at.is_(None), ApiKey.last_used_at <= now - NOTED_EVERY),
        )
        .values(last_used_at=now)
    )


def _living(keys: Select[ApiKey], key_id: UUID, owner_id: UUID | None) -> Select[ApiKey]:
    keys = keys.where(ApiKey.id == key_id, ApiKey.revoked_at.is_(None))
    return keys if owner_id is None else keys.where(ApiKey.owner_user_id == owner_id)


async def _check_number(session: AsyncSession, owner_id: UUID) -> None:
    # Whoever makes another at the same moment waits here, and counts this one too.
    await session.execute(select(User.id).where(User.id == owner_id).with_for_update(key_share=True))
    living = select(func.count()).where(ApiKey.owner_user_id == owner_id, ApiKey.revoked_at.is_(None))
    if (await session.scalar(living) or 0) >= MAX_KEYS:
        raise TooManyApiKeys()


def _check_end(expires_at: datetime | None, now: datetime) -> None:
    if expires_at is not None and expires_at <= now:
        detail = "A key must expire in the future."
        raise InvalidRequest(detail, faults=[Fault("/expires_at", "not_in_future", detail)])
