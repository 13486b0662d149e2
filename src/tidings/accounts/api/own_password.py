"""One's own password: shown again to confirm who one is, and replaced. It is hashed before the transaction opens."""

from dataclasses import replace
from uuid import UUID

from fastapi import Response

from tidings.accounts.api.app import BaseUrl, By, Database, FromDevice, House, Keyring, PersonId
from tidings.accounts.api.handing_over import tokens_out
from tidings.accounts.callers import CurrentCaller
from tidings.accounts.changing_password import change_password
from tidings.accounts.confirming import confirm_session
from tidings.accounts.cookies import set_session_cookie
from tidings.accounts.errors import (
    CrossSite,
    Forbidden,
    InvalidCredentials,
    NotAuthenticated,
    PasswordRefused,
    PasswordTooShortAlone,
    TooManyAttempts,
)
from tidings.accounts.failures.attempts import attempt_of
from tidings.accounts.failures.counting import FailedSignIn, check_may_try
from tidings.accounts.password_policy import PasswordOwner, check_new_password
from tidings.accounts.passwords import hash_password
from tidings.accounts.policies import signed_in_owing_apart, signed_in_recent_owing_apart
from tidings.accounts.profile.reading import own_profile
from tidings.accounts.queries import get_user
from tidings.accounts.schemas import Confirmed, ConfirmIn, PasswordIn, UsersMe
from tidings.accounts.second_factors import SecondFactor, is_proven
from tidings.accounts.sign_in import admit, verify_own_password
from tidings.kernel.errors import Busy
from tidings.kernel.http.problems import problems
from tidings.kernel.http.routing import Now, RequestUnit, Router

router = Router(tags=["Signing in"])

_REFUSALS = (NotAuthenticated, InvalidCredentials, Forbidden, TooManyAttempts, CrossSite, Busy)


@router.post(
    "/auth/confirm", signed_in_owing_apart, idempotent=False, response_model=Confirmed, responses=problems(*_REFUSALS)
)
async def confirm(
    body: ConfirmIn,
    caller: CurrentCaller,
    person_id: PersonId,
    response: Response,
    database: Database,
    unit: RequestUnit,
    device: FromDevice,
    keyring: Keyring,
    base_url: BaseUrl,
    now: Now,
) -> Confirmed:
    """Prove again who one is: for five minutes credentials can be changed. The cookie or the tokens are replaced."""
    verified = None
    if body.password is not None:
        verified = await verify_own_password(database, person_id, body.password, device=device, now=now)
    session = await unit.session()
    if verified is not None:  # it may have been replaced while the old one was hashed
        await admit(session, verified)
    attempt = await attempt_of(session, person_id, device=device, now=now)
    await check_may_try(session, attempt)
    proof = SecondFactor(code=body.code, passkey=body.passkey)
    if verified is None and not await is_proven(session, person_id, proof, keyring=keyring, base_url=base_url, now=now):
        raise FailedSignIn(attempt, "confirmation")
    confirmation = await confirm_session(session, caller, attempt, now=now)
    if confirmation.cookie is not None:
        set_session_cookie(response, base_url, confirmation.cookie)
    tokens = tokens_out(confirmation.tokens, now) if confirmation.tokens is not None else None
    return Confirmed(confirmed_until=confirmation.until, tokens=tokens)


@router.put(
    "/users/me/password",
    signed_in_recent_owing_apart,
    response_model=UsersMe,
    responses=problems(*_REFUSALS, PasswordRefused, PasswordTooShortAlone),
)
async def replace_password(
    body: PasswordIn,
    caller: CurrentCaller,
    person_id: PersonId,
    database: Database,
    unit: RequestUnit,
    device: FromDevice,
    house: House,
    keyring: Keyring,
    by: By,
    now: Now,
) -> UsersMe:
    """Change one's password. One's other sessions end, and so does every link that was mailed before."""
    # First of all, since it is counted: what is said of the new one may tell the old one.
    verified = await verify_own_password(database, person_id, body.current_password, device=device, now=now)
    async with database.read() as reading:
        owner = PasswordOwner.of(await get_user(reading, person_id))
        if body.password != body.current_password:  # then it is not the one that was given, and nothing to compare
            owner = replace(owner, given=None)
        await check_new_password(reading, body.password, owner=owner, house=house)
    password_hash = await hash_password(body.password)
    session = await unit.session()
    user = await change_password(
        session,
        verified,
        password_hash,
        keep=_session_of(caller.credential_id),
        device_token=device.token,
        keyring=keyring,
        by=by,
        now=now,
    )
    return await own_profile(session, user)


def _session_of(credential_id: UUID | None) -> UUID:
    if credential_id is None:  # the policy lets nobody through who has no session
        raise NotAuthenticated()
    return credential_id
