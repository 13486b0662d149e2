"""Policies: every route names one. It resolves the caller once, from the database, and admits or refuses."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

from fastapi import BackgroundTasks, Request
from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.authentication import is_due_for_a_note, note_use, prove
from tidings.accounts.callers import Caller, Credential, Proof
from tidings.accounts.cookies import check_same_site, cookie_name
from tidings.accounts.errors import Forbidden, InsufficientScope, NotAuthenticated, UserNotFound, UserRequired
from tidings.accounts.models import User
from tidings.accounts.recipients import as_id
from tidings.accounts.types import AccessType, Scope
from tidings.kernel.http.routing import SAFE_METHODS, Policy, Unit

_NOBODY = Caller(credential=Credential.NONE)
_UNUSED = BackgroundTasks()  # FastAPI hands over the request's own; the default keeps Policy's signature


@dataclass(frozen=True, slots=True)
class PublicPolicy:
    """Anybody, whatever credential they present: none is read.

    `same_site`, where a cookie is replaced, refuses a signed-in browser that a foreign page sent here.
    """

    name: str
    same_site: bool = False

    async def __call__(self, request: Request) -> None:
        """Admit everybody."""
        if self.same_site:
            _presented(request)
        request.state.caller = _NOBODY
        request.state.idempotency_scope = "public"


@dataclass(frozen=True, slots=True)
class CallerPolicy:
    """A policy that looks at the caller alone.

    `apart` reads the caller before the request's transaction opens, for routes that hash a password between.
    """

    name: str
    check: Callable[[Caller], None]
    apart: bool = False

    async def __call__(self, request: Request, after: BackgroundTasks = _UNUSED) -> None:
        """Admit the caller or raise."""
        self.check(await _resolve(request, after, apart=self.apart))


@dataclass(frozen=True, slots=True)
class InboxPolicy:
    """A person in their own inbox, or a key in the inbox of the user that `?user=` names.

    A key reads with notifications:read and changes with notifications:send; the key of somebody who is no
    administrator reaches its maker's inbox only.
    """

    name: str = "inbox"

    async def __call__(self, request: Request, after: BackgroundTasks = _UNUSED) -> None:
        """Admit the caller, and say whose inbox it is, or raise."""
        caller = await _resolve(request, after, apart=False)
        needed = Scope.NOTIFICATIONS_READ if request.method in SAFE_METHODS else Scope.NOTIFICATIONS_SEND
        if not caller.is_person and not caller.may(needed):
            raise InsufficientScope(f"This needs the scope {needed}.")
        request.state.inbox_owner = await _inbox_owner(request, caller)


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
public_same_site: Policy = PublicPolicy("public_same_site", same_site=True)
signed_in: Policy = CallerPolicy("signed_in", _in_person)
signed_in_or_recipient: Policy = CallerPolicy("signed_in_or_recipient", _any_person)
admin: Policy = CallerPolicy("admin", _administrator)
admin_in_person: Policy = CallerPolicy("admin_in_person", _administrator_in_person)
inbox: Policy = InboxPolicy()


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


async def _resolve(request: Request, after: BackgroundTasks, *, apart: bool) -> Caller:
    database, now = request.app.state.database, request.app.state.clock.now()
    proof: Proof | None = None
    authorization, cookie = _presented(request)
    if authorization is not None or cookie is not None:
        async with database.read() if apart else _unit_session(request) as session:
            proof = await prove(
                session,
                authorization=authorization,
                cookie=cookie,
                keyring=request.app.state.keyring,
                now=now,
            )
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
async def _unit_session(request: Request) -> AsyncIterator[AsyncSession]:
    unit: Unit = request.state.unit
    yield await unit.session()


async def _inbox_owner(request: Request, caller: Caller) -> UUID:
    named = request.query_params.get("user")
    if named is None and not caller.is_person:
        raise UserRequired()
    if named is None:
        return _self(caller)
    async with _unit_session(request) as session:
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
