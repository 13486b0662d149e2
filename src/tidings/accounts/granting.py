"""Who may make an administrator, or give an address: an administrator in person, who proved lately who they are."""

from datetime import datetime

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.callers import Caller, Credential
from tidings.accounts.confirming import check_recent
from tidings.accounts.denials import on_record
from tidings.accounts.errors import Forbidden
from tidings.accounts.types import AccessType


async def check_may_grant(
    session: AsyncSession, request: Request, caller: Caller, access_type: AccessType | None, *, now: datetime
) -> None:
    """Let somebody have these rights, who is made, changed or invited by this request.

    Whoever has an administrator's rights can make keys and credentials of their own, so what cannot make those, an API
    key or a session that lies open, makes no administrator either. Rights that every account has are anybody's to give
    who may use the route. Raises Forbidden, which is recorded, and ConfirmationRequired.
    """
    if access_type is AccessType.ADMIN:
        await _check(session, request, caller, "Only an administrator who signed in makes administrators, no key.", now)


async def check_may_give_address(session: AsyncSession, request: Request, caller: Caller, *, now: datetime) -> None:
    """Give somebody another address, to which a link for a new password can go. Raises as above."""
    await _check(session, request, caller, "Only an administrator who signed in gives addresses, no key.", now)


async def _check(session: AsyncSession, request: Request, caller: Caller, otherwise: str, now: datetime) -> None:
    if not caller.is_admin or caller.credential is Credential.API_KEY:
        raise on_record(Forbidden(otherwise), request, caller)
    await check_recent(session, caller, now=now)
