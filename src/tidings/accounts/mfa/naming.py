"""Naming a passkey: it opens what it opened before, so nothing else changes with it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.audit.recording import record
from tidings.accounts.audit.types import Actor, AuditAction
from tidings.accounts.mfa.errors import PasskeyNotFound
from tidings.accounts.mfa.models import Passkey


async def rename_passkey(
    session: AsyncSession, user_id: UUID, passkey_id: UUID, name: str, *, by: Actor, now: datetime
) -> Passkey:
    """This passkey of this user under another name; the same name changes nothing. Raises PasskeyNotFound."""
    theirs = select(Passkey).where(Passkey.user_id == user_id, Passkey.id == passkey_id)
    passkey = await session.scalar(theirs.with_for_update())
    if passkey is None:
        raise PasskeyNotFound()
    if passkey.name != name:
        passkey.name = name
        await session.flush()
        detail = {"passkey_id": str(passkey_id)}
        await record(session, AuditAction.MFA_PASSKEY_RENAMED, by=by, now=now, target_id=user_id, detail=detail)
    return passkey
