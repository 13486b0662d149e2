"""Changing a profile: exactly the named fields, each in its canonical form already."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.audit.recording import record
from tidings.accounts.audit.types import Actor, AuditAction
from tidings.accounts.birthdates import check_birthdate
from tidings.accounts.models import User
from tidings.accounts.users import change_access_type, locked_user, save


async def edit_profile(
    session: AsyncSession,
    user_id: UUID,
    changes: Mapping[str, Any],  # Any: each column's own type
    *,
    by: Actor,
    now: datetime,
) -> User:
    """The user with these columns changed; the log keeps their names, never their values.

    Raises UserNotFound, UsernameTaken and ExternalIdTaken, and InvalidRequest for a birthdate that can be nobody's.
    """
    check_birthdate(changes.get("birthdate"), now=now)
    user = await locked_user(session, user_id)
    changed = [name for name, value in changes.items() if getattr(user, name) != value]
    if changed:
        for name in changed:
            setattr(user, name, changes[name])
        user.updated_at = now
        await save(session, user, now=now)
        await record(
            session, AuditAction.ACCOUNT_CHANGED, by=by, now=now, target_id=user_id, detail={"changed": changed}
        )
    return user


async def edit_user(
    session: AsyncSession,
    user_id: UUID,
    changes: Mapping[str, Any],  # Any: each column's own type
    *,
    by: Actor,
    now: datetime,
) -> User:
    """What administrators change: the profile, and with `access_type` the rights, which end every session.

    Raises UserNotFound, UsernameTaken, ExternalIdTaken, LastAdmin, and InvalidTransition for a recipient's rights.
    """
    profile = dict(changes)
    access_type = profile.pop("access_type", None)
    if access_type is not None:  # first: it locks the administrators, who come before any user
        await change_access_type(session, user_id, access_type, by=by, now=now)
    return await edit_profile(session, user_id, profile, by=by, now=now)
