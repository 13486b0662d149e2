"""Tidings: accounts, connected services and notifications that reach each person once.

Names load when they are first used, so `import tidings` stays light.
"""

from importlib import import_module

__version__ = "0.1.0"

_HOMES = {
    "NotificationType": "tidings.notifications.types",
    "Priority": "tidings.notifications.types",
    "Somebody": "tidings.notifications.content",
    "Tidings": "tidings.main",
    "TidingsError": "tidings.kernel.errors",
    "create_signing_secret": "tidings.accounts.signing_secrets",
    "include_object": "tidings.kernel.db",
    "notify": "tidings.notifications.notifying",
}
__all__ = [
    "NotificationType",
    "Priority",
    "Somebody",
    "Tidings",
    "TidingsError",
    "__version__",
    "create_signing_secret",
    "include_object",
    "notify",
]


def __getattr__(name: str) -> object:
    try:
        home = _HOMES[name]
    except KeyError:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None
    return getattr(import_module(home), name)
