"""Rate limits of the API: per address for strangers who try to get in, per user and per key for everybody else."""

import structlog
from fastapi import Request

from tidings.accounts.callers import Caller, Credential
from tidings.kernel.errors import Busy
from tidings.kernel.http.addresses import client_address, network_of
from tidings.kernel.rate_limits.counting import RateLimits
from tidings.kernel.rate_limits.errors import RateLimited, StoreDown
from tidings.kernel.rate_limits.types import Limit, Standing

_RETRY = {"Retry-After": "5"}
log = structlog.get_logger(__name__)


async def limit_attempts(request: Request) -> None:
    """Count an attempt to get in from this address. Raises RateLimited, and Busy while nothing can be counted."""
    limits = _limits_of(request)
    try:
        _tell(request, await limits.count(limits.sign_in, _network(request), now=request.app.state.clock.now()))
    except StoreDown as error:  # whoever guesses passwords may be the one who brought it down: stay closed
        log.warning("attempts_not_counted", error=str(error))
        raise Busy(headers=_RETRY) from error


async def limit_programs(request: Request) -> None:
    """Count, from this address, what programs send of themselves: nobody gets in by guessing it.

    Raises RateLimited; while nothing can be counted, they may go on.
    """
    await _count_while_possible(request, _limits_of(request).program, _network(request))


async def limit_requests(request: Request, caller: Caller) -> None:
    """Count a request of somebody known. Raises RateLimited; while nothing can be counted, everybody may go on."""
    limits = _limits_of(request)
    is_key = caller.credential is Credential.API_KEY
    limit, who = (limits.key, caller.credential_id) if is_key else (limits.user, caller.user_id)
    await _count_while_possible(request, limit, str(who))


async def limit_uploads(request: Request, caller: Caller) -> None:
    """Count a file that a person sends, not those of keys, which move whole houses. Raises as above."""
    if caller.is_person:
        await _count_while_possible(request, _limits_of(request).upload, str(caller.user_id))


async def _count_while_possible(request: Request, limit: Limit, who: str) -> None:
    try:
        _tell(request, await _limits_of(request).count(limit, who, now=request.app.state.clock.now()))
    except StoreDown as error:  # the limit is for fairness; nobody gets in who would not otherwise
        log.warning("request_not_counted", error=str(error))


def _network(request: Request) -> str:
    address = client_address(request, trusted_proxies=request.app.state.settings.trusted_proxies)
    return network_of(address or "unknown")


def _limits_of(request: Request) -> RateLimits:
    limits: RateLimits = request.app.state.rate_limits
    return limits


def _tell(request: Request, standing: Standing | None) -> None:
    if standing is None:
        return
    request.state.rate_limit = standing
    if standing.is_over:
        raise RateLimited(standing)
