"""One's address: what it is, and asking for another."""

from tidings.accounts.api.app import By, Keyring, PersonId
from tidings.accounts.api.beats import ABOUT_ADDRESSES
from tidings.accounts.email_changes.changing import ask_for_email, withdraw_email
from tidings.accounts.email_changes.schemas import EmailOut
from tidings.accounts.errors import CrossSite, Forbidden, NotAuthenticated
from tidings.accounts.mail_tokens.tokens import waiting_mail_token
from tidings.accounts.mail_tokens.types import MailPurpose
from tidings.accounts.policies import signed_in, signed_in_recent
from tidings.accounts.queries import get_user
from tidings.accounts.sign_up.schemas import Accepted, EmailIn
from tidings.kernel.http.problems import problems
from tidings.kernel.http.routing import Now, Router, Session

router = Router(tags=["Users"])

_IN_PERSON = (NotAuthenticated, Forbidden)


@router.get("/users/me/email", signed_in, response_model=EmailOut, responses=problems(*_IN_PERSON))
async def read_email(user_id: PersonId, session: Session, now: Now) -> EmailOut:
    """One's address, and the one that waits to be confirmed."""
    user = await get_user(session, user_id)
    awaited = await waiting_mail_token(session, user_id, MailPurpose.CONFIRM_EMAIL, now=now)
    return EmailOut(
        email=user.email,
        email_verified=user.email_verified,
        pending_email=awaited.email if awaited else None,
        pending_until=awaited.expires_at if awaited else None,
    )


@router.put(
    "/users/me/email",
    signed_in_recent,
    evenly=ABOUT_ADDRESSES,
    status_code=202,
    response_model=Accepted,
    responses=problems(*_IN_PERSON, CrossSite),
)
async def change_email(
    body: EmailIn, user_id: PersonId, session: Session, keyring: Keyring, by: By, now: Now
) -> Accepted:
    """Ask for another address: it is yours once whoever reads it has used the link; needs a recent sign-in.

    The answer is the same when somebody else has it.
    """
    await ask_for_email(session, user_id, body.email, keyring=keyring, by=by, now=now)
    return Accepted()


@router.delete("/users/me/email/pending", signed_in, status_code=204, responses=problems(*_IN_PERSON, CrossSite))
async def withdraw_change(user_id: PersonId, session: Session, by: By, now: Now) -> None:
    """No longer ask for another address; repeating it changes nothing."""
    await withdraw_email(session, user_id, by=by, now=now)
