"""What happens when somebody has shown who they are, by whatever way: a session, and what its owner should know."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.asked_letters import tell
from tidings.accounts.audit.recording import record
from tidings.accounts.audit.types import Actor, ActorKind, AuditAction
from tidings.accounts.failures.attempts import attempt_of
from tidings.accounts.failures.counting import note_success
from tidings.accounts.known_devices.knowing import remember_device
from tidings.accounts.models import User
from tidings.accounts.sessions import Device, start_browser_session, start_token_session
from tidings.accounts.tokens import Tokens, issue_tokens
from tidings.accounts.types import SessionKind
from tidings.accounts.user_agents import describe
from tidings.kernel.crypto import Keyring
from tidings.kernel.threads import BoundedThreads

_threads = BoundedThreads("device", at_once=1, waiting=64)
"""The user's row is held meanwhile: nothing queues here but those who are signed in by then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """Who is signed in, and what their device is handed: a cookie's token or tokens, and a name for the device."""

    user: User
    cookie: str | None = None
    tokens: Tokens | None = None
    device_token: str | None = None
    """None: the device was known and keeps what it has."""


async def start_session(
    session: AsyncSession,
    user: User,
    *,
    kind: SessionKind,
    device: Device,
    keyring: Keyring,
    now: datetime,
    had_two_factors: bool = False,
) -> Started:
    """A session for an active user who has shown every factor that is asked of them. Hold the user's row.

    Takes back their failed attempts, remembers the device, and tells the owner of a new one, but never of the first.
    Raises TooManyAttempts when too many others failed to be this user meanwhile.
    """
    attempt = await attempt_of(session, user.id, device=device, now=now)
    await note_success(session, attempt, is_complete=True, had_two_factors=had_two_factors)
    device_token = await remember_device(session, user.id, device.token, now=now)
    if device_token is not None and user.signed_in_at is not None:
        await _tell_owner(session, user, device, keyring, now)
    user.signed_in_at = now
    await session.flush()
    await record(
        session,
        AuditAction.SIGN_IN_SUCCEEDED,
        by=Actor(kind=ActorKind.USER, id=user.id, ip=device.ip),
        now=now,
        target_id=user.id,
        detail={"kind": kind, "two_factors": had_two_factors, "new_device": device_token is not None},
    )
    if kind is SessionKind.BROWSER:
        cookie = await start_browser_session(session, user.id, device=device, now=now)
        return Started(user=user, cookie=cookie, device_token=device_token)
    user_session = await start_token_session(session, user.id, device=device, now=now)
    return Started(user=user, tokens=await issue_tokens(session, user_session, now=now), device_token=device_token)


async def _tell_owner(session: AsyncSession, user: User, device: Device, keyring: Keyring, now: datetime) -> None:
    machine = await _threads.run(lambda: describe(device.user_agent))
    await tell(
        session,
        user,
        "new_device",
        keyring=keyring,
        now=now,
        at=now.isoformat(),
        device=machine.device,
        browser=machine.browser,
        ip=device.ip or "",
    )
