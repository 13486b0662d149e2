"""Reading the server settings: one row by its key, at each use, so that a change bites on the next request."""

from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.server_settings.models import ONE, ServerSettings

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


async def read_server_settings(session: AsyncSession) -> ServerSettings:
    """The settings as they are now; before anybody wrote them, the defaults (not part of the session)."""
    return await session.get(ServerSettings, ONE) or default_settings()


def default_settings() -> ServerSettings:
    """What holds until an administrator decides otherwise. `updated_at` is the epoch: never."""
    columns = ServerSettings.__table__.columns
    defaults = {column.name: column.default.arg for column in columns if column.default is not None}
    return ServerSettings(**defaults, updated_at=_NEVER)
