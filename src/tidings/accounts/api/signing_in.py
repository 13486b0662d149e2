"""Setting up, signing in, refreshing, signing out. A password is hashed before the transaction opens."""

from datetime import datetime

from fastapi import Response
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.api.app import DEVICE_HEADER, BaseUrl, By, Database, FromDevice, House, Keyring, SessionCookie
from tidings.accounts.api.beats import SIGNING_IN
from tidings.accounts.api.handing_over import app_signed_in, hand_over, tokens_out
from tidings.accounts.api.login_body import REQUEST_BODY, JsonOrFormLogin
from tidings.accounts.audit.recording import record
from tidings.accounts.audit.types import AuditAction
from tidings.accounts.callers import CurrentCaller
from tidings.accounts.cookies import clear_session_cookie
from tidings.accounts.errors import (
    AlreadySetUp,
    CrossSite,
    EmailTaken,
    InvalidCredentials,
    InvalidRefreshToken,
    LocalLoginDisabled,
    NotAuthenticated,
    PasswordRefused,
    TokenInvalid,
    TooManyAttempts,
    UsernameTaken,
)
from tidings.accounts.password_policy import PasswordOwner, check_new_password
from tidings.accounts.passwords import hash_password
from tidings.accounts.policies import public, public_for_programs, public_same_site, signed_in_owing
from tidings.accounts.profile.reading import own_profile
from tidings.accounts.schemas import (
    AppSignedIn,
    LoginIn,
    MfaIn,
    RefreshIn,
    SecondFactorNeeded,
    SetupIn,
    SignedIn,
    SignedOut,
    TokensOut,
    UsersMe,
)
from tidings.accounts.second_factors import SecondFactor
from tidings.accounts.sessions import end_cookie_session, end_session
from tidings.accounts.setup import check_setup_token, create_first_admin
from tidings.accounts.sign_in import HalfSignedIn, pass_password, pass_second_factor, verify_password
from tidings.accounts.starting_sessions import Started, start_session
from tidings.accounts.tokens import RefreshTokenReplayed, refresh_tokens
from tidings.accounts.types import AccessType, SessionKind
from tidings.kernel.errors import Busy, UnsupportedMediaType
from tidings.kernel.http.problems import problems
from tidings.kernel.http.routing import Now, RequestUnit, Router, Session

router = Router(tags=["Signing in"])

_REFUSALS = (InvalidCredentials, TooManyAttempts, Busy)


@router.post(
    "/setup",
    public_same_site,
    idempotent=False,
    status_code=201,
    response_model=UsersMe,
    responses=problems(TokenInvalid, AlreadySetUp, UsernameTaken, EmailTaken, PasswordRefused, CrossSite, Busy),
)
async def set_up(
    body: SetupIn,
    response: Response,
    database: Database,
    unit: RequestUnit,
    device: FromDevice,
    keyring: Keyring,
    base_url: BaseUrl,
    house: House,
    by: By,
    now: Now,
) -> UsersMe:
    """Make the first administrator with the one-time setup token, and sign them in."""
    async with database.read() as reading:
        await check_setup_token(reading, body.token)
        owner = PasswordOwner(access_type=AccessType.ADMIN, known=(body.username, body.email, body.name))
        await check_new_password(reading, body.password, owner=owner, house=house)
    person = body.model_dump(exclude={"token", "password"})
    password_hash = await hash_password(body.password)
    session = await unit.session()
    user = await create_first_admin(session, body.token, **person, password_hash=password_hash, by=by, now=now)
    started = await start_session(session, user, kind=SessionKind.BROWSER, device=device, keyring=keyring, now=now)
    hand_over(response, base_url, started)
    return await own_profile(session, user)


@router.post(
    "/auth/login",
    public_same_site,
    idempotent=False,
    evenly=SIGNING_IN,
    response_model=SignedIn | SecondFactorNeeded,
    responses=problems(*_REFUSALS, LocalLoginDisabled, CrossSite),
)
async def login(
    body: LoginIn,
    response: Response,
    database: Database,
    unit: RequestUnit,
    device: FromDevice,
    keyring: Keyring,
    base_url: BaseUrl,
    earlier: SessionCookie,
    now: Now,
) -> SignedIn | AppSignedIn | SecondFactorNeeded:
    """Sign in with a username or e-mail: a new session cookie, and the session of a cookie sent along ends.

    An account with a second factor gets a token for /auth/mfa instead, and nothing else.
    """
    verified = await verify_password(database, body.login, body.password, device=device, keyring=keyring, now=now)
    session = await unit.session()
    passed = await pass_password(session, verified, kind=SessionKind.BROWSER, device=device, keyring=keyring, now=now)
    return await _answer(session, passed, response, base_url=base_url, earlier=earlier, now=now)


@router.post(
    "/auth/mfa",
    public_same_site,
    idempotent=False,
    response_model=SignedIn | AppSignedIn,
    responses=problems(TokenInvalid, InvalidCredentials, TooManyAttempts, CrossSite),
    openapi_extra={"parameters": [DEVICE_HEADER]},
)
async def show_second_factor(
    body: MfaIn,
    response: Response,
    session: Session,
    device: FromDevice,
    keyring: Keyring,
    base_url: BaseUrl,
    earlier: SessionCookie,
    now: Now,
) -> SignedIn | AppSignedIn | SecondFactorNeeded:
    """Finish a sign-in with its second factor; the answer is that of /auth/login or /auth/token, where it began."""
    proof = SecondFactor(**body.model_dump(exclude={"mfa_token"}))
    started = await pass_second_factor(
        session, body.mfa_token, proof, device=device, keyring=keyring, base_url=base_url, now=now
    )
    return await _answer(session, started, response, base_url=base_url, earlier=earlier, now=now)


@router.post(
    "/auth/token",
    public,
    idempotent=False,
    evenly=SIGNING_IN,
    response_model=AppSignedIn | SecondFactorNeeded,
    responses=problems(*_REFUSALS, LocalLoginDisabled, UnsupportedMediaType),
    openapi_extra={"requestBody": REQUEST_BODY, "parameters": [DEVICE_HEADER]},
)
async def token(
    body: JsonOrFormLogin, database: Database, unit: RequestUnit, device: FromDevice, keyring: Keyring, now: Now
) -> AppSignedIn | SecondFactorNeeded:
    """Sign an app in: an access token of 15 minutes and a refresh token; with a second factor as /auth/login.

    No cookie is set here, so that it may be asked from anywhere.
    """
    verified = await verify_password(database, body.login, body.password, device=device, keyring=keyring, now=now)
    session = await unit.session()
    passed = await pass_password(session, verified, kind=SessionKind.TOKEN, device=device, keyring=keyring, now=now)
    return _half(passed) if isinstance(passed, HalfSignedIn) else app_signed_in(passed, now)


@router.post(
    "/auth/refresh",
    public_for_programs,
    idempotent=False,
    response_model=TokensOut,
    responses=problems(InvalidRefreshToken, RefreshTokenReplayed),
)
async def refresh(body: RefreshIn, session: Session, device: FromDevice, keyring: Keyring, now: Now) -> TokensOut:
    """The successor of a refresh token; requests within 30 seconds share it, a later one ends the session."""
    return tokens_out(await refresh_tokens(session, body.refresh_token, keyring=keyring, now=now, ip=device.ip), now)


@router.post(
    "/auth/logout",
    signed_in_owing,
    idempotent=False,
    response_model=SignedOut,
    responses=problems(NotAuthenticated, CrossSite),
)
async def logout(
    caller: CurrentCaller, response: Response, session: Session, base_url: BaseUrl, by: By, now: Now
) -> SignedOut:
    """End the session of the cookie or the access token that was sent."""
    if caller.user_id is not None and caller.credential_id is not None:
        await end_session(session, caller.user_id, caller.credential_id, reason="logout")
        await record(session, AuditAction.SESSION_ENDED, by=by, now=now, target_id=caller.user_id)
    clear_session_cookie(response, base_url)
    return SignedOut()


async def _answer(
    session: AsyncSession,
    passed: Started | HalfSignedIn,
    response: Response,
    *,
    base_url: str,
    earlier: str | None,
    now: datetime,
) -> SignedIn | AppSignedIn | SecondFactorNeeded:
    if isinstance(passed, HalfSignedIn):
        return _half(passed)
    if passed.tokens is not None:
        return app_signed_in(passed, now)
    hand_over(response, base_url, passed)
    if earlier is not None:
        await end_cookie_session(session, earlier, reason="replaced")
    return SignedIn(user=await own_profile(session, passed.user))


def _half(passed: HalfSignedIn) -> SecondFactorNeeded:
    return SecondFactorNeeded(mfa_token=passed.token, methods=list(passed.methods))
