"""A password that was chosen beside a second factor may be short; without one it stands alone, and may not."""

from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.errors import PasswordTooShortAlone
from tidings.accounts.models import User
from tidings.accounts.passwords import is_long_enough_alone
from tidings.accounts.server_settings.reading import read_server_settings
from tidings.accounts.server_settings.types import PasswordType


async def may_stand_alone(session: AsyncSession, user: User) -> bool:
    """Whether this person's password is long enough without a second factor, or they have none.

    Only NIST's rules know the difference: under the others a second factor makes nothing shorter. Hold the user's row.
    """
    if user.password_hash is None or is_long_enough_alone(user.password_hash):
        return True
    return (await read_server_settings(session)).password_type is not PasswordType.NIST


async def demand_strength(session: AsyncSession, user: User) -> None:
    """Let nobody go on with a password that is too short for what it opens: they owe another. Hold the user's row.

    It was long enough when it was chosen, and then an administrator went back to NIST's rules.
    """
    if not user.mfa_enabled and not await may_stand_alone(session, user):
        user.password_must_change = True
        await session.flush()


async def check_strength(session: AsyncSession, user: User) -> None:
    """Let the password be that is strong enough beside what else this person has. Raises PasswordTooShortAlone.

    For a password that was checked before the user's row was held: the second factor may have gone meanwhile.
    """
    if not user.mfa_enabled and not await may_stand_alone(session, user):
        raise PasswordTooShortAlone()
