"""Signing up, and showing that an address is one's own. Whether somebody has an address is never told."""

from tidings.accounts.api.app import By, Database, House, Keyring
from tidings.accounts.api.beats import ABOUT_ADDRESSES
from tidings.accounts.birthdates import check_birthdate
from tidings.accounts.email_changes.changing import confirm_email, undo_email
from tidings.accounts.errors import PasswordRefused, SignUpDisabled, TokenInvalid, UsernameTaken
from tidings.accounts.mail_tokens.tokens import use_mail_token
from tidings.accounts.mail_tokens.types import MailPurpose
from tidings.accounts.models import User
from tidings.accounts.password_policy import PasswordOwner, check_new_password
from tidings.accounts.passwords import hash_password
from tidings.accounts.policies import public
from tidings.accounts.sign_up.schemas import Accepted, EmailIn, MailTokenIn, SignUpIn, StateOut
from tidings.accounts.sign_up.signing_up import Applicant, check_sign_up_is_open, sign_up
from tidings.accounts.sign_up.verifying import resend_verification, verify_user_email
from tidings.kernel.errors import Busy
from tidings.kernel.http.problems import problems
from tidings.kernel.http.routing import Now, RequestUnit, Router, Session

router = Router(prefix="/auth", tags=["Signing up"])


@router.post(
    "/sign-up",
    public,
    idempotent=False,
    evenly=ABOUT_ADDRESSES,
    status_code=202,
    response_model=Accepted,
    responses=problems(SignUpDisabled, PasswordRefused, UsernameTaken, Busy),
)
async def ask_for_account(
    body: SignUpIn, database: Database, unit: RequestUnit, house: House, keyring: Keyring, by: By, now: Now
) -> Accepted:
    """Ask for an account. The answer is the same when the address is in use; then its owner gets a letter."""
    check_birthdate(body.birthdate, now=now)
    async with database.read() as reading:
        await check_sign_up_is_open(reading)
        owner = PasswordOwner(known=(body.username, body.email, body.name))
        await check_new_password(reading, body.password, owner=owner, house=house)
    applicant = Applicant(
        username=body.username,
        email=body.email,
        name=body.name,
        password_hash=await hash_password(body.password),
        email_verified=False,
        profile=body.model_dump(exclude={"username", "email", "name", "password"}),
    )
    await sign_up(await unit.session(), applicant, keyring=keyring, by=by, now=now)
    return Accepted()


@router.post("/verify-email", public, idempotent=False, response_model=StateOut, responses=problems(TokenInvalid))
async def verify_email(body: MailTokenIn, session: Session, keyring: Keyring, by: By, now: Now) -> User:
    """Use a link from a letter: verify the address of a sign-up, confirm a new address, or go back to the old one."""
    used = await use_mail_token(
        session,
        body.token,
        MailPurpose.VERIFY_EMAIL,
        MailPurpose.CONFIRM_EMAIL,
        MailPurpose.UNDO_EMAIL,
        now=now,
    )
    if used.purpose is MailPurpose.CONFIRM_EMAIL:
        return await confirm_email(session, used, keyring=keyring, by=by, now=now)
    if used.purpose is MailPurpose.UNDO_EMAIL:
        return await undo_email(session, used, keyring=keyring, by=by, now=now)
    return await verify_user_email(session, used, keyring=keyring, by=by, now=now)


@router.post(
    "/verify-email/resend", public, idempotent=False, evenly=ABOUT_ADDRESSES, status_code=202, response_model=Accepted
)
async def resend(body: EmailIn, session: Session, keyring: Keyring, now: Now) -> Accepted:
    """Mail another link, if this address waits to be verified; the answer is always the same."""
    await resend_verification(session, body.email, keyring=keyring, now=now)
    return Accepted()
