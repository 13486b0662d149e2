"""Rate limits of the API: per address for strangers who try to get in, per user and per key for everybody else."""

import structlog
from fastapi import Request

from tidings.accounts.callers import Caller, Credential
from tidings.kernel.errors import Busy
from tidings.kernel.http.addresses import client_address, network_of
from tidings.kernel.rate_limits.counting import RateLimits
from tidings.kernel.rate_limits.errors import RateLimited, StoreDown
from tidings.kernel.rate_limits.types import Standing

_RETRY = {"Retry-After": "5"}
log = structlog.get_logger(__name__)


async def limit_attempts(request: Request) -> None:
    """Count an attempt to get in from this address. Raises RateLimited, and Busy while nothing can be counted."""
    limits: RateLimits = request.app.state.rate_limits
    address = client_address(request, trusted_proxies=request.app.state.settings.trusted_proxies)
    now = request.app.state.clock.now()
    try:
        _tell(request, await limits.count(limits.sign_in, network_of(address or "unknown"), now=now))
    except StoreDown as error:  # whoever guesses passwords may be the one who brought it down: stay closed
        log.warning("attempts_not_counted", error=str(error))
        raise Busy(headers=_RETRY) from error


async def limit_requests(request: Request, caller: Caller) -> None:
    """Count a request of somebody known. Raises RateLimited; while nothing can be counted, everybody may go on."""
    limits: RateLimits = request.app.state.rate_limits
    is_key = caller.credential is Credential.API_KEY
    limit, who = (limits.key, caller.credential_id) if is_key else (limits.user, caller.user_id)
    try:
        _tell(request, await limits.count(limit, str(who), now=request.app.state.clock.now()))
    except StoreDown as error:  # the limit is for fairness; the caller has proved who they are
        log.warning("request_not_counted", error=str(error))


def _tell(request: Request, standing: Standing | None) -> None:
    if standing is None:
        return
    request.state.rate_limit = standing
    if standing.is_over:
        raise RateLimited(standing)
