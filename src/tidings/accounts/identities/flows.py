"""Trips to a provider and back: begun in one browser, taken once, over after ten minutes."""

import re
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.identities.models import OidcState
from tidings.accounts.identities.types import Flow, FlowPurpose
from tidings.kernel.crypto import Keyring, UnreadableSecret, digest, new_token
from tidings.kernel.ids import new_id
from tidings.kernel.purging import purge

LIFE = timedelta(minutes=10)
MAX_PATH = 500
_ELSEWHERE = re.compile(r"[\\\s\x00-\x1f\x7f]")


def local_path(wanted: str | None, *, otherwise: str) -> str:
    """The path if it is one of this site; a link must not send people anywhere else after they signed in."""
    if wanted is None or len(wanted) > MAX_PATH or _ELSEWHERE.search(wanted):
        return otherwise
    return wanted if wanted.startswith("/") and not wanted.startswith("//") else otherwise


async def begin_flow(session: AsyncSession, flow: Flow, *, browser: str, keyring: Keyring, now: datetime) -> str:
    """Remember the trip, bound to this browser's secret; returns its state, which is stored nowhere."""
    state = new_token()
    row = OidcState(
        id=new_id(),
        digest=digest(state),
        provider_id=flow.provider_id,
        browser_digest=digest(browser),
        nonce=flow.nonce,
        purpose=flow.purpose,
        user_id=flow.user_id,
        return_path=flow.return_path,
        expires_at=now + LIFE,
    )
    row.sealed = keyring.seal(flow.verifier.encode(), place=row.place)
    session.add(row)
    await session.flush()
    return state


def new_flow(provider_id: UUID, *, purpose: FlowPurpose, user_id: UUID | None = None, return_path: str) -> Flow:
    """A trip that begins, with a nonce and a code verifier of its own (RFC 7636 §4.1)."""
    return Flow(
        provider_id=provider_id,
        nonce=new_token(),
        verifier=new_token(),
        purpose=purpose,
        user_id=user_id,
        return_path=return_path,
    )


async def take_flow(
    session: AsyncSession, state: str, *, browser: str | None, keyring: Keyring, now: datetime
) -> Flow | None:
    """The trip this state belongs to, gone for everybody from now on.

    None when there is none, when it took too long, and when it began in another browser. Commit all the same: a state
    that a stranger has shown is spent.
    """
    gone = await session.execute(delete(OidcState).where(OidcState.digest == digest(state)).returning(OidcState))
    row = gone.scalar_one_or_none()
    if row is None or row.expires_at <= now or browser is None or digest(browser) != row.browser_digest:
        return None
    try:
        verifier = keyring.unseal(row.sealed, place=row.place).decode()
    except UnreadableSecret:  # its key was removed from SECRET_KEYS meanwhile: begin again
        return None
    return Flow(
        provider_id=row.provider_id,
        nonce=row.nonce,
        verifier=verifier,
        purpose=row.purpose,
        user_id=row.user_id,
        return_path=row.return_path,
    )


async def purge_flows(session: AsyncSession, *, now: datetime) -> int:
    """Forget a slice of the trips from which nobody came back in time; returns how many."""
    return await purge(session, OidcState, OidcState.expires_at <= now)
