"""One-time codes and recovery codes of one's own."""

from tidings.accounts.api.factor_change import REFUSALS, HouseName, OwnChange
from tidings.accounts.mfa.changing import begin_totp, make_recovery_codes, remove_totp, turn_on_totp
from tidings.accounts.mfa.errors import CodeInvalid, MfaRequired, NoSecondFactor, TotpAlreadyOn, TotpNotFound
from tidings.accounts.mfa.methods import methods_of
from tidings.accounts.mfa.schemas import RecoveryCodes, SecondFactors, TotpConfirm, TotpStarted
from tidings.accounts.mfa.totp import NewTotp
from tidings.accounts.policies import signed_in_owing_factor
from tidings.kernel.http.problems import problems
from tidings.kernel.http.routing import Router, Session

router = Router(prefix="/users/me/mfa", tags=["Second factors"])


@router.post(
    "/totp",
    signed_in_owing_factor,
    idempotent=False,
    response_model=TotpStarted,
    responses=problems(*REFUSALS, TotpAlreadyOn),
)
async def start_totp(change: OwnChange, house: HouseName, session: Session) -> NewTotp:
    """A secret for an authenticator app, shown this once; it counts once a code of it confirms it."""
    return await begin_totp(session, change, issuer=house)


@router.post(
    "/totp/confirm",
    signed_in_owing_factor,
    idempotent=False,
    response_model=SecondFactors,
    responses=problems(*REFUSALS, TotpNotFound, TotpAlreadyOn, CodeInvalid),
)
async def confirm_totp(body: TotpConfirm, change: OwnChange, session: Session) -> SecondFactors:
    """Turn one-time codes on; one's other sessions end."""
    user = await turn_on_totp(session, change, body.code)
    return SecondFactors(mfa_enabled=user.mfa_enabled, methods=list(await methods_of(session, user.id)))


@router.delete(
    "/totp",
    signed_in_owing_factor,
    status_code=204,
    responses=problems(*REFUSALS, TotpNotFound, MfaRequired),
)
async def forget_totp(change: OwnChange, session: Session) -> None:
    """Turn one-time codes off; one's other sessions end."""
    await remove_totp(session, change)


@router.post(
    "/recovery-codes",
    signed_in_owing_factor,
    idempotent=False,
    response_model=RecoveryCodes,
    responses=problems(*REFUSALS, NoSecondFactor),
)
async def renew_recovery_codes(change: OwnChange, session: Session) -> RecoveryCodes:
    """Ten new recovery codes, shown this once; earlier ones are void, and one's other sessions end."""
    return RecoveryCodes(recovery_codes=list(await make_recovery_codes(session, change)))
