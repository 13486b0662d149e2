"""API keys: the credentials of servers, never worth more than what their maker may do now."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.callers import Caller, Credential, Proof
from tidings.accounts.errors import ApiKeyNotFound, ScopeNotAllowed
from tidings.accounts.models import ApiKey, User
from tidings.accounts.types import AccessType, AccountState, Scope
from tidings.kernel.crypto import digest, new_token
from tidings.kernel.errors import Fault, InvalidRequest
from tidings.kernel.ids import new_id

PREFIX = "tdk_"
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
    now: datetime,
) -> tuple[ApiKey, str]:
    """A key and its plain text, which is stored nowhere. Without an owner it belongs to this server.

    Raises InvalidRequest when it would have expired already.
    """
    if expires_at is not None and expires_at <= now:
        detail = "A key must expire in the future."
        raise InvalidRequest(detail, faults=[Fault("/expires_at", "not_in_future", detail)])
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
    return row, key


async def list_keys(session: AsyncSession, *, owner_id: UUID | None) -> Sequence[ApiKey]:
    """The keys of one maker, or with None every key, oldest first; revoked ones are gone."""
    keys = select(ApiKey).where(ApiKey.revoked_at.is_(None)).order_by(ApiKey.id)
    if owner_id is not None:
        keys = keys.where(ApiKey.owner_user_id == owner_id)
    return (await session.scalars(keys)).all()


async def revoke_key(session: AsyncSession, key_id: UUID, *, owner_id: UUID | None, now: datetime) -> None:
    """End a key for good. With an owner, only that owner's. Raises ApiKeyNotFound."""
    key = update(ApiKey).where(ApiKey.id == key_id, ApiKey.revoked_at.is_(None)).values(revoked_at=now)
    if owner_id is not None:
        key = key.where(ApiKey.owner_user_id == owner_id)
    if (await session.execute(key.returning(ApiKey.id))).first() is None:
        raise ApiKeyNotFound()


async def prove_key(session: AsyncSession, key: str, *, now: datetime) -> Proof | None:
    """Whose key this is and what it may do now: its scopes, less what its maker may no longer do."""
    found = await session.execute(
        select(ApiKey, User.access_type)
        .outerjoin(User, User.id == ApiKey.owner_user_id)
        .where(
            ApiKey.digest == digest(key),
            ApiKey.revoked_at.is_(None),
            or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > now),
            or_(ApiKey.owner_user_id.is_(None), User.state == AccountState.ACTIVE),
        )
    )
    row = found.first()
    if row is None:
        return None
    stored, maker = row
    caller = Caller(
        credential=Credential.API_KEY,
        user_id=stored.owner_user_id,
        access_type=maker or AccessType.ADMIN,
        scopes=frozenset(map(Scope, stored.scopes)) & _GRANTABLE[maker or AccessType.ADMIN],
        credential_id=stored.id,
        expires_at=stored.expires_at,
    )
    return Proof(caller, stored.last_used_at)


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
