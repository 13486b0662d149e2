"""Routes of the console."""

from tidings.console.api import deliveries, mailbox, system, templates
from tidings.kernel.http.routing import Router

router = Router()
for part in (deliveries, mailbox, system, templates):
    router.take(part.router)
