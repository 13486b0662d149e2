"""Who acts in a request, as the audit log names them."""

from typing import Annotated

from fastapi import Depends, Request

from tidings.accounts.audit.types import Actor
from tidings.accounts.callers import CurrentCaller
from tidings.kernel.http.addresses import client_address


async def _actor(request: Request, caller: CurrentCaller) -> Actor:
    return caller.actor(client_address(request, trusted_proxies=request.app.state.settings.trusted_proxies))


By = Annotated[Actor, Depends(_actor)]
