"""Routes of accounts."""

from tidings.accounts.api import keys, signing_in, signing_secrets, tickets, users
from tidings.kernel.http.routing import Router

router = Router()
for part in (signing_in, users, keys, signing_secrets, tickets):
    router.include_router(part.router)
