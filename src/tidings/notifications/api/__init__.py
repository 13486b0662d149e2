"""Routes of notifications."""

from tidings.kernel.http.routing import Router
from tidings.notifications.api import events, inbox, preferences, sending, streams
from tidings.notifications.api.shortcuts import SHORTCUTS

__all__ = ["SHORTCUTS", "router"]

router = Router()
for part in (streams, sending, events, preferences, inbox):  # inbox last: its `/{notification_id}` takes any name
    router.take(part.router)
