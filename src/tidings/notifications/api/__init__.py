"""Routes of notifications."""

from tidings.kernel.http.routing import Router
from tidings.notifications.api import inbox, preferences, sending, streams

router = Router()
for part in (streams, sending, preferences, inbox):  # inbox last: its `/{notification_id}` takes any name
    router.include_router(part.router)
