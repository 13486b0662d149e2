"""Changing second factors, and what every such change brings with it.

Whoever changes one stays signed in, everywhere else sessions end. The owner is told by what hears CredentialChanged.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.audit.recording import record
from tidings.accounts.audit.types import Actor, AuditAction
from tidings.accounts.errors import PasswordTooShortAlone
from tidings.accounts.events import CredentialChanged, CredentialKind
from tidings.accounts.mfa.errors import MfaRequired, NoSecondFactor, PasskeyNotFound, TotpNotFound
from tidings.accounts.mfa.methods import methods_of
from tidings.accounts.mfa.models import Passkey, Totp
from tidings.accounts.mfa.passkeys import add_passkey
from tidings.accounts.mfa.recovery_codes import forget_recovery_codes, replace_recovery_codes
from tidings.accounts.mfa.totp import NewTotp, confirm_totp, start_totp
from tidings.accounts.models import User
from tidings.accounts.server_settings.reading import read_server_settings
from tidings.accounts.sessions import end_all_access, end_other_sessions
from tidings.accounts.standing_alone import may_stand_alone
from tidings.accounts.users import locked_user
from tidings.kernel.crypto import Keyring
from tidings.kernel.events import publish

_REASON = "mfa_changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Whose factors change, by whom, and which of their sessions stays (None: none does)."""

    user_id: UUID
    session_id: UUID | None
    by: Actor
    keyring: Keyring
    now: datetime


async def begin_totp(session: AsyncSession, change: Change, *, issuer: str) -> NewTotp:
    """A secret for an authenticator app; nothing changes before `turn_on_totp`. Raises TotpAlreadyOn."""
    user = await locked_user(session, change.user_id)
    return await start_totp(
        session,
        user.id,
        issuer=issuer,
        account=user.username or user.email or str(user.id),
        keyring=change.keyring,
        now=change.now,
    )


async def turn_on_totp(session: AsyncSession, change: Change, code: str) -> User:
    """From now on a code of the app opens the account's second step.

    Raises TotpNotFound, TotpAlreadyOn, CodeInvalid.
    """
    user = await locked_user(session, change.user_id)
    await confirm_totp(session, user.id, code, keyring=change.keyring, now=change.now)
    return await _settle(session, user, change, AuditAction.MFA_TOTP_ADDED, "totp_added")


async def remove_totp(session: AsyncSession, change: Change) -> None:
    """No code of the app opens anything any more; a secret that was never confirmed just goes.

    Raises TotpNotFound, and for the last factor MfaRequired or PasswordTooShortAlone.
    """
    user = await locked_user(session, change.user_id)
    gone = delete(Totp).where(Totp.user_id == user.id).returning(Totp.confirmed_at)
    row = (await session.execute(gone)).first()
    if row is None:
        raise TotpNotFound()
    if row.confirmed_at is not None:
        await _check_may_lack(session, user)
        await _settle(session, user, change, AuditAction.MFA_TOTP_REMOVED, "totp_removed")


async def keep_passkey(
    session: AsyncSession,
    change: Change,
    answer: Mapping[str, Any],  # Any: JSON as the browser made it
    *,
    name: str,
    origin: str,
) -> Passkey:
    """The new passkey, which opens the account from now on. Raises PasskeyInvalid, PasskeyKnown, TooManyPasskeys."""
    user = await locked_user(session, change.user_id)
    passkey = await add_passkey(session, user.id, answer, name=name, origin=origin, now=change.now)
    action = AuditAction.MFA_PASSKEY_ADDED
    await _settle(session, user, change, action, "passkey_added", passkey_id=str(passkey.id))
    return passkey


async def remove_passkey(session: AsyncSession, change: Change, passkey_id: UUID) -> None:
    """This passkey opens nothing any more.

    Raises PasskeyNotFound, and for the last factor MfaRequired or PasswordTooShortAlone.
    """
    user = await locked_user(session, change.user_id)
    gone = delete(Passkey).where(Passkey.user_id == user.id, Passkey.id == passkey_id).returning(Passkey.id)
    if (await session.execute(gone)).first() is None:
        raise PasskeyNotFound()
    await _check_may_lack(session, user)
    action = AuditAction.MFA_PASSKEY_REMOVED
    await _settle(session, user, change, action, "passkey_removed", passkey_id=str(passkey_id))


async def make_recovery_codes(session: AsyncSession, change: Change) -> Sequence[str]:
    """Ten new recovery codes, to be shown this once; earlier ones are void. Raises NoSecondFactor."""
    user = await locked_user(session, change.user_id)
    if not await methods_of(session, user.id):
        raise NoSecondFactor()
    codes = await replace_recovery_codes(session, user.id, now=change.now)
    await _settle(session, user, change, AuditAction.MFA_RECOVERY_CODES_MADE, "recovery_codes_made")
    return codes


async def remove_all_factors(
    session: AsyncSession, user_id: UUID, *, keyring: Keyring, by: Actor, now: datetime
) -> User:
    """Take every second factor from somebody who lost theirs, whatever the settings ask; all their sessions end.

    A password that cannot stand alone must be changed at the next sign-in. Raises UserNotFound.
    """
    user = await locked_user(session, user_id)
    what: CredentialKind | None = "factors_removed" if user.mfa_enabled else None
    await session.execute(delete(Totp).where(Totp.user_id == user_id))
    await session.execute(delete(Passkey).where(Passkey.user_id == user_id))
    if not await may_stand_alone(session, user):
        user.password_must_change = True
    change = Change(user_id=user_id, session_id=None, by=by, keyring=keyring, now=now)
    return await _settle(session, user, change, AuditAction.MFA_RESET, what)


async def _check_may_lack(session: AsyncSession, user: User) -> None:
    """Called when a factor has been removed; what this raises puts it back."""
    if await methods_of(session, user.id):
        return
    if (await read_server_settings(session)).mfa_required:
        raise MfaRequired()
    if not await may_stand_alone(session, user):
        raise PasswordTooShortAlone()


async def _settle(
    session: AsyncSession, user: User, change: Change, action: AuditAction, what: CredentialKind | None, **detail: str
) -> User:
    """The one place that keeps `mfa_enabled` true, and that tells everybody what was changed, if anything was."""
    was_on, user.mfa_enabled = user.mfa_enabled, bool(await methods_of(session, user.id))
    user.updated_at = change.now
    await session.flush()
    if not user.mfa_enabled:
        await forget_recovery_codes(session, user.id)
    await _end_elsewhere(session, change)
    await record(session, action, by=change.by, now=change.now, target_id=user.id, detail=detail)
    if what is not None:
        await publish(session, CredentialChanged(user.id, what, change.now, _turned(was_on, user.mfa_enabled)))
    return user


async def _end_elsewhere(session: AsyncSession, change: Change) -> None:
    if change.session_id is None:
        await end_all_access(session, change.user_id, reason=_REASON)
    else:
        await end_other_sessions(session, change.user_id, but=change.session_id, reason=_REASON)


def _turned(was_on: bool, is_on: bool) -> Literal["on", "off"] | None:
    """What became of the second step as a whole, if anything did."""
    if is_on is was_on:
        return None
    return "on" if is_on else "off"
