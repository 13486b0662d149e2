"""Passkeys: made known, and asked to prove their owner. User verification makes one both factors at once."""

from collections.abc import Mapping
from datetime import datetime
from importlib import import_module
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.audit.recording import record
from tidings.accounts.audit.types import Actor, ActorKind, AuditAction
from tidings.accounts.errors import InvalidCredentials
from tidings.accounts.mfa.challenges import new_challenge, take_challenge
from tidings.accounts.mfa.errors import PasskeyInvalid, PasskeyKnown, TooManyPasskeys
from tidings.accounts.mfa.models import Passkey
from tidings.accounts.mfa.queries import list_passkeys
from tidings.accounts.mfa.types import ChallengePurpose
from tidings.accounts.models import User
from tidings.kernel.errors import RememberedRefusal
from tidings.kernel.ids import new_id
from tidings.kernel.threads import BoundedThreads

MAX_PASSKEYS = 25

_threads = BoundedThreads("ceremonies", at_once=1, waiting=64)
"""A transaction may be open meanwhile: nothing else queues here."""


class PasskeyCounterWentBack(RememberedRefusal, InvalidCredentials):
    """Two devices hold this passkey's key: refused like every wrong proof, and noted."""

    def __init__(self, user_id: UUID, passkey_id: UUID, now: datetime) -> None:
        super().__init__()
        self.user_id = user_id
        self.passkey_id = passkey_id
        self.now = now

    @classmethod
    def title(cls) -> str:
        """What every wrong proof says."""
        return InvalidCredentials.title()

    async def record(self, session: AsyncSession) -> None:
        """Note it for the administrators."""
        await record(
            session,
            AuditAction.PASSKEY_COUNTER_WENT_BACK,
            by=Actor(kind=ActorKind.NOBODY),
            now=self.now,
            target_id=self.user_id,
            detail={"passkey_id": str(self.passkey_id)},
        )


async def ask_for_passkey(session: AsyncSession, *, origin: str, now: datetime) -> dict[str, Any]:  # Any: JSON
    """What a browser hands to its passkeys, so that one proves its owner, whoever that is."""
    await _load_ceremonies()
    from tidings.accounts.mfa.ceremonies import Site, request_options  # noqa: PLC0415 - see there

    challenge = await new_challenge(session, ChallengePurpose.PROVE, now=now)
    return request_options(Site.at(origin), challenge=challenge)


async def check_passkey(
    session: AsyncSession,
    answer: Mapping[str, Any],  # Any: JSON as the browser made it; nothing of it is trusted
    *,
    user_id: UUID | None,
    origin: str,
    now: datetime,
) -> UUID | None:
    """Whose passkey signed a fresh challenge of ours, its owner verified; with `user_id` theirs or nobody's.

    None when it does not hold. Raises PasskeyCounterWentBack for a genuine answer of a copied key.
    """
    await _load_ceremonies()
    from tidings.accounts.mfa.ceremonies import (  # noqa: PLC0415 - see there
        AnswerInvalid,
        Site,
        read_assertion,
        verify_assertion,
    )

    try:
        asserted = read_assertion(answer)
    except AnswerInvalid:
        return None
    if not await take_challenge(session, asserted.challenge, ChallengePurpose.PROVE, now=now):
        return None
    passkey = await _passkey(session, asserted.credential_id)
    if passkey is None or user_id not in {None, passkey.user_id}:
        return None
    if asserted.user_handle not in {passkey.user_id.bytes, None if user_id else passkey.user_id.bytes}:
        return None  # WebAuthn §7.2 step 6: who is not yet known must be named by the passkey itself
    try:
        count = verify_assertion(
            answer, challenge=asserted.challenge, site=Site.at(origin), public_key=passkey.public_key
        )
    except AnswerInvalid:
        return None
    if not await _move_counter(session, passkey, count, now):
        raise PasskeyCounterWentBack(passkey.user_id, passkey.id, now)
    return passkey.user_id


async def owner_of_passkey(session: AsyncSession, answer: Mapping[str, Any]) -> UUID | None:  # Any: as above
    """Whose passkey this claims to be, nothing proven: whom a failure counts against."""
    await _load_ceremonies()
    from tidings.accounts.mfa.ceremonies import AnswerInvalid, read_assertion  # noqa: PLC0415 - see there

    try:
        passkey = await _passkey(session, read_assertion(answer).credential_id)
    except AnswerInvalid:
        return None
    return passkey.user_id if passkey else None


async def ask_for_new_passkey(
    session: AsyncSession, user: User, *, house: str, origin: str, now: datetime
) -> dict[str, Any]:  # Any: JSON
    """What a browser hands to an authenticator, so that it makes a passkey for this user."""
    await _load_ceremonies()
    from tidings.accounts.mfa.ceremonies import Site, creation_options  # noqa: PLC0415 - see there

    known = [(passkey.credential_id, passkey.transports) for passkey in await list_passkeys(session, user.id)]
    account = user.username or user.email or str(user.id)
    return creation_options(
        Site.at(origin),
        house=house,
        user_handle=user.id.bytes,
        username=account,
        display_name=user.name or account,
        known=known,
        challenge=await new_challenge(session, ChallengePurpose.REGISTER, now=now, user_id=user.id),
    )


async def add_passkey(
    session: AsyncSession,
    user_id: UUID,
    answer: Mapping[str, Any],  # Any: as above
    *,
    name: str,
    origin: str,
    now: datetime,
) -> Passkey:
    """The passkey this answer makes known. Hold the user's row.

    Raises PasskeyInvalid, PasskeyKnown, TooManyPasskeys.
    """
    await _load_ceremonies()
    from tidings.accounts.mfa.ceremonies import (  # noqa: PLC0415 - see there
        AnswerInvalid,
        Site,
        challenge_of_registration,
        verify_registration,
    )

    if len(await list_passkeys(session, user_id)) >= MAX_PASSKEYS:
        raise TooManyPasskeys()
    try:
        challenge = challenge_of_registration(answer)
        if not await take_challenge(session, challenge, ChallengePurpose.REGISTER, now=now, user_id=user_id):
            raise PasskeyInvalid()
        registered = verify_registration(answer, challenge=challenge, site=Site.at(origin))
    except AnswerInvalid as error:
        raise PasskeyInvalid() from error
    passkey = Passkey(
        user_id=user_id,
        id=new_id(),
        credential_id=registered.credential_id,
        public_key=registered.public_key,
        sign_count=registered.sign_count,
        transports=list(registered.transports),
        is_backed_up=registered.is_backed_up,
        name=name,
        created_at=now,
    )
    try:
        async with session.begin_nested():
            session.add(passkey)
    except IntegrityError as error:  # credential ids are unique over all users (WebAuthn §7.1 step 26)
        raise PasskeyKnown() from error
    return passkey


async def _load_ceremonies() -> None:
    """Have the first of all these calls load them off the loop; every other finds them loaded."""
    await _threads.run(lambda: import_module("tidings.accounts.mfa.ceremonies"))


async def _passkey(session: AsyncSession, credential_id: bytes) -> Passkey | None:
    found = select(Passkey).where(Passkey.credential_id == credential_id)
    return await session.scalar(found.execution_options(populate_existing=True))


async def _move_counter(session: AsyncSession, passkey: Passkey, count: int, now: datetime) -> bool:
    """Whether the counter went forward; one that always says nought is of a passkey that does not count."""
    forward = Passkey.sign_count < count if count else Passkey.sign_count == 0
    moved = await session.execute(
        update(Passkey)
        .where(Passkey.user_id == passkey.user_id, Passkey.id == passkey.id, forward)
        .values(sign_count=count, last_used_at=now)
        .returning(Passkey.id)
        .execution_options(synchronize_session=False)
    )
    return moved.first() is not None
