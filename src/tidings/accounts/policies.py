"""Policies: every route names one. It resolves the caller once, from the database, and admits or refuses."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from fastapi import BackgroundTasks, Request
from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.authentication import is_due_for_a_note, note_use, prove
from tidings.accounts.callers import Caller, Credential, Proof
from tidings.accounts.confirming import check_recent
from tidings.accounts.cookies import check_no_foreign_page, check_same_site, cookie_name
from tidings.accounts.denials import on_record
from tidings.accounts.errors import (
    ConfirmationRequired,
    CrossSite,
    Forbidden,
    InsufficientScope,
    MfaSetupRequired,
    NotAuthenticated,
    PasswordChangeRequired,
    UserNotFound,
    UserRequired,
)
from tidings.accounts.limiting import limit_attempts, limit_programs, limit_requests
from tidings.accounts.models import User
from tidings.accounts.recipients import as_id
from tidings.accounts.types import AccessType, Owed, Scope
from tidings.kernel.errors import TidingsError, UnsupportedMediaType
from tidings.kernel.http.routing import SAFE_METHODS, Policy, Unit
from tidings.kernel.rate_limits.counting import RateLimits
from tidings.kernel.rate_limits.errors import RateLimited

_NOBODY = Caller(credential=Credential.NONE)
_OWING: Mapping[Owed, type[TidingsError]] = {
    Owed.PASSWORD: PasswordChangeRequired,
    Owed.SECOND_FACTOR: MfaSetupRequired,
}
_WHOSE_INBOX = {
    "name": "user",
    "in": "query",
    "required": False,
    "description": "Whose inbox a key means: an id or external_id.",
    "schema": {"type": "string"},
}
_UNUSED = BackgroundTasks()  # FastAPI hands over the request's own; the default keeps Policy's signature


@dataclass(frozen=True, slots=True)
class PublicPolicy:
    """Anybody, whatever credential they present: none is read.

    `same_site`, where cookies are set, refuses a browser that a foreign page sent here, signed in or not. What may
    change something counts as an attempt to get in, of which an address has so many in a minute, or by another `count`.
    """

    name: str
    same_site: bool = False
    count: Callable[[Request], Awaitable[None]] = limit_attempts
    parameters: ClassVar[Sequence[Mapping[str, Any]]] = ()

    def refusals(self, method: str) -> Iterator[type[TidingsError]]:
        """What it may raise."""
        if self.same_site:
            yield from _refusals_of_cookies(method)
        if method not in SAFE_METHODS:
            yield RateLimited

    async def __call__(self, request: Request) -> None:
        """Admit everybody who has not tried too often."""
        if self.same_site:
            _presented(request)
            check_no_foreign_page(request, request.app.state.settings.base_url)
        if request.method not in SAFE_METHODS:
            await self.count(request)
        request.state.caller = _NOBODY
        request.state.idempotency_scope = "public"


@dataclass(frozen=True, slots=True)
class CallerPolicy:
    """A policy that looks at the caller alone.

    `apart` reads the caller before the request's transaction opens, for routes that hash a password between.
    `may_owe` is what somebody may still owe here, because here they pay it or find out about it.
    `recent` asks for a sign-in or confirmation of the last five minutes: what is changed here opens an account.
    """

    name: str
    check: Callable[[Caller], None]
    apart: bool = False
    may_owe: frozenset[Owed] = frozenset()
    recent: bool = False
    parameters: ClassVar[Sequence[Mapping[str, Any]]] = ()

    def refusals(self, method: str) -> Iterator[type[TidingsError]]:
        """What it may raise."""
        yield from _refusals_of_callers(method, self.may_owe)
        if self.recent:
            yield ConfirmationRequired

    async def __call__(self, request: Request, after: BackgroundTasks = _UNUSED) -> None:
        """Admit the caller or raise."""
        caller = await _known(request, after, apart=self.apart)
        _check_owes_nothing(caller, self.may_owe)
        try:
            self.check(caller)
        except (Forbidden, InsufficientScope) as error:
            raise on_record(error, request, caller) from error
        if self.recent:
            async with _reading(request, apart=self.apart) as session:
                await check_recent(session, caller, now=request.app.state.clock.now())


@dataclass(frozen=True, slots=True)
class InboxPolicy:
    """A person in their own inbox, or a key in the inbox of the user that `?user=` names.

    A key reads with notifications:read and changes with notifications:send; the key of somebody who is no
    administrator reaches its maker's inbox only.
    """

    name: str = "inbox"
    parameters: ClassVar[Sequence[Mapping[str, Any]]] = (_WHOSE_INBOX,)

    def refusals(self, method: str) -> Iterator[type[TidingsError]]:
        """What it may raise."""
        yield from (*_refusals_of_callers(method), UserRequired, UserNotFound)

    async def __call__(self, request: Request, after: BackgroundTasks = _UNUSED) -> None:
        """Admit the caller, and say whose inbox it is, or raise."""
        caller = await _known(request, after, apart=False)
        _check_owes_nothing(caller)
        try:
            _check_inbox_scope(request, caller)
            request.state.inbox_owner = await _inbox_owner(request, caller)
        except (Forbidden, InsufficientScope) as error:
            raise on_record(error, request, caller) from error


def _refusals_of_callers(method: str, may_owe: frozenset[Owed] = frozenset()) -> Iterator[type[TidingsError]]:
    yield from (NotAuthenticated, RateLimited, Forbidden, InsufficientScope)
    yield from _refusals_of_cookies(method)
    yield from (error for owed, error in _OWING.items() if owed not in may_owe)


def _refusals_of_cookies(method: str) -> Iterator[type[TidingsError]]:
    if method not in SAFE_METHODS:
        yield from (CrossSite, UnsupportedMediaType)


def _check_owes_nothing(caller: Caller, may_owe: frozenset[Owed] = frozenset()) -> None:
    if caller.owes is not None and caller.owes not in may_owe:
        raise _OWING[caller.owes]()


def _in_person(caller: Caller) -> None:
    if caller.credential not in {Credential.COOKIE, Credential.ACCESS_TOKEN}:
        raise Forbidden("This is for people who signed in, not for keys or recipient tokens.")


def _any_person(caller: Caller) -> None:
    if not caller.is_person:
        raise Forbidden("This is for people, not for keys.")


def _administrator(caller: Caller) -> None:
    if not caller.is_admin:
        raise InsufficientScope("This needs the scope admin.") if not caller.is_person else Forbidden()


def _administrator_in_person(caller: Caller) -> None:
    _in_person(caller)
    _administrator(caller)


public: Policy = PublicPolicy("public")
public_for_programs: Policy = PublicPolicy("public", count=limit_programs)
"""For what programs send again and again, and nobody gets in by guessing."""
public_same_site: Policy = PublicPolicy("public_same_site", same_site=True)
signed_in: Policy = CallerPolicy("signed_in", _in_person)
signed_in_or_recipient: Policy = CallerPolicy("signed_in_or_recipient", _any_person)
admin: Policy = CallerPolicy("admin", _administrator)
admin_in_person: Policy = CallerPolicy("admin_in_person", _administrator_in_person)
inbox: Policy = InboxPolicy()
# For routes that work at length before their transaction opens, as with a password or a photo.
signed_in_apart: Policy = CallerPolicy("signed_in", _in_person, apart=True)
# For the ways out of a debt: whoever must choose a password or set up a second factor gets here and nowhere else.
signed_in_owing: Policy = CallerPolicy("signed_in", _in_person, may_owe=frozenset(Owed))
signed_in_owing_apart: Policy = CallerPolicy("signed_in", _in_person, apart=True, may_owe=frozenset(Owed))
signed_in_owing_factor: Policy = CallerPolicy("signed_in", _in_person, may_owe=frozenset({Owed.SECOND_FACTOR}))
admin_apart: Policy = CallerPolicy("admin", _administrator, apart=True)
# For what opens an account, or takes it away: a session that lies open must not be enough.
signed_in_recent: Policy = CallerPolicy("signed_in_recent", _in_person, recent=True)
signed_in_recent_apart: Policy = CallerPolicy("signed_in_recent", _in_person, apart=True, recent=True)
signed_in_recent_owing_apart: Policy = CallerPolicy(
    "signed_in_recent", _in_person, apart=True, may_owe=frozenset(Owed), recent=True
)
signed_in_recent_owing_factor: Policy = CallerPolicy(
    "signed_in_recent", _in_person, may_owe=frozenset({Owed.SECOND_FACTOR}), recent=True
)
admin_in_person_recent: Policy = CallerPolicy("admin_in_person_recent", _administrator_in_person, recent=True)
admin_in_person_recent_apart: Policy = CallerPolicy(
    "admin_in_person_recent", _administrator_in_person, apart=True, recent=True
)


def scope(needed: Scope, *, apart: bool = False) -> Policy:
    """Administrators, and keys that carry this scope."""

    def check(caller: Caller) -> None:
        if not caller.may(needed):
            raise (InsufficientScope(f"This needs the scope {needed}.") if not caller.is_person else Forbidden())

    return CallerPolicy(f"scope:{needed}", check, apart)


def signed_in_or_scope(needed: Scope) -> Policy:
    """Everybody who signed in, and keys that carry this scope."""

    def check(caller: Caller) -> None:
        if caller.credential is Credential.API_KEY and not caller.may(needed):
            raise InsufficientScope(f"This needs the scope {needed}.")
        if caller.credential is not Credential.API_KEY:
            _in_person(caller)

    return CallerPolicy(f"signed_in_or_scope:{needed}", check)


async def _known(request: Request, after: BackgroundTasks, *, apart: bool) -> Caller:
    """Who is calling, and has not called too often."""
    limits: RateLimits = request.app.state.rate_limits
    caller = await _resolve(request, after, apart=apart or limits.asks_elsewhere)
    await limit_requests(request, caller)
    return caller


def _check_inbox_scope(request: Request, caller: Caller) -> None:
    needed = Scope.NOTIFICATIONS_READ if request.method in SAFE_METHODS else Scope.NOTIFICATIONS_SEND
    if not caller.is_person and not caller.may(needed):
        raise InsufficientScope(f"This needs the scope {needed}.")


async def _resolve(request: Request, after: BackgroundTasks, *, apart: bool) -> Caller:
    database, now = request.app.state.database, request.app.state.clock.now()
    proof: Proof | None = None
    authorization, cookie = _presented(request)
    if authorization is not None or cookie is not None:
        if apart:
            proof = await request.app.state.proofs.prove(authorization, cookie)
        else:
            unit: Unit = request.state.unit
            keyring, session = request.app.state.keyring, await unit.session()
            proof = await prove(session, authorization=authorization, cookie=cookie, keyring=keyring, now=now)
    if proof is None:
        raise NotAuthenticated()
    if is_due_for_a_note(proof, now):
        after.add_task(note_use, database, proof.caller, now)
    request.state.caller = proof.caller
    request.state.idempotency_scope = proof.caller.idempotency_scope
    return proof.caller


def _presented(request: Request) -> tuple[str | None, str | None]:
    """The Authorization header and the session cookie. Raises CrossSite when a foreign page sent it."""
    base_url: str = request.app.state.settings.base_url
    authorization = request.headers.get("authorization")
    cookie = request.cookies.get(cookie_name(base_url))
    if cookie is not None and authorization is None and request.method not in SAFE_METHODS:
        check_same_site(request, base_url)
    return authorization, cookie


@asynccontextmanager
async def _reading(request: Request, *, apart: bool) -> AsyncIterator[AsyncSession]:
    """The request's own session, or `apart` one that ends before the request's begins."""
    if apart:
        async with request.app.state.database.read() as session:
            yield session
    else:
        unit: Unit = request.state.unit
        yield await unit.session()


async def _inbox_owner(request: Request, caller: Caller) -> UUID:
    named = request.query_params.get("user")
    if named is None and not caller.is_person:
        raise UserRequired()
    if named is None:
        return _self(caller)
    async with _reading(request, apart=False) as session:
        owner = await _user_id(session, named)
    if _is_limited_to_self(caller) and owner != caller.user_id:
        raise Forbidden("This is not your inbox.")
    if owner is None:
        raise UserNotFound()
    return owner


def _is_limited_to_self(caller: Caller) -> bool:
    """Whether another's inbox is closed: to every person, and to the key of who is no administrator."""
    return caller.is_person or caller.access_type is not AccessType.ADMIN


def _self(caller: Caller) -> UUID:
    if caller.user_id is None:  # a key of the server is nobody's; every person is somebody
        raise UserRequired()
    return caller.user_id


async def _user_id(session: AsyncSession, named: str) -> UUID | None:
    found = await session.execute(
        select(User.id).where(or_(User.external_id == named, User.id == as_id(named))).limit(2)
    )
    ids = found.scalars().all()
    return as_id(named) if as_id(named) in ids else next(iter(ids), None)
