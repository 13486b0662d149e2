"""Passkeys of one's own: listed, made known in two steps, renamed, removed."""

from uuid import UUID

from tidings.accounts.api.app import BaseUrl, By, PersonId
from tidings.accounts.api.factor_change import REFUSALS, HouseName, OwnChange
from tidings.accounts.errors import CrossSite, Forbidden, NotAuthenticated, PasswordTooShortAlone
from tidings.accounts.identities.errors import LastWayIn
from tidings.accounts.mfa.changing import keep_passkey
from tidings.accounts.mfa.errors import MfaRequired, PasskeyInvalid, PasskeyKnown, PasskeyNotFound, TooManyPasskeys
from tidings.accounts.mfa.models import Passkey
from tidings.accounts.mfa.naming import rename_passkey
from tidings.accounts.mfa.passkeys import ask_for_new_passkey
from tidings.accounts.mfa.queries import list_passkeys
from tidings.accounts.mfa.schemas import PasskeyIn, PasskeyOptions, PasskeyOut, PasskeyPatch, Passkeys
from tidings.accounts.passkey_removal import remove_own_passkey
from tidings.accounts.policies import signed_in, signed_in_owing_factor, signed_in_recent_owing_factor
from tidings.accounts.queries import get_user
from tidings.kernel.errors import InvalidCursor
from tidings.kernel.http.problems import problems
from tidings.kernel.http.routing import Now, Router, Session
from tidings.kernel.pages import AskedPart

router = Router(prefix="/users/me/passkeys", tags=["Second factors"])


@router.get(
    "",
    signed_in_owing_factor,
    response_model=Passkeys,
    responses=problems(NotAuthenticated, Forbidden, InvalidCursor),
)
async def read_passkeys(person_id: PersonId, session: Session, part: AskedPart) -> Passkeys:
    """One's passkeys, oldest first."""
    passkeys, following = part.of(await list_passkeys(session, person_id))
    return Passkeys(passkeys=[PasskeyOut.model_validate(each) for each in passkeys], next_cursor=following)


@router.post(
    "/options",
    signed_in_recent_owing_factor,
    idempotent=False,
    response_model=PasskeyOptions,
    responses=problems(*REFUSALS),
)
async def start_passkey(change: OwnChange, house: HouseName, session: Session, base_url: BaseUrl) -> PasskeyOptions:
    """What the browser needs to make a passkey; good for one, within five minutes."""
    user = await get_user(session, change.user_id)
    options = await ask_for_new_passkey(session, user, house=house, origin=base_url, now=change.now)
    return PasskeyOptions(public_key=options)


@router.post(
    "",
    signed_in_recent_owing_factor,
    idempotent=False,
    status_code=201,
    response_model=PasskeyOut,
    responses=problems(*REFUSALS, PasskeyInvalid, PasskeyKnown, TooManyPasskeys),
)
async def add_passkey(body: PasskeyIn, change: OwnChange, session: Session, base_url: BaseUrl) -> Passkey:
    """Keep the passkey that the browser made; one's other sessions end."""
    return await keep_passkey(session, change, body.credential, name=body.name, origin=base_url)


@router.patch(
    "/{passkey_id}",
    signed_in,
    response_model=PasskeyOut,
    responses=problems(NotAuthenticated, Forbidden, CrossSite, PasskeyNotFound),
)
async def change_passkey(
    passkey_id: UUID, body: PasskeyPatch, person_id: PersonId, by: By, session: Session, now: Now
) -> Passkey:
    """Give one of one's passkeys another name; it opens what it opened, and no session ends."""
    return await rename_passkey(session, person_id, passkey_id, body.name, by=by, now=now)


@router.delete(
    "/{passkey_id}",
    signed_in_recent_owing_factor,
    status_code=204,
    responses=problems(*REFUSALS, PasskeyNotFound, MfaRequired, PasswordTooShortAlone, LastWayIn),
)
async def forget_passkey(passkey_id: UUID, change: OwnChange, session: Session) -> None:
    """Remove one of one's passkeys, but never the last way in; one's other sessions end."""
    await remove_own_passkey(session, change, passkey_id)
