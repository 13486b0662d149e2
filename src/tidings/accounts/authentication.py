"""From what a request presents to who is calling. Nothing is remembered between requests."""

from collections.abc import Sequence
from datetime import datetime

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.callers import Caller, Credential, Proof
from tidings.accounts.keys import NOTED_EVERY as KEYS_NOTED_EVERY
from tidings.accounts.keys import PREFIX as KEY_PREFIX
from tidings.accounts.keys import note_key_use, prove_key
from tidings.accounts.sessions import NOTED_EVERY as SESSIONS_NOTED_EVERY
from tidings.accounts.sessions import note_session_use, prove_cookie
from tidings.accounts.signing_secrets import prove_recipient_token
from tidings.accounts.tokens import ACCESS_PREFIX, prove_access_token
from tidings.kernel.clock import Clock
from tidings.kernel.crypto import Keyring
from tidings.kernel.db import Database
from tidings.kernel.gathering import Gathering

_log = structlog.get_logger(__name__)


async def prove(
    session: AsyncSession, *, authorization: str | None, cookie: str | None, keyring: Keyring, now: datetime
) -> Proof | None:
    """Who presents these; an Authorization header alone decides where there is one."""
    if authorization is not None:
        scheme, _, token = authorization.partition(" ")
        return (
            await prove_bearer(session, token.strip(), keyring=keyring, now=now) if scheme.lower() == "bearer" else None
        )
    return None if cookie is None else await prove_cookie(session, cookie, now=now)


class SharedProofs:
    """Proofs outside of every transaction: what is shown again and again at the same time is looked up once."""

    def __init__(self, database: Database, keyring: Keyring, clock: Clock) -> None:
        self._database = database
        self._keyring = keyring
        self._clock = clock
        self._together = Gathering(self._prove_together)

    async def prove(self, authorization: str | None, cookie: str | None) -> Proof | None:
        """Who presents these now."""
        return await self._together.ask((authorization, cookie))

    async def _prove_together(self, shown: Sequence[tuple[str | None, str | None]]) -> list[Proof | None]:
        now, keyring = self._clock.now(), self._keyring
        async with self._database.read() as session:
            proofs = {
                (authorization, cookie): await prove(
                    session, authorization=authorization, cookie=cookie, keyring=keyring, now=now
                )
                for authorization, cookie in set(shown)
            }
        return [proofs[each] for each in shown]


async def prove_bearer(session: AsyncSession, token: str, *, keyring: Keyring, now: datetime) -> Proof | None:
    """Whose bearer token this is: an access token, an API key, or a recipient token."""
    if token.startswith(ACCESS_PREFIX):
        return await prove_access_token(session, token, now=now)
    if token.startswith(KEY_PREFIX):
        return await prove_key(session, token, now=now)
    return await prove_recipient_token(session, token, keyring=keyring, now=now)


def is_due_for_a_note(proof: Proof, now: datetime) -> bool:
    """Whether the use of this credential should be noted again."""
    if proof.caller.credential is Credential.COOKIE:
        return proof.last_used_at is None or proof.last_used_at <= now - SESSIONS_NOTED_EVERY
    if proof.caller.credential is Credential.API_KEY:
        return proof.last_used_at is None or proof.last_used_at <= now - KEYS_NOTED_EVERY
    return False


async def note_use(database: Database, caller: Caller, now: datetime) -> None:
    """Note that a session or key was used, in a transaction of its own: run it when the answer has left.

    Within the request it could not run: a read has no transaction to write in, and a second connection
    taken while the first is held could starve the pool. A busy database loses the note, which the next use makes.
    """
    try:
        async with database.write() as session:
            if caller.credential is Credential.API_KEY and caller.credential_id is not None:
                await note_key_use(session, caller.credential_id, now=now)
            elif caller.user_id is not None and caller.credential_id is not None:
                await note_session_use(session, caller.user_id, caller.credential_id, now=now)
    except (SQLAlchemyError, OSError, TimeoutError) as error:
        _log.warning("use_not_noted", error=str(getattr(error, "orig", error)) or type(error).__name__)
