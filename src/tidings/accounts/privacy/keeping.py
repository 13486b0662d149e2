"""Privacy settings: made with the account, read by the profile, replaced whole."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, insert, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.audit.recording import record
from tidings.accounts.audit.types import Actor, AuditAction
from tidings.accounts.events import UsersCreated
from tidings.accounts.models import User
from tidings.accounts.privacy.models import Privacy
from tidings.accounts.types import AccountState
from tidings.kernel.db import rows

_COLUMNS = Privacy.__table__.columns
_DEFAULTS: Mapping[str, Any] = {each.name: each.default.arg for each in _COLUMNS if each.default is not None}


async def privacy_of(session: AsyncSession, user_id: UUID) -> Privacy:
    """What this person shows; the defaults (not part of the session) where nothing is written."""
    return await session.get(Privacy, user_id) or Privacy(user_id=user_id, **_DEFAULTS)


async def put_privacy(
    session: AsyncSession,
    user_id: UUID,
    values: Mapping[str, Any],  # Any: each column's own type
    *,
    by: Actor,
    now: datetime,
) -> Privacy:
    """Their privacy settings with these values, which name every one."""
    before = await privacy_of(session, user_id)
    changed = [name for name, value in values.items() if getattr(before, name) != value]
    privacy = await session.merge(Privacy(user_id=user_id, **values))
    await session.flush()
    if changed:
        await record(
            session, AuditAction.ACCOUNT_CHANGED, by=by, now=now, target_id=user_id, detail={"changed": changed}
        )
    return privacy


async def create_privacy(session: AsyncSession, event: UsersCreated) -> None:
    """Give new accounts their privacy settings, in one statement; recipients, who do nothing here, get none."""
    new = rows(session.get_bind().dialect.name, "created", user_id=Uuid)
    values = [literal(value, _COLUMNS[name].type) for name, value in _DEFAULTS.items()]
    accounts = select(User.id, *values).where(User.id.in_(select(new.c.user_id)), User.state != AccountState.RECIPIENT)
    connection = await session.connection()
    await connection.execute(
        insert(Privacy).from_select(["user_id", *_DEFAULTS], accounts), new.bind((each,) for each in event.user_ids)
    )
