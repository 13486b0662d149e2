"""One-time codes of an authenticator app: TOTP (RFC 6238) with its usual 30 seconds, SHA-1 and six digits."""

import hmac
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import pyotp
import segno
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.mfa.errors import CodeInvalid, TotpAlreadyOn, TotpNotFound
from tidings.accounts.mfa.models import Totp
from tidings.kernel.crypto import Keyring

_WINDOW = 1  # steps either side, for clocks that differ (RFC 6238 §5.2)
_BEFORE_ALL = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTotp:
    """What an authenticator app needs, shown once: the secret in base32, and the same as a URI and its QR code."""

    secret: str
    otpauth_uri: str
    qr_svg: str


async def check_totp(session: AsyncSession, user_id: UUID, code: str, *, keyring: Keyring, now: datetime) -> bool:
    """Whether this is a code of now, of their app, that nobody has used: true at most once for each time step."""
    totp = await session.get(Totp, user_id, populate_existing=True)
    if totp is None or totp.confirmed_at is None:
        return False
    step = matching_step(_secret(totp, keyring), code, now=now, after=totp.last_step)
    if step is None:
        return False
    # Of two who present one code at once, the second waits here for the first and then finds the step taken.
    taken = await session.execute(
        update(Totp)
        .where(Totp.user_id == user_id, Totp.last_step < step, Totp.confirmed_at == totp.confirmed_at)
        .values(last_step=step)
        .returning(Totp.user_id)
        .execution_options(synchronize_session=False)
    )
    return taken.first() is not None


async def start_totp(
    session: AsyncSession, user_id: UUID, *, issuer: str, account: str, keyring: Keyring, now: datetime
) -> NewTotp:
    """A new secret, which counts once confirmed; it replaces one that never was. Hold the user's row.

    Raises TotpAlreadyOn.
    """
    totp = await session.get(Totp, user_id, populate_existing=True)
    if totp is None:
        totp = Totp(user_id=user_id, sealed="", last_step=_BEFORE_ALL, created_at=now)
        session.add(totp)
    if totp.confirmed_at is not None:
        raise TotpAlreadyOn()
    secret = pyotp.random_base32()
    totp.sealed = keyring.seal(secret.encode(), place=totp.place)
    totp.created_at = now
    await session.flush()
    uri = pyotp.TOTP(secret, issuer=issuer, name=account).provisioning_uri()
    return NewTotp(secret=secret, otpauth_uri=uri, qr_svg=_qr_code(uri))


async def confirm_totp(session: AsyncSession, user_id: UUID, code: str, *, keyring: Keyring, now: datetime) -> None:
    """Let the secret count from now on, shown by a first code, which is used up. Hold the user's row.

    Raises TotpNotFound, TotpAlreadyOn, CodeInvalid.
    """
    totp = await session.get(Totp, user_id, populate_existing=True)
    if totp is None:
        raise TotpNotFound()
    if totp.confirmed_at is not None:
        raise TotpAlreadyOn()
    step = matching_step(_secret(totp, keyring), code, now=now, after=totp.last_step)
    if step is None:
        raise CodeInvalid()
    totp.last_step = step
    totp.confirmed_at = now
    await session.flush()


def matching_step(secret: str, code: str, *, now: datetime, after: int) -> int | None:
    """The time step, of now and its neighbours but later than `after`, whose code this is; spaces do not count."""
    totp = pyotp.TOTP(secret)
    given = "".join(code.split())
    if not given.isascii():
        return None
    present = totp.timecode(now)
    for step in range(max(present - _WINDOW, after + 1), present + _WINDOW + 1):
        if hmac.compare_digest(totp.generate_otp(step), given):
            return step
    return None


def _secret(totp: Totp, keyring: Keyring) -> str:
    return keyring.unseal(totp.sealed, place=totp.place).decode()


def _qr_code(uri: str) -> str:
    # On white whatever page it stands on: cameras do not read light on dark.
    return segno.make(uri, error="m").svg_inline(border=4, light="white", omitsize=True)
