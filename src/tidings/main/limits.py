"""The rate limits of the settings, and where they are counted."""

from limits.aio.storage import RedisStorage, Storage
from limits.aio.storage.redis.redispy import RedispyBridge
from limits.errors import ConfigurationError

from tidings.kernel.clock import Clock
from tidings.kernel.db import Database
from tidings.kernel.rate_limits.counting import RateLimits
from tidings.kernel.rate_limits.database import DatabaseCounts
from tidings.kernel.rate_limits.memory import MemoryCounts
from tidings.kernel.rate_limits.types import Limit
from tidings.settings import Settings, SettingsError

REDIS_TIMEOUT_S = 2.0
PROGRAMS = 10
"""So many times the attempts to get in, for what programs send: all apps of an office renew their tokens from there."""
UPLOADS = 10
"""Files a person sends in a minute. One may cost seconds of the only thread that opens files."""


def rate_limits_of(settings: Settings, database: Database, clock: Clock) -> RateLimits:
    """The limits as set; nothing is connected yet. Raises SettingsError when what they need is not installed."""
    return RateLimits(
        storage=_storage(settings.rate_limit_store, database, clock),
        sign_in=Limit("sign-in", settings.rate_limit_sign_in),
        user=Limit("user", settings.rate_limit_user),
        key=Limit("key", settings.rate_limit_key),
        program=Limit("program", PROGRAMS * settings.rate_limit_sign_in),
        upload=Limit("upload", UPLOADS if settings.rate_limit_user else 0),
    )


async def hang_up(limits: RateLimits) -> None:
    """Close the connections to where the limits are counted; whoever counts again opens new ones."""
    if isinstance(limits.storage, RedisStorage) and isinstance(limits.storage.bridge, RedispyBridge):
        await limits.storage.bridge.storage.aclose()


def _storage(store: str, database: Database, clock: Clock) -> Storage:
    if store == "memory":
        return MemoryCounts()
    if store == "database":
        return DatabaseCounts(database, clock)
    try:
        return RedisStorage(
            f"async+{store}",
            wrap_exceptions=True,
            implementation="redispy",
            key_prefix="tidings",
            socket_timeout=REDIS_TIMEOUT_S,
            socket_connect_timeout=REDIS_TIMEOUT_S,
        )
    except ConfigurationError:
        raise SettingsError("TIDINGS_RATE_LIMIT_STORE: counting in Redis needs `pip install tidings[redis]`") from None
