"""Which second factors somebody has."""

from uuid import UUID

from sqlalchemy import Uuid, bindparam, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.mfa.models import Passkey, RecoveryCode, Totp
from tidings.accounts.mfa.types import MfaMethod

_USER_ID = bindparam("user_id", type_=Uuid)
_HELD = select(
    exists().where(Totp.user_id == _USER_ID, Totp.confirmed_at.is_not(None)),
    exists().where(Passkey.user_id == _USER_ID),
    exists().where(RecoveryCode.user_id == _USER_ID),
)


async def methods_of(session: AsyncSession, user_id: UUID) -> tuple[MfaMethod, ...]:
    """What this person can show as a second factor, none if they never set one up.

    Recovery codes stand in for another factor, so they are never the only one.
    """
    found = await session.execute(_HELD, {"user_id": user_id})
    has_totp, has_passkey, has_codes = found.one()
    has = {
        MfaMethod.TOTP: has_totp,
        MfaMethod.PASSKEY: has_passkey,
        MfaMethod.RECOVERY_CODE: has_codes and (has_totp or has_passkey),
    }
    return tuple(method for method, held in has.items() if held)
