"""Making, suspending and removing users, and what rights they have. Everything here says who does it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, exists, inspect, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.audit.recording import record
from tidings.accounts.audit.types import Actor, AuditAction
from tidings.accounts.birthdates import check_birthdate
from tidings.accounts.errors import (
    EmailTaken,
    ExternalIdTaken,
    InvalidTransition,
    LastAdmin,
    RecipientIsAccount,
    UsernameTaken,
    UserNotFound,
)
from tidings.accounts.events import AccessEnded, ApprovalHandled, UserDeleting, UsersCreated
from tidings.accounts.forgetting import forget_traces
from tidings.accounts.mail_tokens.tokens import forget_every_mail_token
from tidings.accounts.models import User
from tidings.accounts.server_settings.reading import read_server_settings
from tidings.accounts.sessions import end_all_access
from tidings.accounts.state import move
from tidings.accounts.types import AccessType, AccountState
from tidings.accounts.usernames.holding import claim_username
from tidings.accounts.ways_in import check_an_admin_gets_in
from tidings.kernel.errors import Conflict, Fault, TidingsError
from tidings.kernel.events import publish
from tidings.kernel.ids import new_id

_TAKEN: Mapping[str, type[TidingsError]] = {
    "username": UsernameTaken,
    "email": EmailTaken,
    "external_id": ExternalIdTaken,
}
_LOCKED = select(User).with_for_update(key_share=True).execution_options(populate_existing=True)
_WITH_ID = _LOCKED.where(User.id == bindparam("user_id"))
_WITH_EMAIL = _LOCKED.where(User.email == bindparam("email"))
_IS_ADMIN = User.access_type == AccessType.ADMIN, User.state == AccountState.ACTIVE


async def create_user(
    session: AsyncSession,
    *,
    username: str | None,
    email: str | None,
    name: str | None,
    password_hash: str | None,
    access_type: AccessType,
    state: AccountState,
    by: Actor,
    now: datetime,
    external_id: str | None = None,
    password_must_change: bool = False,
    email_verified: bool = True,
    **profile: Any,  # Any: the profile columns of User, by name
) -> User:
    """A new user; username and e-mail in canonical form (`identifiers.py`).

    Whoever makes a user for somebody vouches for the address; a stranger who signs up has yet to prove it. Units and
    currency are those of the server settings unless `profile` says otherwise.
    Raises UsernameTaken, EmailTaken or ExternalIdTaken, and the transaction can still be used, and InvalidRequest for
    a birthdate that can be nobody's.
    """
    check_birthdate(profile.get("birthdate"), now=now)
    settings = await read_server_settings(session)
    begun_with = {"units": settings.units, "currency": settings.currency}
    said = {name: value for name, value in profile.items() if value is not None}
    user = User(
        id=new_id(),
        external_id=external_id,
        username=username,
        email=email,
        email_verified=email_verified and email is not None,
        name=name,
        password_hash=password_hash,
        password_must_change=password_must_change,
        access_type=access_type,
        state=state,
        created_at=now,
        updated_at=now,
        **begun_with | said,
    )
    await save(session, user, now=now)
    await publish(session, UsersCreated((user.id,)))
    detail = {"state": state, "access_type": access_type}
    await record(session, AuditAction.ACCOUNT_CREATED, by=by, now=now, target_id=user.id, detail=detail)
    return user


async def put_recipient(
    session: AsyncSession, external_id: str, changes: Mapping[str, Any], *, by: Actor, now: datetime
) -> tuple[User, bool]:
    """Somebody the host knows, as it describes them now, and whether they are new.

    What `changes` leaves out stays. Raises RecipientIsAccount for a user with a credential of their own, and
    EmailTaken.
    """
    user = await _locked_by_external_id(session, external_id)
    if user is None:
        try:
            return await _create_recipient(session, external_id, changes, by, now), True
        except ExternalIdTaken:  # somebody else created them just now
            user = await _locked_by_external_id(session, external_id)
    if user is None or user.has_credential:
        raise RecipientIsAccount()
    for field, value in changes.items():
        setattr(user, field, value)
    user.email_verified = user.email is not None
    user.updated_at = now
    await save(session, user, now=now)
    return user, False


async def suspend_user(session: AsyncSession, user_id: UUID, *, by: Actor, now: datetime) -> User:
    """Take every way in from this user, links in letters too.

    Raises UserNotFound, InvalidTransition, LastAdmin, and NoWayIn where no other administrator could sign in.
    """
    user = await _locked_with_an_admin_left(session, user_id)
    await move(session, user, AccountState.SUSPENDED, by=by, now=now, reason="suspended")
    await forget_every_mail_token(session, user_id)
    await end_all_access(session, user_id, reason="suspended")
    if user.access_type is AccessType.ADMIN:
        await check_an_admin_gets_in(session)
    return user


async def reactivate_user(session: AsyncSession, user_id: UUID, *, by: Actor, now: datetime) -> User:
    """Let a suspended user sign in again. Raises UserNotFound, InvalidTransition."""
    user = await locked_user(session, user_id)
    if user.state is not AccountState.SUSPENDED:  # a sign-up becomes active by its own rules, not by this
        raise InvalidTransition(f"An account that is {user.state} cannot be reactivated.")
    await move(session, user, AccountState.ACTIVE, by=by, now=now, reason="reactivated")
    return user


async def change_access_type(
    session: AsyncSession, user_id: UUID, access_type: AccessType, *, by: Actor, now: datetime
) -> User:
    """Give a user other rights; they sign in anew, so that no session keeps what it was opened with.

    Raises UserNotFound, LastAdmin, NoWayIn where no other administrator could sign in, and InvalidTransition for a
    recipient, who never signs in.
    """
    stays = access_type is AccessType.ADMIN
    user = await (locked_user(session, user_id) if stays else _locked_with_an_admin_left(session, user_id))
    if not user.has_credential:
        raise InvalidTransition("A recipient never signs in, so there is no access to give.")
    if user.access_type is access_type:
        return user
    detail = {"field": "access_type", "from": user.access_type, "to": access_type}
    user.access_type = access_type
    user.updated_at = now
    await session.flush()
    await record(session, AuditAction.ACCOUNT_CHANGED, by=by, now=now, target_id=user_id, detail=detail)
    await end_all_access(session, user_id, reason="role_changed")
    if not stays:
        await check_an_admin_gets_in(session)
    return user


async def mark_undeliverable(session: AsyncSession, user_id: UUID, email: str, *, now: datetime) -> None:
    """Remember that this address of theirs does not exist, unless they have another one by now."""
    await session.execute(
        update(User)
        .where(User.id == user_id, User.email == email)
        .values(undeliverable_email=email, updated_at=now)
        .execution_options(synchronize_session=False)
    )


async def delete_user(session: AsyncSession, user_id: UUID, *, by: Actor, now: datetime) -> None:
    """Remove a user with everything that is theirs.

    Raises UserNotFound, LastAdmin, and NoWayIn where no other administrator could sign in.
    """
    user = await _locked_with_an_admin_left(session, user_id)
    if user.pending_admin_approval:
        await publish(session, ApprovalHandled(user_id))
    await publish(session, UserDeleting(user_id))
    await forget_traces(session, user)
    await session.execute(delete(User).where(User.id == user_id))
    await record(session, AuditAction.ACCOUNT_DELETED, by=by, now=now, target_id=user_id)
    await publish(session, AccessEnded(user_id, None, "deleted"))
    if user.access_type is AccessType.ADMIN:
        await check_an_admin_gets_in(session)


async def locked_user(session: AsyncSession, user_id: UUID) -> User:
    """The user as they are now, and until this transaction ends. Raises UserNotFound."""
    user = await session.scalar(_WITH_ID, {"user_id": user_id})
    if user is None:
        raise UserNotFound()
    return user


async def locked_user_with_email(session: AsyncSession, email: str) -> User | None:
    """Whoever has this address, in canonical form, as they are now and until this transaction ends."""
    return await session.scalar(_WITH_EMAIL, {"email": email})


async def save(session: AsyncSession, user: User, *, now: datetime) -> None:
    """Write the user; nothing else writes a user name, so that none is given away while it is held.

    Raises UsernameTaken, EmailTaken or ExternalIdTaken, and then the transaction can still be used if the user is new.
    """
    if user.username is not None and inspect(user).attrs.username.history.has_changes():
        with session.no_autoflush:  # or the name would be written before it is claimed
            await claim_username(session, user.username, now=now)
    try:
        async with session.begin_nested():
            session.add(user)
    except IntegrityError as error:
        raise _taken(error) from error


async def _locked_with_an_admin_left(session: AsyncSession, leaving: UUID) -> User:
    """The user, locked, who may cease to be an administrator, because they are none or there are others.

    Raises UserNotFound and LastAdmin, and Conflict for somebody who is made an administrator at this moment.
    """
    # In the order of every writer: the administrators, the user's own row, then what others keep of this user.
    is_admin = await session.scalar(select(exists().where(User.id == leaving, *_IS_ADMIN)))
    if is_admin:
        await _keep_an_admin(session, leaving)
    user = await locked_user(session, leaving)
    if not is_admin and user.access_type is AccessType.ADMIN and user.is_active:
        raise Conflict()
    return user


async def _keep_an_admin(session: AsyncSession, leaving: UUID) -> None:
    # All administrators' rows, in one order: of two who remove each other, the second sees what is left.
    # FOR NO KEY UPDATE does not stop others from inserting rows that point at these users.
    admins = await session.scalars(select(User.id).where(*_IS_ADMIN).order_by(User.id).with_for_update(key_share=True))
    if admins.all() == [leaving]:
        raise LastAdmin()


async def _create_recipient(
    session: AsyncSession, external_id: str, fields: Mapping[str, Any], by: Actor, now: datetime
) -> User:
    known = {"name": None, "email": None, **fields}
    return await create_user(
        session,
        external_id=external_id,
        username=None,
        password_hash=None,
        access_type=AccessType.REGULAR,
        state=AccountState.RECIPIENT,
        by=by,
        now=now,
        **known,
    )


async def _locked_by_external_id(session: AsyncSession, external_id: str) -> User | None:
    return await session.scalar(_LOCKED.where(User.external_id == external_id))


def _taken(error: IntegrityError) -> Exception:
    reason = str(error.orig).partition("\n")[0]  # some drivers append the values, which may say anything
    for column, kind in _TAKEN.items():
        if f"tidings_users_{column}" in reason or f"tidings_users.{column}" in reason:
            return kind(faults=[Fault(f"/{column}", kind.code, kind.title())])
    return error
