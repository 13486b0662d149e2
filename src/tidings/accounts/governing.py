"""Deciding for the whole server without locking everybody out of it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.audit.types import Actor
from tidings.accounts.server_settings.changing import change_server_settings
from tidings.accounts.server_settings.models import ServerSettings
from tidings.accounts.sign_up.settling import settle_some
from tidings.accounts.ways_in import check_an_admin_gets_in
from tidings.kernel.crypto import Keyring


async def govern(
    session: AsyncSession,
    values: Mapping[str, Any],  # Any: each column's own type
    *,
    keyring: Keyring,
    by: Actor,
    now: datetime,
) -> ServerSettings:
    """The server settings with these values; who waited for what they no longer ask is let in, many of them later.

    Raises SsoNotEnabled, and NoWayIn when no administrator could sign in.
    """
    settings = await change_server_settings(session, values, by=by, now=now)
    await check_an_admin_gets_in(session)
    await settle_some(session, keyring=keyring, by=by, now=now)
    return settings
