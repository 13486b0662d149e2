"""What a policy refuses somebody known is on record: so many a minute of each, that it cannot fill the disk."""

from datetime import datetime, timedelta

from fastapi import Request
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.audit.models import AuditEntry
from tidings.accounts.audit.recording import record
from tidings.accounts.audit.types import Actor, AuditAction
from tidings.accounts.callers import Caller
from tidings.accounts.errors import Forbidden, InsufficientScope
from tidings.kernel.errors import RememberedRefusal, TidingsError
from tidings.kernel.http.addresses import client_address

PER_MINUTE = 10


class _OnRecord(RememberedRefusal):
    """A refusal that is recorded although nothing else of its request is."""

    actor: Actor
    now: datetime
    route: str

    async def record(self, session: AsyncSession) -> None:
        """Note who was refused what, unless that was noted ten times within the last minute."""
        earlier = select(AuditEntry.at).where(
            AuditEntry.actor_id == self.actor.id, AuditEntry.action == AuditAction.ACCESS_DENIED
        )
        newest = (await session.scalars(earlier.order_by(AuditEntry.id.desc()).limit(PER_MINUTE))).all()
        if len(newest) < PER_MINUTE or newest[-1] <= self.now - timedelta(minutes=1):
            detail = {"code": self.code, "route": self.route}
            await record(session, AuditAction.ACCESS_DENIED, by=self.actor, now=self.now, detail=detail)


class _ForbiddenOnRecord(_OnRecord, Forbidden):
    __doc__ = Forbidden.__doc__


class _InsufficientScopeOnRecord(_OnRecord, InsufficientScope):
    __doc__ = InsufficientScope.__doc__


def on_record(error: Forbidden | InsufficientScope, request: Request, caller: Caller) -> TidingsError:
    """The same refusal, which the audit log will know of."""
    kind = _ForbiddenOnRecord if isinstance(error, Forbidden) else _InsufficientScopeOnRecord
    refusal = kind(error.detail)
    address = client_address(request, trusted_proxies=request.app.state.settings.trusted_proxies)
    refusal.actor = caller.actor(address)
    refusal.now = request.app.state.clock.now()
    refusal.route = f"{request.method} {request.scope['route'].path}"
    return refusal
