"""Who a proven identity is here: somebody who linked it, or somebody new if the settings let them in."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.audit.recording import record
from tidings.accounts.audit.types import Actor, ActorKind, AuditAction
from tidings.accounts.errors import EmailTaken, UsernameTaken
from tidings.accounts.identities.errors import (
    AccountClosed,
    AwaitingApproval,
    EmailKnown,
    NoAccount,
    ProviderEmailUnverified,
)
from tidings.accounts.identities.linking import add_identity
from tidings.accounts.identities.models import Identity
from tidings.accounts.identities.profiles import email_of, language_of, usernames_for
from tidings.accounts.identity_providers.models import IdentityProvider
from tidings.accounts.identity_providers.types import ProvenIdentity
from tidings.accounts.mail_tokens.tokens import may_go_back_to
from tidings.accounts.models import User
from tidings.accounts.server_settings.reading import read_server_settings
from tidings.accounts.sign_up.signing_up import Applicant, create_signup_user
from tidings.accounts.types import AccountState
from tidings.accounts.users import locked_user


async def admit_identity(
    session: AsyncSession, proven: ProvenIdentity, provider: IdentityProvider, *, by: Actor, now: datetime
) -> User:
    """Whom this identity belongs to, locked; made now if it is nobody's and the settings allow it.

    By issuer and subject alone: an address is never enough to be somebody. Whether they may come in is asked apart
    (`check_may_enter`). Raises NoAccount, EmailKnown, ProviderEmailUnverified.
    """
    identity = await _find(session, proven) or await _newcomer(session, proven, provider, by=by, now=now)
    user = await locked_user(session, identity.user_id)
    used = await session.execute(
        update(Identity)
        .where(Identity.user_id == user.id, Identity.id == identity.id)
        .values(last_used_at=now, email=email_of(proven))
        .returning(Identity.id)
    )
    if used.first() is None:  # unlinked while we waited for the user's row
        raise NoAccount()
    if user.state is AccountState.ACTIVE and provider.sync_profile:
        await _follow(session, user, proven, now)
    return user


def check_may_enter(user: User) -> None:
    """Let an active user pass, and nobody else. They proved who they are, so they may know why they cannot come in."""
    if user.state is AccountState.REGISTERED:
        raise AwaitingApproval()
    if user.state is not AccountState.ACTIVE:
        raise AccountClosed()


async def _find(session: AsyncSession, proven: ProvenIdentity) -> Identity | None:
    return await session.scalar(
        select(Identity).where(Identity.issuer == proven.issuer, Identity.subject == proven.subject)
    )


async def _newcomer(
    session: AsyncSession, proven: ProvenIdentity, provider: IdentityProvider, *, by: Actor, now: datetime
) -> Identity:
    settings = await read_server_settings(session)
    if not provider.auto_create or not settings.signup_enabled:
        raise NoAccount()
    email = email_of(proven)
    # An address nobody vouches for could be anybody's: an account waiting under it would be a trap for its owner.
    if email is None or not (proven.email_verified or provider.trust_email):
        raise ProviderEmailUnverified()
    if await may_go_back_to(session, email, now=now):
        raise EmailKnown()
    try:
        async with session.begin_nested():
            user = await _create(session, proven, email, by=by, now=now)
            return await add_identity(session, user, proven, provider, by=by, now=now)
    except (EmailTaken, IntegrityError):
        found = await _find(session, proven)  # the same person, in two tabs at once
        if found is None:
            raise EmailKnown() from None
        return found


async def _create(session: AsyncSession, proven: ProvenIdentity, email: str, *, by: Actor, now: datetime) -> User:
    language = language_of(proven.locale)
    for username in usernames_for(proven):
        applicant = Applicant(
            username=username,
            email=email,
            name=proven.name or username,
            password_hash=None,
            email_verified=True,
            profile={} if language is None else {"preferred_language": language},
        )
        try:
            return await create_signup_user(
                session, applicant, settings=await read_server_settings(session), by=by, now=now
            )
        except UsernameTaken:
            continue
    raise UsernameTaken()


async def _follow(session: AsyncSession, user: User, proven: ProvenIdentity, now: datetime) -> None:
    wanted = {"name": proven.name or user.name, "preferred_language": language_of(proven.locale)}
    changed = [name for name, value in wanted.items() if value is not None and getattr(user, name) != value]
    if not changed:
        return
    for name in changed:
        setattr(user, name, wanted[name])
    user.updated_at = now
    await session.flush()
    by = Actor(kind=ActorKind.USER, id=user.id)
    await record(session, AuditAction.ACCOUNT_CHANGED, by=by, now=now, target_id=user.id, detail={"fields": changed})
