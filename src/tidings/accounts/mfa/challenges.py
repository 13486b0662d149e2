"""Challenges: what a passkey is asked to sign, so that no earlier answer can be sent again (WebAuthn §13.4.3)."""

import secrets
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.mfa.models import PasskeyChallenge
from tidings.accounts.mfa.types import ChallengePurpose
from tidings.kernel.crypto import digest
from tidings.kernel.purging import purge

LIFE = timedelta(minutes=5)
_BYTES = 32


async def new_challenge(
    session: AsyncSession, purpose: ChallengePurpose, *, now: datetime, user_id: UUID | None = None
) -> bytes:
    """A fresh challenge, good for one answer within five minutes; with `user_id` for that person alone."""
    challenge = secrets.token_bytes(_BYTES)
    session.add(
        PasskeyChallenge(
            digest=_digest(challenge),
            purpose=purpose,
            user_id=user_id,
            expires_at=now + LIFE,
        )
    )
    await session.flush()
    return challenge


async def take_challenge(
    session: AsyncSession, challenge: bytes, purpose: ChallengePurpose, *, now: datetime, user_id: UUID | None = None
) -> bool:
    """Whether we asked this, for this, of this person, lately; then nobody can answer it again."""
    taken = await session.execute(
        delete(PasskeyChallenge)
        .where(
            PasskeyChallenge.digest == _digest(challenge),
            PasskeyChallenge.purpose == purpose,
            PasskeyChallenge.user_id == user_id,
            PasskeyChallenge.expires_at > now,
        )
        .returning(PasskeyChallenge.digest)
    )
    return taken.first() is not None


async def purge_challenges(session: AsyncSession, *, now: datetime) -> int:
    """Remove a slice of the challenges that nobody answered in time; returns how many."""
    return await purge(session, PasskeyChallenge, PasskeyChallenge.expires_at <= now)


def _digest(challenge: bytes) -> bytes:
    return digest(challenge.hex())
