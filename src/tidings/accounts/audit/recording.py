"""Writing the audit log: one entry with the change it is about, in the same transaction."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.audit.models import AuditEntry
from tidings.accounts.audit.types import Actor, AuditAction
from tidings.kernel.ids import new_id


async def record(
    session: AsyncSession,
    action: AuditAction,
    *,
    by: Actor,
    now: datetime,
    target_id: UUID | None = None,
    detail: Mapping[str, Any] | None = None,  # Any: JSON
) -> None:
    """Note what is being done; it stands exactly if the transaction does.

    `detail` never holds a secret, nor a value of a profile: names of fields, states, reasons, addresses of mail.
    """
    await session.execute(
        insert(AuditEntry).values(
            id=new_id(),
            at=now,
            action=action,
            actor_kind=by.kind,
            actor_id=by.id,
            target_id=target_id,
            ip=by.ip,
            detail=dict(detail or {}),
        )
    )


async def record_each(
    session: AsyncSession,
    action: AuditAction,
    target_ids: Iterable[UUID],
    *,
    by: Actor,
    now: datetime,
    detail: Mapping[str, Any] | None = None,  # Any: JSON
) -> None:
    """Note the same thing for many at once, an entry each; there must be at least one."""
    shared = {"at": now, "action": action, "actor_kind": by.kind, "actor_id": by.id, "ip": by.ip}
    entries = [{"id": new_id(), "target_id": each, "detail": dict(detail or {}), **shared} for each in target_ids]
    await session.execute(insert(AuditEntry), entries)
