"""Proving a second factor, whichever the person has at hand."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.cookies import origin_of
from tidings.accounts.mfa.passkeys import check_passkey
from tidings.accounts.mfa.recovery_codes import use_recovery_code
from tidings.accounts.mfa.totp import check_totp
from tidings.kernel.crypto import Keyring


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondFactor:
    """One proof: a code of an authenticator app, a recovery code, or a passkey's answer."""

    code: str | None = None
    recovery_code: str | None = None
    passkey: dict[str, Any] | None = None  # Any: JSON of the WebAuthn API, which the passkey check reads


async def is_proven(
    session: AsyncSession, user_id: UUID, proof: SecondFactor, *, keyring: Keyring, base_url: str, now: datetime
) -> bool:
    """Whether this proof is this person's and fresh; if so, it is used up with this transaction."""
    if proof.code is not None:
        return await check_totp(session, user_id, proof.code, keyring=keyring, now=now)
    if proof.recovery_code is not None:
        return await use_recovery_code(session, user_id, proof.recovery_code)
    if proof.passkey is not None:
        origin = origin_of(base_url)
        return await check_passkey(session, proof.passkey, user_id=user_id, origin=origin, now=now) == user_id
    return False
