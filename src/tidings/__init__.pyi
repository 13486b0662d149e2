from tidings.accounts.signing_secrets import create_signing_secret as create_signing_secret
from tidings.kernel.db import include_object as include_object
from tidings.kernel.errors import TidingsError as TidingsError
from tidings.main import Tidings as Tidings
from tidings.notifications.content import Somebody as Somebody
from tidings.notifications.notifying import notify as notify
from tidings.notifications.types import NotificationType as NotificationType
from tidings.notifications.types import Priority as Priority

__version__: str
