"""Signing in with a passkey: the browser is asked for any it has for this site, and the answer says whose it is."""

from fastapi import Response

from tidings.accounts.api.app import BaseUrl, FromDevice, Keyring, SessionCookie
from tidings.accounts.api.handing_over import hand_over
from tidings.accounts.errors import CrossSite, InvalidCredentials, LocalLoginDisabled, TooManyAttempts
from tidings.accounts.mfa.passkeys import ask_for_passkey
from tidings.accounts.mfa.schemas import PasskeyOptions, PasskeySignIn
from tidings.accounts.passkey_sign_in import sign_in_with_passkey
from tidings.accounts.policies import public, public_same_site
from tidings.accounts.profile.reading import own_profile
from tidings.accounts.schemas import SignedIn
from tidings.accounts.sessions import end_cookie_session
from tidings.kernel.http.problems import problems
from tidings.kernel.http.routing import Now, Router, Session

router = Router(prefix="/auth/passkey", tags=["Signing in"])


@router.post("/options", public, idempotent=False, response_model=PasskeyOptions)
async def ask(session: Session, base_url: BaseUrl, now: Now) -> PasskeyOptions:
    """What the browser needs to ask for a passkey, here, at /auth/mfa and at /auth/confirm; for one answer in 5 min."""
    return PasskeyOptions(public_key=await ask_for_passkey(session, origin=base_url, now=now))


@router.post(
    "",
    public_same_site,
    idempotent=False,
    response_model=SignedIn,
    responses=problems(InvalidCredentials, TooManyAttempts, LocalLoginDisabled, CrossSite),
)
async def sign_in(
    body: PasskeySignIn,
    response: Response,
    session: Session,
    device: FromDevice,
    keyring: Keyring,
    base_url: BaseUrl,
    earlier: SessionCookie,
    now: Now,
) -> SignedIn:
    """Sign the passkey's owner in, with no other factor: a new session cookie; that of a cookie sent along ends."""
    started = await sign_in_with_passkey(
        session, body.passkey, device=device, keyring=keyring, base_url=base_url, now=now
    )
    hand_over(response, base_url, started)
    if earlier is not None:
        await end_cookie_session(session, earlier, reason="replaced")
    return SignedIn(user=await own_profile(session, started.user))
