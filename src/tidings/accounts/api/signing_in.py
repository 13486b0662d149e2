"""Setting up, signing in, refreshing, signing out. A password is hashed before the transaction opens."""

from datetime import datetime

from fastapi import Response

from tidings.accounts.api.app import BaseUrl, Database, FromDevice, Keyring, SessionCookie
from tidings.accounts.api.login_body import REQUEST_BODY, JsonOrFormLogin
from tidings.accounts.callers import CurrentCaller
from tidings.accounts.cookies import clear_session_cookie, set_session_cookie
from tidings.accounts.errors import (
    AlreadySetUp,
    CrossSite,
    EmailTaken,
    InvalidCredentials,
    InvalidRefreshToken,
    NotAuthenticated,
    TokenInvalid,
    UsernameTaken,
)
from tidings.accounts.models import User
from tidings.accounts.passwords import hash_password
from tidings.accounts.policies import public, public_same_site, signed_in
from tidings.accounts.schemas import LoginIn, RefreshIn, SetupIn, SignedIn, SignedOut, TokensOut, UsersMe
from tidings.accounts.sessions import (
    end_cookie_session,
    end_session,
    start_browser_session,
    start_token_session,
)
from tidings.accounts.setup import check_setup_token, create_first_admin
from tidings.accounts.sign_in import admit, verify_password
from tidings.accounts.tokens import RefreshTokenReplayed, Tokens, issue_tokens, refresh_tokens
from tidings.kernel.errors import Busy
from tidings.kernel.http.problems import problems
from tidings.kernel.http.routing import Now, RequestUnit, Router, Session

router = Router(tags=["Signing in"])


@router.post(
    "/setup",
    public_same_site,
    idempotent=False,
    status_code=201,
    response_model=UsersMe,
    responses=problems(TokenInvalid, AlreadySetUp, UsernameTaken, EmailTaken, CrossSite, Busy),
)
async def set_up(
    body: SetupIn,
    response: Response,
    database: Database,
    unit: RequestUnit,
    device: FromDevice,
    base_url: BaseUrl,
    now: Now,
) -> User:
    """Make the first administrator with the one-time setup token, and sign them in."""
    async with database.read() as reading:
        await check_setup_token(reading, body.token)
    person = body.model_dump(exclude={"token", "password"})
    password_hash = await hash_password(body.password)
    session = await unit.session()
    user = await create_first_admin(session, body.token, **person, password_hash=password_hash, now=now)
    set_session_cookie(response, base_url, await start_browser_session(session, user.id, device=device, now=now))
    return user


@router.post(
    "/auth/login",
    public_same_site,
    idempotent=False,
    response_model=SignedIn,
    responses=problems(InvalidCredentials, CrossSite, Busy),
)
async def login(
    body: LoginIn,
    response: Response,
    database: Database,
    unit: RequestUnit,
    device: FromDevice,
    base_url: BaseUrl,
    earlier: SessionCookie,
    now: Now,
) -> SignedIn:
    """Sign in with a username or e-mail: a new session cookie; the session of a cookie sent along ends."""
    verified = await verify_password(database, body.login, body.password)
    session = await unit.session()
    user = await admit(session, verified)
    if earlier is not None:
        await end_cookie_session(session, earlier, reason="replaced")
    set_session_cookie(response, base_url, await start_browser_session(session, user.id, device=device, now=now))
    return SignedIn(user=UsersMe.model_validate(user))


@router.post(
    "/auth/token",
    public,
    idempotent=False,
    response_model=TokensOut,
    responses=problems(InvalidCredentials, Busy),
    openapi_extra={"requestBody": REQUEST_BODY},
)
async def token(
    body: JsonOrFormLogin, database: Database, unit: RequestUnit, device: FromDevice, now: Now
) -> TokensOut:
    """Sign an app in: an access token of 15 minutes and a refresh token."""
    verified = await verify_password(database, body.login, body.password)
    session = await unit.session()
    user = await admit(session, verified)
    user_session = await start_token_session(session, user.id, device=device, now=now)
    return _out(await issue_tokens(session, user_session, now=now), now)


@router.post(
    "/auth/refresh",
    public,
    idempotent=False,
    response_model=TokensOut,
    responses=problems(InvalidRefreshToken, RefreshTokenReplayed),
)
async def refresh(body: RefreshIn, session: Session, keyring: Keyring, now: Now) -> TokensOut:
    """The successor of a refresh token; requests within 30 seconds share it, a later one ends the session."""
    return _out(await refresh_tokens(session, body.refresh_token, keyring=keyring, now=now), now)


@router.post(
    "/auth/logout",
    signed_in,
    idempotent=False,
    response_model=SignedOut,
    responses=problems(NotAuthenticated, CrossSite),
)
async def logout(caller: CurrentCaller, response: Response, session: Session, base_url: BaseUrl) -> SignedOut:
    """End the session of the cookie or the access token that was sent."""
    if caller.user_id is not None and caller.credential_id is not None:
        await end_session(session, caller.user_id, caller.credential_id, reason="logout")
    clear_session_cookie(response, base_url)
    return SignedOut()


def _out(tokens: Tokens, now: datetime) -> TokensOut:
    return TokensOut(
        access_token=tokens.access_token,
        refresh_token=tokens.refresh_token,
        expires_in=int((tokens.access_expires_at - now).total_seconds()),
        session_id=tokens.session_id,
    )
