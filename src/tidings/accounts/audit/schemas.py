"""The audit log as it crosses the wire."""

from typing import Any
from uuid import UUID

from pydantic import ConfigDict

from tidings.accounts.audit.types import ActorKind, AuditAction
from tidings.kernel.http.schemas import Answer, UtcTime


class AuditEntryOut(Answer):
    """One thing that was done; docs/reference/audit.md says what each action's `detail` holds."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    at: UtcTime
    action: AuditAction
    actor_kind: ActorKind
    actor_id: UUID | None
    target_id: UUID | None
    ip: str | None
    detail: dict[str, Any]  # Any: JSON


class AuditPage(Answer):
    entries: list[AuditEntryOut]
    next_cursor: str | None
