"""Signing secrets, and the recipient tokens a host signs with them: HS256 JSON Web Tokens (RFC 7519).

A token speaks for somebody the host knows and who never signs in here: `sub` is their external_id, `aud` is
"tidings", `exp` is at most 24 hours ahead. Times are checked against `now`, not the library's own clock.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import jwt
import structlog
from jwt.types import Options
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.audit.recording import record
from tidings.accounts.audit.types import SERVER, Actor, AuditAction
from tidings.accounts.callers import Caller, Credential, Proof
from tidings.accounts.errors import SigningSecretNotFound
from tidings.accounts.models import SigningSecret, Ticket, User
from tidings.accounts.types import NEVER_SIGNED_IN
from tidings.kernel.crypto import Keyring, UnreadableSecret, new_token
from tidings.kernel.ids import new_id

AUDIENCE = "tidings"
MAX_LIFE = timedelta(hours=24)
MAX_LENGTH = 4_096
_LEEWAY = timedelta(seconds=60)  # a host's clock may be a little ahead of ours
_UNTIMED: Options = {
    "require": ["exp", "sub", "aud"],
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
}
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")  # JSON may escape what no database stores
log = structlog.get_logger(__name__)


async def create_signing_secret(
    session: AsyncSession, *, name: str, keyring: Keyring, now: datetime, by: Actor = SERVER
) -> tuple[SigningSecret, str]:
    """A secret and its plain text, which is stored sealed and never shown again. A host makes it as this server."""
    secret = new_token("tds_")
    row = SigningSecret(id=new_id(), name=name, created_at=now)
    row.sealed = keyring.seal(secret.encode(), place=row.place)
    session.add(row)
    await session.flush()
    await record(session, AuditAction.SIGNING_SECRET_CREATED, by=by, now=now, target_id=row.id)
    return row, secret


async def list_signing_secrets(session: AsyncSession) -> Sequence[SigningSecret]:
    """Every signing secret, oldest first."""
    return (await session.scalars(select(SigningSecret).order_by(SigningSecret.id))).all()


async def rename_signing_secret(
    session: AsyncSession, secret_id: UUID, *, name: str, by: Actor, now: datetime
) -> SigningSecret:
    """The secret under another name. Raises SigningSecretNotFound."""
    row = await session.get(SigningSecret, secret_id, with_for_update=True)
    if row is None:
        raise SigningSecretNotFound()
    if row.name != name:
        row.name = name
        await session.flush()
        await record(session, AuditAction.SIGNING_SECRET_RENAMED, by=by, now=now, target_id=secret_id)
    return row


async def delete_signing_secret(session: AsyncSession, secret_id: UUID, *, by: Actor, now: datetime) -> None:
    """From now on no token signed with this secret holds. Raises SigningSecretNotFound."""
    await session.execute(delete(Ticket).where(Ticket.credential_id == secret_id))
    gone = delete(SigningSecret).where(SigningSecret.id == secret_id).returning(SigningSecret.id)
    if (await session.execute(gone)).first() is None:
        raise SigningSecretNotFound()
    await record(session, AuditAction.SIGNING_SECRET_DELETED, by=by, now=now, target_id=secret_id)


async def prove_recipient_token(session: AsyncSession, token: str, *, keyring: Keyring, now: datetime) -> Proof | None:
    """Whose recipient token this is; nobody's who signs in here, or once could.

    An invitation or a sign-up that still waits closes no inbox: nobody could open it otherwise.
    """
    if len(token) > MAX_LENGTH:
        return None
    for secret in await list_signing_secrets(session):
        claims = _verified_claims(token, secret, keyring)
        expires_at = None if claims is None else _end_of(claims, now)
        if claims is not None and expires_at is not None:
            return await _recipient(session, str(claims["sub"]), secret.id, expires_at)
    return None


async def _recipient(session: AsyncSession, external_id: str, secret_id: UUID, expires_at: datetime) -> Proof | None:
    if _UNSTORABLE.search(external_id):
        return None
    user_id = await session.scalar(
        select(User.id).where(User.external_id == external_id, User.state.in_(NEVER_SIGNED_IN))
    )
    if user_id is None:
        return None
    caller = Caller(
        credential=Credential.RECIPIENT_TOKEN,
        user_id=user_id,
        credential_id=secret_id,
        expires_at=expires_at,
    )
    return Proof(caller)


def _verified_claims(token: str, secret: SigningSecret, keyring: Keyring) -> Mapping[str, Any] | None:
    try:
        key = keyring.unseal(secret.sealed, place=secret.place)
        claims: Mapping[str, Any] = jwt.decode(  # Any: a claim is any JSON value
            token, key, algorithms=["HS256"], audience=AUDIENCE, options=_UNTIMED
        )
    except jwt.PyJWTError:  # not this secret's token, or none that we take
        return None
    except UnreadableSecret:  # its key was removed from SECRET_KEYS; the other secrets still work
        log.warning("signing secret cannot be read", signing_secret_id=str(secret.id))
        return None
    return claims


def _end_of(claims: Mapping[str, Any], now: datetime) -> datetime | None:
    """When the token ends, if it holds now and does not claim too long a life."""
    expires_at, not_before = _moment(claims["exp"]), _moment(claims.get("nbf", 0))
    if expires_at is None or not_before is None or not_before > now + _LEEWAY:
        return None
    return expires_at if now < expires_at <= now + MAX_LIFE + _LEEWAY else None


def _moment(value: object) -> datetime | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e11:
        return None
    return datetime.fromtimestamp(value, UTC)
