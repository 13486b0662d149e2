"""Tables that the nodes share: messages to each other, and who is connected where."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from tidings.kernel.db import Base, text_enum
from tidings.kernel.ids import new_id
from tidings.realtime.types import SignalKind


class StoredSignal(Base):
    """A rare message to every node; kept for minutes."""

    __tablename__ = "tidings_signals"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[SignalKind] = mapped_column(text_enum(SignalKind))
    payload: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(index=True)


class StreamNode(Base):
    """A process that serves streams and was alive at `beat_at`: one row to write per beat, however many users."""

    __tablename__ = "tidings_stream_nodes"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    beat_at: Mapped[datetime]


class StreamPresence(Base):
    """How many streams a user has open on a node; it counts while the node lives."""

    __tablename__ = "tidings_stream_presence"

    node_id: Mapped[UUID] = mapped_column(ForeignKey(StreamNode.id, ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(primary_key=True, index=True)
    connections: Mapped[int]
