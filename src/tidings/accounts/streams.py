"""Who opens a stream: a cookie with an allowed Origin, a bearer token, or a ticket in place of either."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.authentication import prove, prove_bearer
from tidings.accounts.callers import Caller, Proof
from tidings.accounts.cookies import origin_of
from tidings.accounts.tickets import redeem_ticket
from tidings.kernel.crypto import Keyring


async def authenticate_stream(
    session: AsyncSession,
    *,
    keyring: Keyring,
    now: datetime,
    cookie: str | None = None,
    authorization: str | None = None,
    ticket: str | None = None,
    token: str | None = None,
    origin: str | None = None,
    allowed_origins: Collection[str] = (),
) -> Caller | None:
    """The person who opens a stream, and until when (`expires_at`); None when nothing presented holds.

    The first of ticket, Authorization, token and cookie decides. A ticket is used up: the session must
    commit. `allowed_origins` are the base URL's and those of ALLOWED_ORIGINS. API keys open no stream.
    """
    if ticket is not None:
        return await redeem_ticket(session, ticket, now=now)
    if authorization is not None:
        return _person(await prove(session, authorization=authorization, cookie=None, keyring=keyring, now=now))
    if token is not None:
        return _person(await prove_bearer(session, token, keyring=keyring, now=now))
    if cookie is None or not _is_allowed(origin, allowed_origins):
        return None
    return _person(await prove(session, authorization=None, cookie=cookie, keyring=keyring, now=now))


def _person(proof: Proof | None) -> Caller | None:
    if proof is None or not proof.caller.is_person or proof.caller.owes is not None:
        return None
    return proof.caller


def _is_allowed(origin: str | None, allowed_origins: Collection[str]) -> bool:
    presented = origin_of(origin or "")
    return presented != "" and presented in {origin_of(allowed) for allowed in allowed_origins}
