"""One's second factors as they are, and one's one-time codes and recovery codes."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.api.app import PersonId
from tidings.accounts.api.factor_change import REFUSALS, HouseName, OwnChange
from tidings.accounts.errors import Forbidden, NotAuthenticated, PasswordTooShortAlone
from tidings.accounts.mfa.changing import begin_totp, make_recovery_codes, remove_totp, turn_on_totp
from tidings.accounts.mfa.errors import CodeInvalid, MfaRequired, NoSecondFactor, TotpAlreadyOn, TotpNotFound
from tidings.accounts.mfa.methods import methods_of
from tidings.accounts.mfa.queries import count_recovery_codes
from tidings.accounts.mfa.schemas import RecoveryCodes, SecondFactors, TotpConfirm, TotpStarted
from tidings.accounts.mfa.totp import NewTotp
from tidings.accounts.policies import signed_in_owing_factor, signed_in_recent_owing_factor
from tidings.kernel.http.problems import problems
from tidings.kernel.http.routing import Router, Session

router = Router(prefix="/users/me/mfa", tags=["Second factors"])


@router.get("", signed_in_owing_factor, response_model=SecondFactors, responses=problems(NotAuthenticated, Forbidden))
async def read_second_factors(person_id: PersonId, session: Session) -> SecondFactors:
    """Which second factors one has, and how many recovery codes are left."""
    return await _out(session, person_id)


@router.post(
    "/totp",
    signed_in_recent_owing_factor,
    idempotent=False,
    response_model=TotpStarted,
    responses=problems(*REFUSALS, TotpAlreadyOn),
)
async def start_totp(change: OwnChange, house: HouseName, session: Session) -> NewTotp:
    """A secret for an authenticator app, shown this once; it counts once a code of it confirms it."""
    return await begin_totp(session, change, issuer=house)


@router.post(
    "/totp/confirm",
    signed_in_recent_owing_factor,
    idempotent=False,
    response_model=SecondFactors,
    responses=problems(*REFUSALS, TotpNotFound, TotpAlreadyOn, CodeInvalid),
)
async def confirm_totp(body: TotpConfirm, change: OwnChange, session: Session) -> SecondFactors:
    """Turn one-time codes on; one's other sessions end."""
    user = await turn_on_totp(session, change, body.code)
    return await _out(session, user.id)


@router.delete(
    "/totp",
    signed_in_recent_owing_factor,
    status_code=204,
    responses=problems(*REFUSALS, TotpNotFound, MfaRequired, PasswordTooShortAlone),
)
async def forget_totp(change: OwnChange, session: Session) -> None:
    """Turn one-time codes off; one's other sessions end."""
    await remove_totp(session, change)


@router.post(
    "/recovery-codes",
    signed_in_recent_owing_factor,
    idempotent=False,
    response_model=RecoveryCodes,
    responses=problems(*REFUSALS, NoSecondFactor),
)
async def renew_recovery_codes(change: OwnChange, session: Session) -> RecoveryCodes:
    """Ten new recovery codes, shown this once; earlier ones are void, and one's other sessions end."""
    return RecoveryCodes(recovery_codes=list(await make_recovery_codes(session, change)))


async def _out(session: AsyncSession, user_id: UUID) -> SecondFactors:
    methods = await methods_of(session, user_id)
    left = await count_recovery_codes(session, user_id)
    return SecondFactors(mfa_enabled=bool(methods), methods=list(methods), recovery_codes_left=left)
