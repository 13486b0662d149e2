"""What somebody is promised who may choose how to sign in: one promise each, and the last one counts."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.audit.types import Actor
from tidings.accounts.invitations.models import Invitation
from tidings.accounts.types import AccessType


async def promise(session: AsyncSession, user_id: UUID, access_type: AccessType, *, by: Actor, now: datetime) -> None:
    """Note these rights, in place of what was promised before."""
    insert = sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgresql_insert
    values = {"access_type": access_type, "inviter_kind": by.kind, "inviter_id": by.id, "created_at": now}
    await session.execute(
        insert(Invitation)
        .values(user_id=user_id, **values)
        .on_conflict_do_update(index_elements=[Invitation.user_id], set_=values)
    )
