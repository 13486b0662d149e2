"""Tables of the audit log."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from tidings.accounts.audit.types import ActorKind, AuditAction
from tidings.kernel.db import Base, Json, text_enum
from tidings.kernel.ids import new_id


class AuditEntry(Base):
    """One thing that was done. It outlives everybody it names, so it hangs on no foreign key."""

    __tablename__ = "tidings_audit_log"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    at: Mapped[datetime]
    action: Mapped[AuditAction] = mapped_column(text_enum(AuditAction))
    actor_kind: Mapped[ActorKind] = mapped_column(text_enum(ActorKind))
    actor_id: Mapped[UUID | None]
    target_id: Mapped[UUID | None]
    """The user, key or provider it was done to."""
    ip: Mapped[str | None]
    detail: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)  # Any: JSON; each action says what it holds

    __table_args__ = (
        Index("ix_tidings_audit_log_actor_id", "actor_id", "id"),
        Index("ix_tidings_audit_log_actor_id_action", "actor_id", "action", "id"),
        Index("ix_tidings_audit_log_target_id", "target_id", "id"),
        Index("ix_tidings_audit_log_action", "action", "id"),
    )


class AuditWaiting(Base):
    """An entry without a link. The database itself notes each, so that none is forgotten, however late it commits."""

    __tablename__ = "tidings_audit_waiting"

    entry_id: Mapped[UUID] = mapped_column(ForeignKey(AuditEntry.id), primary_key=True)


class AuditLink(Base):
    """One link of the chain: the hash of its entry and of the link before. The worker links, so that nobody queues."""

    __tablename__ = "tidings_audit_links"

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    entry_id: Mapped[UUID] = mapped_column(ForeignKey(AuditEntry.id), unique=True)
    hash: Mapped[bytes] = mapped_column(LargeBinary)
