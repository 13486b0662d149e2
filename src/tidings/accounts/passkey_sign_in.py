"""Signing in with a passkey alone: the device verified its owner, so it stands for both factors."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.cookies import origin_of
from tidings.accounts.errors import InvalidCredentials, LocalLoginDisabled
from tidings.accounts.failures.attempts import attempt_of
from tidings.accounts.failures.counting import FailedSignIn
from tidings.accounts.mfa.passkeys import check_passkey, owner_of_passkey
from tidings.accounts.server_settings.reading import read_server_settings
from tidings.accounts.sessions import Device
from tidings.accounts.starting_sessions import Started, start_session
from tidings.accounts.types import AccountState, SessionKind
from tidings.accounts.users import locked_user
from tidings.kernel.crypto import Keyring


async def sign_in_with_passkey(
    session: AsyncSession,
    answer: Mapping[str, Any],  # Any: JSON of the WebAuthn API, which the passkey check reads
    *,
    device: Device,
    keyring: Keyring,
    base_url: str,
    now: datetime,
) -> Started:
    """A browser session for the active owner of the passkey that signed our challenge.

    Raises InvalidCredentials for every other case, counted once somebody's passkey is named; TooManyAttempts; and
    LocalLoginDisabled where people sign in with their provider alone.
    """
    if not (await read_server_settings(session)).local_login_enabled:
        raise LocalLoginDisabled()
    owner_id = await owner_of_passkey(session, answer)
    if owner_id is None:
        raise InvalidCredentials()
    user = await locked_user(session, owner_id)
    attempt = await attempt_of(session, owner_id, device=device, now=now)
    proven = await check_passkey(session, answer, user_id=None, origin=origin_of(base_url), now=now)
    if proven != owner_id or user.state is not AccountState.ACTIVE:
        raise FailedSignIn(attempt, "passkey")
    return await start_session(
        session, user, kind=SessionKind.BROWSER, device=device, keyring=keyring, now=now, had_two_factors=True
    )
