"""A person's own pages and counters, as open browsers ask for them all the time, read the short way.

Only the ordinary is answered here. A filter, a key, a cookie that does not hold or whose use is to be noted, somebody
who owes something or has asked too often, a database that fails: each is left to the routes in `inbox`, which ask again
and say what is the matter.
"""

import re
from collections.abc import Awaitable, Callable, Mapping

from fastapi import Request, Response

from tidings.accounts.authentication import is_due_for_a_note
from tidings.accounts.callers import Caller
from tidings.accounts.cookies import cookie_name
from tidings.accounts.limiting import limit_requests
from tidings.accounts.sessions import OWNER_OF_COOKIE, proof_of_session
from tidings.kernel.crypto import digest
from tidings.kernel.errors import InvalidCursor
from tidings.kernel.http.shortcuts import Shortcut
from tidings.kernel.pages import DEFAULT_PAGE_SIZE
from tidings.kernel.rate_limits.errors import RateLimited
from tidings.kernel.reading import Fetch, NoShortWay, reader_of
from tidings.notifications.api.pages import AskedPage, counters_response, page_response
from tidings.notifications.queries import ONE_HEAD, ORDINARY_PAGES, HeadView, ListFilter
from tidings.notifications.wire import notification_json

_NOTHING = re.compile(rb"")
_ONLY_A_CURSOR = re.compile(rb"(?:cursor=([\w-]+))?", re.ASCII)


def _shortcut(
    ordinary: re.Pattern[bytes], answer: Callable[[Request, Fetch, HeadView], Awaitable[Response]]
) -> Shortcut:
    """The answer for who may have it, if the query is ordinary; None where it is not for us to say why not."""

    async def shortcut(request: Request) -> Response | None:
        if not ordinary.fullmatch(request.scope["query_string"]):
            return None
        try:
            async with reader_of(request.app.state.database).reading() as fetch:
                caller = await _person(request, fetch)
                found = await fetch(ONE_HEAD, user_id=caller.user_id) if caller is not None else ()
                response = await answer(request, fetch, HeadView(*found[0])) if found else None
            if caller is not None and response is not None:
                await limit_requests(request, caller)
        except (NoShortWay, InvalidCursor, RateLimited):
            return None
        return response

    return shortcut


async def _page(request: Request, fetch: Fetch, head: HeadView) -> Response:
    asked = AskedPage(head.user_id, ListFilter(), 1, DEFAULT_PAGE_SIZE)
    after = asked.position_of(request, request.query_params.get("cursor"))
    page, place = (ORDINARY_PAGES.first, {}) if after is None else (ORDINARY_PAGES.next, {"after": after})
    found = await fetch(page, user_id=head.user_id, **place)
    shown = [notification_json(row, request.app.state.types) for row in found[:DEFAULT_PAGE_SIZE]]
    return page_response(request, asked, head, found, shown)


async def _counters(request: Request, _fetch: Fetch, head: HeadView) -> Response:
    return counters_response(request, head)


SHORTCUTS: Mapping[str, Shortcut] = {
    "/notifications": _shortcut(_ONLY_A_CURSOR, _page),
    "/notifications/count": _shortcut(_NOTHING, _counters),
}
"""By path below the API's own."""


async def _person(request: Request, fetch: Fetch) -> Caller | None:
    """Who asks, when that is somebody with a session cookie whose use needs no note, and who owes nothing."""
    state = request.app.state
    cookie = request.cookies.get(cookie_name(state.settings.base_url))
    if cookie is None or "authorization" in request.headers:
        return None
    now = state.clock.now()
    found = await fetch(OWNER_OF_COOKIE, digest=digest(cookie), now=now)
    proof = proof_of_session(found[0]) if found else None
    if proof is None or proof.caller.owes is not None or is_due_for_a_note(proof, now):
        return None
    return proof.caller
