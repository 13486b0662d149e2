"""Users: one's own profile, the list, and what administrators and hosts do with them."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Path, Query, Request, Response

from tidings.accounts.api.app import By, Database, House, Keyring
from tidings.accounts.callers import CurrentCaller
from tidings.accounts.errors import (
    ConfirmationRequired,
    EmailTaken,
    ExternalIdTaken,
    Forbidden,
    InsufficientScope,
    NotAuthenticated,
    PasswordRefused,
    RecipientIsAccount,
    UsernameTaken,
    UserNotFound,
)
from tidings.accounts.granting import check_may_grant
from tidings.accounts.models import User
from tidings.accounts.password_policy import PasswordOwner, check_new_password
from tidings.accounts.passwords import hash_password
from tidings.accounts.policies import scope, signed_in_or_scope
from tidings.accounts.queries import Page, UserFilter, get_user, page_of_users
from tidings.accounts.schemas import RecipientPut, UserCreate, UserOut, UserPage
from tidings.accounts.server_settings.reading import read_server_settings
from tidings.accounts.types import AccessType, AccountState, Scope
from tidings.accounts.users import create_user, put_recipient
from tidings.kernel.errors import Busy, InvalidCursor
from tidings.kernel.http.problems import problems
from tidings.kernel.http.routing import Now, RequestUnit, Router, Session
from tidings.kernel.pages import DEFAULT_PAGE_SIZE, AskedNumber, PageCursor

router = Router(tags=["Users"])

_REFUSALS = (NotAuthenticated, Forbidden, InsufficientScope)
ExternalId = Annotated[str, Path(min_length=1, max_length=250)]


async def _filter(
    caller: CurrentCaller,
    search: Annotated[str | None, Query(max_length=250)] = None,
    state: AccountState | None = None,
    access_type: AccessType | None = None,
) -> UserFilter:
    public = not caller.may(Scope.USERS_READ)
    if public and (state is not None or access_type is not None):
        raise Forbidden("Only administrators see states and access types.")
    return UserFilter(public=public, search=search, state=state, access_type=access_type)


async def _page(session: Session, asked: AskedNumber, cursor: PageCursor = None) -> Page:
    size = asked.size
    if size is None and asked.number is not None:  # who asks for numbered pages expects them as the server has them
        size = (await read_server_settings(session)).num_records_per_page
    return Page(size=size or DEFAULT_PAGE_SIZE, number=asked.number or 1, cursor=cursor)


@router.get(
    "/users",
    signed_in_or_scope(Scope.USERS_READ),
    response_model=UserPage,
    responses=problems(*_REFUSALS, InvalidCursor),
)
async def read_users(
    request: Request,
    response: Response,
    session: Session,
    keyring: Keyring,
    users: Annotated[UserFilter, Depends(_filter)],
    page: Annotated[Page, Depends(_page)],
) -> UserPage:
    """Users by username. Who is no administrator sees active people, with their public fields only."""
    found = await page_of_users(session, users, page, keyring=keyring)
    if found.next_cursor is not None:
        filters = request.url.remove_query_params(["page", "page_number", "num_records"])
        following = filters.include_query_params(page_size=page.size, cursor=found.next_cursor)
        response.headers["Link"] = f'<{following.path}?{following.query}>; rel="next"'
    return found


@router.post(
    "/users",
    scope(Scope.USERS_WRITE, apart=True),
    status_code=201,
    response_model=UserOut,
    responses=problems(
        *_REFUSALS, ConfirmationRequired, PasswordRefused, UsernameTaken, EmailTaken, ExternalIdTaken, Busy
    ),
)
async def add_user(
    body: UserCreate,
    request: Request,
    caller: CurrentCaller,
    database: Database,
    unit: RequestUnit,
    house: House,
    by: By,
    now: Now,
) -> User:
    """Make an active user; an administrator only in person, signed in of late.

    A password given here must be changed at the first sign-in.
    """
    owner = PasswordOwner(access_type=body.access_type, known=(body.username, body.email, body.name))
    async with database.read() as reading:
        await check_may_grant(reading, request, caller, body.access_type, now=now)
        if body.password is not None:
            await check_new_password(reading, body.password, owner=owner, house=house)
    password_hash = None if body.password is None else await hash_password(body.password)
    return await create_user(
        await unit.session(),
        **body.model_dump(exclude={"password"}),
        state=AccountState.ACTIVE,
        password_hash=password_hash,
        password_must_change=body.password is not None,
        by=by,
        now=now,
    )


@router.put(
    "/users/by-external-id/{external_id:path}",
    scope(Scope.USERS_WRITE),
    response_model=UserOut,
    responses={
        201: {"model": UserOut, "description": "Made known"},
        **problems(*_REFUSALS, RecipientIsAccount, EmailTaken),
    },
)
async def describe_recipient(
    external_id: ExternalId, body: RecipientPut, response: Response, session: Session, by: By, now: Now
) -> User:
    """Make somebody known by the host's name for them (201), or change what the body names (200)."""
    user, created = await put_recipient(session, external_id, body.model_dump(exclude_unset=True), by=by, now=now)
    response.status_code = 201 if created else 200
    return user


@router.get(
    "/users/{user_id}",
    scope(Scope.USERS_READ),
    response_model=UserOut,
    responses=problems(*_REFUSALS, UserNotFound),
)
async def read_user(user_id: UUID, session: Session) -> User:
    """One user, as administrators see them."""
    return await get_user(session, user_id)
