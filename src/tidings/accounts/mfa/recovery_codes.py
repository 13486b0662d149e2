"""Recovery codes: random words of 80 bits that stand in for a lost factor, each once."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, insert
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.mfa.models import RecoveryCode
from tidings.kernel.crypto import digest

CODES = 10
# Crockford's base 32: no letter that reads like a digit, five bits a character.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LOOKALIKES = str.maketrans("OIL", "011")
_GROUPS, _GROUP = 4, 4


async def replace_recovery_codes(session: AsyncSession, user_id: UUID, *, now: datetime) -> Sequence[str]:
    """Ten new codes in place of all earlier ones; the database keeps digests. Hold the user's row."""
    await forget_recovery_codes(session, user_id)
    codes = [_new_code() for _ in range(CODES)]
    rows = [{"user_id": user_id, "digest": digest(normal_form(code)), "created_at": now} for code in codes]
    await session.execute(insert(RecoveryCode), rows)
    return codes


async def use_recovery_code(session: AsyncSession, user_id: UUID, code: str) -> bool:
    """Whether this is one of their codes; then it is used up. Dashes, spaces and case do not matter."""
    used = delete(RecoveryCode).where(RecoveryCode.user_id == user_id, RecoveryCode.digest == digest(normal_form(code)))
    return (await session.execute(used.returning(RecoveryCode.user_id))).first() is not None


async def forget_recovery_codes(session: AsyncSession, user_id: UUID) -> None:
    """Remove every code of this user."""
    await session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))


def normal_form(code: str) -> str:
    """The code as its digest is made of it: no spaces or dashes, capitals, digits for letters that look like them."""
    return "".join(code.split()).replace("-", "").upper().translate(_LOOKALIKES)


def _new_code() -> str:
    characters = [secrets.choice(_ALPHABET) for _ in range(_GROUPS * _GROUP)]
    return "-".join("".join(characters[start : start + _GROUP]) for start in range(0, len(characters), _GROUP))
