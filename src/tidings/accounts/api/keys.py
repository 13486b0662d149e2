"""API keys: made, listed, changed and revoked in person; an administrator sees everybody's."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from tidings.accounts.api.app import By, PersonId
from tidings.accounts.callers import CurrentCaller
from tidings.accounts.confirming import check_recent
from tidings.accounts.errors import (
    ApiKeyNotFound,
    ConfirmationRequired,
    CrossSite,
    Forbidden,
    NotAuthenticated,
    ScopeNotAllowed,
)
from tidings.accounts.keys import change_key, check_scopes, create_key, list_keys, revoke_key
from tidings.accounts.models import ApiKey
from tidings.accounts.policies import signed_in
from tidings.accounts.schemas import ApiKeyIn, ApiKeyMade, ApiKeyOut, ApiKeyPatch, ApiKeys
from tidings.kernel.http.problems import problems
from tidings.kernel.http.routing import Now, Router, Session

router = Router(prefix="/api-keys", tags=["API keys"])


@router.get("", signed_in, response_model=ApiKeys, responses=problems(NotAuthenticated, Forbidden))
async def read_keys(person_id: PersonId, caller: CurrentCaller, session: Session) -> Mapping[str, Sequence[ApiKey]]:
    """One's own keys; for an administrator, all."""
    return {"api_keys": await list_keys(session, owner_id=None if caller.is_admin else person_id)}


@router.post(
    "",
    signed_in,
    idempotent=False,
    status_code=201,
    response_model=ApiKeyMade,
    responses=problems(NotAuthenticated, Forbidden, ScopeNotAllowed, ConfirmationRequired, CrossSite),
)
async def add_key(
    body: ApiKeyIn, person_id: PersonId, caller: CurrentCaller, by: By, session: Session, now: Now
) -> ApiKeyMade:
    """Make a key that belongs to its maker; it is shown this once."""
    await check_recent(session, caller, now=now)
    check_scopes(body.scopes, caller.access_type)
    row, key = await create_key(session, owner_id=person_id, **dict(body), by=by, now=now)
    return ApiKeyMade.of(row, key)


@router.patch(
    "/{key_id}",
    signed_in,
    response_model=ApiKeyOut,
    responses=problems(NotAuthenticated, Forbidden, ConfirmationRequired, ApiKeyNotFound, CrossSite),
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
    await check_recent(session, caller, now=now)
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
