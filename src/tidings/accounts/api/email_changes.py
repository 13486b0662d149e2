"""Asking for another address."""

from tidings.accounts.api.app import By, Keyring, PersonId
from tidings.accounts.callers import CurrentCaller
from tidings.accounts.confirming import check_recent
from tidings.accounts.email_changes.changing import ask_for_email
from tidings.accounts.errors import ConfirmationRequired, CrossSite, Forbidden, NotAuthenticated
from tidings.accounts.policies import signed_in
from tidings.accounts.sign_up.schemas import Accepted, EmailIn
from tidings.kernel.http.problems import problems
from tidings.kernel.http.routing import Now, Router, Session

router = Router(tags=["Users"])


@router.put(
    "/users/me/email",
    signed_in,
    status_code=202,
    response_model=Accepted,
    responses=problems(NotAuthenticated, Forbidden, ConfirmationRequired, CrossSite),
)
async def change_email(
    body: EmailIn, user_id: PersonId, caller: CurrentCaller, session: Session, keyring: Keyring, by: By, now: Now
) -> Accepted:
    """Ask for another address: it is yours once whoever reads it has used the link; needs a recent sign-in.

    The answer is the same when somebody else has it.
    """
    await check_recent(session, caller, now=now)
    await ask_for_email(session, user_id, body.email, keyring=keyring, by=by, now=now)
    return Accepted()
