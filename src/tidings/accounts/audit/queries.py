"""Reads of the audit log."""

import json
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.audit.models import AuditEntry
from tidings.accounts.audit.schemas import AuditEntryOut, AuditPage
from tidings.accounts.audit.types import AuditAction
from tidings.kernel.crypto import Keyring
from tidings.kernel.pages import cursor_after, read_cursor


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """Which entries a list shows; `actor` is the id of a user or of a key."""

    actor: UUID | None = None
    action: AuditAction | None = None

    @property
    def scope(self) -> str:
        """Names the list this filter makes, so that a cursor of one list is none of another."""
        return f"audit:{json.dumps([self.actor and str(self.actor), self.action])}"


async def page_of_entries(
    session: AsyncSession, entries: AuditFilter, *, size: int, cursor: str | None, keyring: Keyring
) -> AuditPage:
    """What was done, newest first. Raises InvalidCursor for another list's cursor."""
    found = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(size + 1)
    if entries.actor is not None:
        found = found.where(AuditEntry.actor_id == entries.actor)
    if entries.action is not None:
        found = found.where(AuditEntry.action == entries.action)
    if cursor is not None:
        found = found.where(AuditEntry.id < UUID(read_cursor(keyring, entries.scope, cursor)))
    rows = (await session.scalars(found)).all()
    shown = [AuditEntryOut.model_validate(row) for row in rows[:size]]
    more = len(rows) > size
    return AuditPage(
        entries=shown, next_cursor=cursor_after(keyring, entries.scope, str(shown[-1].id)) if more else None
    )
