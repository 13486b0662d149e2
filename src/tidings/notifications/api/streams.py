"""Opening streams, and what servers may ask and tell them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from fastapi import Request, Response
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import HTTPConnection
from starlette.websockets import WebSocket

from tidings.accounts.callers import Caller, CurrentCaller
from tidings.accounts.cookies import cookie_name, own_origins
from tidings.accounts.errors import NotAuthenticated
from tidings.accounts.policies import scope
from tidings.accounts.streams import authenticate_stream
from tidings.accounts.types import Scope
from tidings.kernel.db import Database
from tidings.kernel.errors import InvalidRequest, TidingsError
from tidings.kernel.http.json import JsonResponse
from tidings.kernel.http.problems import problems
from tidings.kernel.http.routing import Now, Policy, Router, Session
from tidings.notifications.audience import find_user
from tidings.notifications.cursors import parse_cursor
from tidings.notifications.errors import UnknownRecipient
from tidings.notifications.schemas import Connected, CustomIn, CustomOut, StreamStats
from tidings.realtime.hub import Hub
from tidings.realtime.ports import Position, ResetReason, Subscriber
from tidings.realtime.signals import post_signal
from tidings.realtime.sse import EventStreamResponse
from tidings.realtime.types import CloseCode, CustomSignal
from tidings.realtime.websocket import refuse_websocket, serve_websocket

router = Router(tags=["streams"])
may_send = scope(Scope.NOTIFICATIONS_SEND)


@dataclass(frozen=True, slots=True)
class StreamPolicy:
    """A person with any credential that opens streams. The mark comes first: what is revoked meanwhile is noticed."""

    name: str = "stream"
    parameters: ClassVar[Sequence[Mapping[str, Any]]] = tuple(
        {"name": name, "in": place, "required": False, "description": what, "schema": {"type": "string"}}
        for name, place, what in (
            ("ticket", "query", "From POST /notifications/ws/ticket; good once."),
            ("token", "query", "An access token or a recipient token."),
            ("since", "query", "The cursor after which the stream resumes."),
            ("Last-Event-ID", "header", "The same, as browsers send it."),
        )
    )

    def refusals(self, method: str) -> Iterator[type[TidingsError]]:
        """What it may raise."""
        yield NotAuthenticated

    async def __call__(self, request: Request) -> None:
        """Admit the caller or raise NotAuthenticated."""
        hub: Hub = request.app.state.hub
        request.state.mark = hub.mark()
        caller = await _authenticate(request)
        if caller is None:
            raise NotAuthenticated()
        request.state.caller = caller


stream: Policy = StreamPolicy()


@router.websocket("/notifications/ws")
async def open_websocket(websocket: WebSocket) -> None:
    """The stream over WebSocket; without a valid credential it is accepted and closed with 4500."""
    hub: Hub = websocket.app.state.hub
    mark = hub.mark()
    caller = await _authenticate(websocket)
    if caller is None:
        await refuse_websocket(websocket, CloseCode.NOT_AUTHENTICATED, "not authenticated")
    else:
        await serve_websocket(hub, websocket, _subscriber(websocket, caller, mark))


@router.get(
    "/notifications/stream",
    stream,
    status_code=200,
    response_class=EventStreamResponse,
    responses=problems(NotAuthenticated),
)
async def open_event_stream(request: Request, caller: CurrentCaller) -> Response:
    """The stream as server-sent events; `Last-Event-ID` or `since` resumes."""
    return EventStreamResponse(request.app.state.hub, _subscriber(request, caller, request.state.mark))


@router.post("/streams/send", may_send, response_model=CustomOut, responses=problems(UnknownRecipient))
async def send_custom(body: CustomIn, request: Request, session: Session, now: Now) -> Response:
    """Send a transient message to one user's open streams, or to everybody's; nothing is stored for later."""
    if (body.user_id is None) == (body.all is None):
        raise InvalidRequest("Give either user_id or all.")
    user_id = await find_user(session, body.user_id) if body.user_id else None
    await post_signal(session, request.app.state.doorbell, CustomSignal(user_id, body.data), now=now)
    return JsonResponse({"success": True, "user_id": user_id, "all": body.all is True})


@router.get("/streams/stats", may_send, response_model=StreamStats)
async def count_streams(request: Request, session: Session, now: Now) -> Response:
    """How many users have a stream open, and how many streams there are, over all nodes."""
    totals = await request.app.state.presence.stream_totals(session, now=now)
    return JsonResponse({"users": totals.users, "connections": totals.connections})


@router.get("/streams/{user_id}", may_send, response_model=Connected, responses=problems(UnknownRecipient))
async def is_connected(user_id: str, request: Request, session: Session, now: Now) -> Response:
    """Whether this user (id or external_id) has a stream open anywhere."""
    known = await find_user(session, user_id)
    return JsonResponse({"connected": await request.app.state.presence.is_connected(session, known, now=now)})


async def _authenticate(connection: HTTPConnection, *, token: str | None = None) -> Caller | None:
    """Who opens this stream, from its own transaction: a ticket is spent even when the stream then fails."""
    state, query = connection.app.state, connection.query_params
    database: Database = state.database
    ticket = None if token else query.get("ticket")
    async with database.write() if ticket else database.read() as session:
        return await _caller(session, connection, ticket=ticket, token=token or query.get("token"), renewal=bool(token))


async def _caller(
    session: AsyncSession, connection: HTTPConnection, *, ticket: str | None, token: str | None, renewal: bool
) -> Caller | None:
    state = connection.app.state
    return await authenticate_stream(
        session,
        keyring=state.keyring,
        now=state.clock.now(),
        cookie=None if renewal else connection.cookies.get(cookie_name(state.settings.base_url)),
        authorization=None if renewal else connection.headers.get("authorization"),
        ticket=ticket,
        token=token,
        origin=connection.headers.get("origin") or _origin_of_own_page(connection),
        allowed_origins=(*own_origins(connection, state.settings.base_url), *state.settings.allowed_origins),
    )


def _origin_of_own_page(connection: HTTPConnection) -> str | None:
    """An EventSource of our own page names no Origin, because its GET stays within it; browsers say so elsewhere.

    https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header: no script can set this header. With a WebSocket every
    browser sends an Origin, so there nothing stands in for one.
    """
    is_own = connection.scope["type"] == "http" and connection.headers.get("sec-fetch-site") == "same-origin"
    return connection.app.state.settings.base_url if is_own else None


def _subscriber(connection: HTTPConnection, caller: Caller, mark: int) -> Subscriber:
    user_id = caller.person_id

    async def renew(token: str) -> datetime | None:
        renewed = await _authenticate(connection, token=token)
        return renewed.expires_at if renewed is not None and renewed.user_id == user_id else None

    return Subscriber(
        user_id=user_id,
        mark=mark,
        session_id=caller.credential_id,
        since=_since(connection),
        expires_at=caller.expires_at,
        renew=renew,
    )


def _since(connection: HTTPConnection) -> Position | ResetReason | None:
    """Where the device stands. What cannot be read was not made here: such a device knows nothing that counts."""
    cursor = connection.headers.get("last-event-id") or connection.query_params.get("since")
    return None if cursor is None else parse_cursor(cursor) or ResetReason.EPOCH_CHANGED
