"""API keys: made, listed, changed and revoked in person; an administrator sees everybody's."""

from uuid import UUID

from fastapi import Request, Response

from tidings.accounts.api.app import By, Keyring, PersonId
from tidings.accounts.callers import CurrentCaller
from tidings.accounts.errors import (
    ApiKeyNotFound,
    CrossSite,
    Forbidden,
    NotAuthenticated,
    ScopeNotAllowed,
    TooManyApiKeys,
)
from tidings.accounts.keys import change_key, check_scopes, create_key, page_of_keys, revoke_key
from tidings.accounts.models import ApiKey
from tidings.accounts.policies import signed_in, signed_in_or_scope, signed_in_recent
from tidings.accounts.schemas import ApiKeyIn, ApiKeyMade, ApiKeyOut, ApiKeyPatch, ApiKeys
from tidings.accounts.types import Scope
from tidings.kernel.errors import InvalidCursor
from tidings.kernel.http.problems import problems
from tidings.kernel.http.routing import Now, Router, Session
from tidings.kernel.pages import MAX_PAGE_SIZE, PageCursor, PageSize

router = Router(prefix="/api-keys", tags=["API keys"])


@router.get(
    "",
    signed_in_or_scope(Scope.ADMIN),
    response_model=ApiKeys,
    responses=problems(NotAuthenticated, Forbidden, InvalidCursor),
)
async def read_keys(
    request: Request,
    response: Response,
    caller: CurrentCaller,
    session: Session,
    keyring: Keyring,
    cursor: PageCursor = None,
    page_size: PageSize = MAX_PAGE_SIZE,
) -> ApiKeys:
    """One's own keys; for an administrator, all."""
    owner_id = None if caller.is_admin else caller.user_id
    page = await page_of_keys(session, owner_id=owner_id, size=page_size, cursor=cursor, keyring=keyring)
    if page.next_cursor is not None:
        following = request.url.include_query_params(cursor=page.next_cursor)
        response.headers["Link"] = f'<{following.path}?{following.query}>; rel="next"'
    return page


@router.post(
    "",
    signed_in_recent,
    idempotent=False,
    status_code=201,
    response_model=ApiKeyMade,
    responses=problems(NotAuthenticated, Forbidden, ScopeNotAllowed, TooManyApiKeys, CrossSite),
)
async def add_key(
    body: ApiKeyIn, person_id: PersonId, caller: CurrentCaller, by: By, session: Session, now: Now
) -> ApiKeyMade:
    """Make a key that belongs to its maker; it is shown this once."""
    check_scopes(body.scopes, caller.access_type)
    row, key = await create_key(session, owner_id=person_id, **dict(body), by=by, now=now)
    return ApiKeyMade.of(row, key)


@router.patch(
    "/{key_id}",
    signed_in_recent,
    response_model=ApiKeyOut,
    responses=problems(NotAuthenticated, Forbidden, ApiKeyNotFound, CrossSite),
)
async def change_one_key(
    key_id: UUID,
    body: ApiKeyPatch,
    person_id: PersonId,
    caller: CurrentCaller,
    by: By,
    session: Session,
    now: Now,
) -> ApiKey:
    """Change the name or the end of a key of one's own; an administrator, of any."""
    owner_id = None if caller.is_admin else person_id
    return await change_key(session, key_id, body.model_dump(exclude_unset=True), owner_id=owner_id, by=by, now=now)


@router.delete(
    "/{key_id}",
    signed_in,
    status_code=204,
    responses=problems(NotAuthenticated, Forbidden, ApiKeyNotFound, CrossSite),
)
async def remove_key(
    key_id: UUID, person_id: PersonId, caller: CurrentCaller, by: By, session: Session, now: Now
) -> None:
    """Revoke a key of one's own; an administrator, any."""
    await revoke_key(session, key_id, owner_id=None if caller.is_admin else person_id, by=by, now=now)
