"""Routes: each declares its policy, runs in one transaction, and commits before its answer leaves.

The commit happens here and not in a dependency's exit code, because here the answer is already encoded: an answer that
cannot be built undoes the work, and the answer of an idempotent POST is stored by the same commit.
"""

from collections.abc import Callable, Collection, Coroutine, Iterable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import datetime
from types import TracebackType
from typing import Annotated, Any, Protocol, Self

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException

from tidings.kernel.db import Database
from tidings.kernel.errors import (
    BodyTooLarge,
    Busy,
    Conflict,
    IdempotencyKeyReused,
    InvalidCharacter,
    InvalidRequest,
    JsonTooDeep,
    MalformedForm,
    MalformedJson,
    RememberedRefusal,
    RequestInProgress,
    TidingsError,
)
from tidings.kernel.http.evenly import Beat, on_the_beat
from tidings.kernel.http.idempotency import (
    MAX_KEY_LENGTH,
    KeyedRequest,
    Replay,
    claim,
    keep_answer,
    keyed_request,
    replay,
)
from tidings.kernel.http.problems import add_problems
from tidings.kernel.http.requests import MAX_BODY_BYTES, CheckedRequest

API = "/api/v1"
"""Where the routes of every package stand."""

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_JSON = "application/json"
IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "A request that is sent again with the same key gets the first one's answer.",
    "schema": {"type": "string", "minLength": 1, "maxLength": MAX_KEY_LENGTH},
}


class Policy(Protocol):
    """Who may use a route: called before the endpoint, raises to refuse, and says whose idempotency keys are whose."""

    @property
    def name(self) -> str:
        """How docs and tests call this policy."""

    @property
    def parameters(self) -> Sequence[Mapping[str, Any]]:
        """What it reads of the request, as OpenAPI describes it."""

    def refusals(self, method: str) -> Iterable[type[TidingsError]]:
        """What it may raise for a request with this method."""

    async def __call__(self, request: Request) -> None:
        """Admit the caller or raise."""


class Unit:
    """The transaction of one request, begun at its first use: a request refused early never touches the database."""

    def __init__(self, database: Database, *, writes: bool) -> None:
        self._database = database
        self._writes = writes
        self._stack = AsyncExitStack()
        self._session: AsyncSession | None = None
        self.idempotency_key: KeyedRequest | None = None

    async def session(self) -> AsyncSession:
        """The request's session: a transaction for methods that may write, plain reads for those that may not.

        A keyed request claims its key as soon as there is one. Raises what `claim` raises.
        """
        if self._session is None:
            opened = self._database.write() if self._writes else self._database.read()
            self._session = await self._stack.enter_async_context(opened)
            if self.idempotency_key is not None:
                await claim(self._session, self.idempotency_key)
        return self._session

    async def run_once(self, request: KeyedRequest) -> None:
        """Have this run once under its key, without a transaction before the route begins one.

        Raises what `claim` raises.
        """
        self.idempotency_key = request
        if self._session is not None:
            await claim(self._session, request)
        else:  # what a route works at before its transaction is not done again for a repeat, nor can it refuse one
            async with self._database.read() as session:
                await replay(session, request)

    async def keep(self, response: Response) -> None:
        """Store the answer under the request's idempotency key; only successes are kept."""
        if self.idempotency_key is not None and response.status_code < 300:
            await keep_answer(await self.session(), self.idempotency_key, response)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.__aexit__(kind, error, trace)
        if isinstance(error, RememberedRefusal):
            async with self._database.write() as session:
                await error.record(session)


class TransactionRoute(APIRoute):
    """A route whose handler is one unit of work."""

    max_body_bytes = MAX_BODY_BYTES
    beat: Beat | None = None

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's handler inside our transaction."""
        handler = super().get_route_handler()
        declared = self.openapi_extra or {}

        async def handle(request: Request) -> Response:
            checked = CheckedRequest(request.scope, request.receive)
            checked.max_body_bytes = declared.get("x-max-body-bytes", MAX_BODY_BYTES)
            _refuse_nul(checked)
            try:
                async with on_the_beat(self.beat), Unit(request.app.state.database, writes=_may_write(request)) as unit:
                    checked.state.unit = unit
                    response = await _answer(handler, checked)
                    await unit.keep(response)
            except Replay as replay:
                return replay.response
            return response

        return handle


def _may_write(request: Request) -> bool:
    return request.method not in SAFE_METHODS


async def _answer(handler: Callable[[Request], Coroutine[Any, Any, Response]], request: Request) -> Response:
    try:
        return await handler(request)
    except (HTTPException, RequestValidationError) as error:
        if isinstance(error.__cause__, TidingsError):  # FastAPI wraps whatever reading the body raised
            raise error.__cause__ from None
        if isinstance(error.__context__, MultiPartException):  # Starlette has it in words alone
            raise MalformedForm(error.__context__.message) from None
        raise


def _refuse_nul(request: Request) -> None:
    if "\0" in request.url.path or "%00" in request.scope["query_string"].decode("latin-1"):
        raise InvalidCharacter()


async def _session(request: Request) -> AsyncSession:
    unit: Unit = request.state.unit
    return await unit.session()


async def _unit(request: Request) -> Unit:
    unit: Unit = request.state.unit
    return unit


async def _now(request: Request) -> datetime:
    now: datetime = request.app.state.clock.now()
    return now


Session = Annotated[AsyncSession, Depends(_session)]
RequestUnit = Annotated[Unit, Depends(_unit)]
Now = Annotated[datetime, Depends(_now)]


async def _run_once(request: Request, now: Now) -> None:
    keyed = await keyed_request(request, caller=request.state.idempotency_scope, now=now)
    if keyed is not None:
        unit: Unit = request.state.unit
        await unit.run_once(keyed)


def _refusals_of_any(method: str, *, idempotent: bool, media_types: Collection[str]) -> Iterator[type[TidingsError]]:
    """What any route with this method and these kinds of body may answer, whatever it does."""
    yield from (InvalidRequest, InvalidCharacter, Busy)
    if media_types:
        yield BodyTooLarge
    if _JSON in media_types:
        yield from (MalformedJson, JsonTooDeep)
    if not {_JSON}.issuperset(media_types):
        yield MalformedForm
    if method not in SAFE_METHODS:
        yield Conflict
    if idempotent:
        yield from (IdempotencyKeyReused, RequestInProgress)


def add_routes(app: FastAPI, *routers: APIRouter) -> None:
    """Put these routes into the app's own list; the first are found fastest."""
    for router in routers:
        app.router.routes.extend(router.routes)


class Router(APIRouter):
    """A router below `API` whose routes cannot be declared without a policy."""

    def __init__(self, *, prefix: str = "", tags: Sequence[str] = ()) -> None:
        super().__init__(prefix=API + prefix, tags=list(tags), route_class=TransactionRoute, redirect_slashes=False)

    def take(self, *routers: APIRouter) -> None:
        """Hold the routes of these too. FastAPI's own way keeps them apart and searches each level twice a request."""
        for router in routers:
            self.routes.extend(router.routes)

    def add_api_route(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        """Every way to declare a route ends here. Raises TypeError for one without a policy."""
        if not (options.get("openapi_extra") or {}).get("x-policy"):
            raise TypeError(f"{path} declares no policy")
        super().add_api_route(path, endpoint, **options)

    def route_for(
        self,
        method: str,
        path: str,
        policy: Policy,
        *,
        idempotent: bool = False,
        evenly: Beat | None = None,
        max_body_bytes: int | None = None,
        **options: Any,
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:  # Any: endpoints have any signature, options are FastAPI's
        """Declare one route. What every route of its kind may answer is added to the responses it names.

        `evenly`: what it answers leaves on this beat, because its time could tell a stranger something.
        """
        extra = {"x-policy": policy.name, **options.pop("openapi_extra", {})}
        parameters = [*policy.parameters, *([IDEMPOTENCY_KEY] if idempotent else []), *extra.get("parameters", [])]
        if parameters:
            extra["parameters"] = parameters
        if max_body_bytes is not None:
            extra["x-max-body-bytes"] = max_body_bytes
        before = [Depends(policy), *([Depends(_run_once)] if idempotent else [])]
        declare = self.api_route(path, methods=[method], dependencies=before, openapi_extra=extra, **options)

        def declared(endpoint: Callable[..., Any]) -> Callable[..., Any]:
            declare(endpoint)
            route = self.routes[-1]
            assert isinstance(route, TransactionRoute)  # noqa: S101 - narrows the type
            route.beat = evenly
            said = extra["requestBody"]["content"] if "requestBody" in extra else [_JSON] if route.body_field else []
            refusals = _refusals_of_any(method, idempotent=idempotent, media_types=said)
            route.responses = add_problems(route.responses, *policy.refusals(method), *refusals)
            return endpoint

        return declared

    def get(self, path: str, policy: Policy, **options: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:  # type: ignore[override]
        """A read. It must change nothing."""
        return self.route_for("GET", path, policy, **options)

    def post(  # type: ignore[override]
        self, path: str, policy: Policy, *, idempotent: bool = True, **options: Any
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """A POST takes Idempotency-Key unless it is about credentials (`idempotent=False`)."""
        return self.route_for("POST", path, policy, idempotent=idempotent, **options)

    def put(self, path: str, policy: Policy, **options: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:  # type: ignore[override]
        """Replace something whole."""
        return self.route_for("PUT", path, policy, **options)

    def patch(self, path: str, policy: Policy, **options: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:  # type: ignore[override]
        """Change what the body names."""
        return self.route_for("PATCH", path, policy, **options)

    def delete(self, path: str, policy: Policy, **options: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:  # type: ignore[override]
        """Remove something."""
        return self.route_for("DELETE", path, policy, **options)
