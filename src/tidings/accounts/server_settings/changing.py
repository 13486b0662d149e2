"""Writing the server settings: one row, whole."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.audit.recording import record
from tidings.accounts.audit.types import Actor, AuditAction
from tidings.accounts.server_settings.errors import SsoNotEnabled
from tidings.accounts.server_settings.models import ONE, ServerSettings
from tidings.accounts.server_settings.reading import default_settings


async def locked_server_settings(session: AsyncSession) -> ServerSettings:
    """The row of the settings, made where it is missing, as it is until this transaction ends."""
    settings = await session.get(ServerSettings, ONE, with_for_update=True, populate_existing=True)
    if settings is None:
        await _make_row(session)
        settings = await session.get_one(ServerSettings, ONE, with_for_update=True, populate_existing=True)
    return settings


async def change_server_settings(
    session: AsyncSession,
    values: Mapping[str, Any],  # Any: each column's own type
    *,
    by: Actor,
    now: datetime,
) -> ServerSettings:
    """The settings with these values; they hold from the next request on. Raises SsoNotEnabled."""
    if values["sso_auto_redirect"] and not values["sso_enabled"]:
        raise SsoNotEnabled()
    settings = await locked_server_settings(session)
    changed = [name for name, value in values.items() if getattr(settings, name) != value]
    if changed:
        for name in changed:
            setattr(settings, name, values[name])
        settings.updated_at = now
        await session.flush()
        await record(session, AuditAction.SETTINGS_CHANGED, by=by, now=now, detail={"changed": changed})
    return settings


async def _make_row(session: AsyncSession) -> None:
    """The row with the defaults, unless somebody else has just made it."""
    insert = sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgresql_insert
    defaults = default_settings()
    values = {column.name: getattr(defaults, column.name) for column in ServerSettings.__table__.columns}
    await session.execute(insert(ServerSettings).values(values).on_conflict_do_nothing())
