"""Pattern N: notifications as many apps have them. One row is inserted, committed and read again at a time; pages are
cut by offset from a list ordered by time, numbers are counted; the table has an index on the user alone.

Synchronous SQLAlchemy under FastAPI, as its documentation shows it, on PostgreSQL.
"""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Request
from pydantic import BaseModel, ConfigDict
from sqlalchemy import BigInteger, DateTime, Engine, create_engine, func, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import make_url
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

DATABASE, CONNECTIONS = "PATTERN_N_DATABASE", "PATTERN_N_CONNECTIONS"
"""Environment variables of a server: its database, and how many connections it keeps."""
USUAL, INDEXED = "pattern_n", "pattern_n_indexed"
"""Schemas: the table as documented, and one that also has an index on user and time."""


class Base(DeclarativeBase):
    """The tables of the pattern."""


class Notification(Base):
    """One notification of one user."""

    __tablename__ = "notifications"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    user_id: Mapped[int] = mapped_column(index=True)
    type: Mapped[int]
    options: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    read: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class NewNotification(BaseModel):
    """What a request to create one holds."""

    user_id: int
    type: int
    options: dict[str, Any] | None = None


class NotificationOut(NewNotification):
    """What an answer holds."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    read: bool
    created_at: datetime


def url_in(url: str, schema: str) -> str:
    """The same database seen from one of the schemas, through a synchronous driver."""
    there = make_url(url).set(drivername="postgresql+psycopg").update_query_dict({"options": f"-csearch_path={schema}"})
    return there.render_as_string(hide_password=False)


def engine_on(url: str, connections: int = 1) -> Engine:
    """As many connections as there are callers at once."""
    return create_engine(url, pool_size=connections, max_overflow=0)


def create_tables(url: str, schema: str) -> None:
    """Make the schema and its table."""
    engine = engine_on(url_in(url, schema))
    with engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE SCHEMA {schema}")
        Base.metadata.create_all(connection)
        if schema == INDEXED:
            connection.exec_driver_sql("CREATE INDEX ON notifications (user_id, created_at)")
    engine.dispose()


router = APIRouter()


def create_app() -> FastAPI:
    """The app of one server; the environment names its database."""
    app = FastAPI()
    app.state.sessions = sessionmaker(engine_on(os.environ[DATABASE], int(os.environ[CONNECTIONS])))
    app.include_router(router)
    return app


def _session(request: Request) -> Iterator[Session]:
    with request.app.state.sessions() as session:
        yield session


CurrentSession = Annotated[Session, Depends(_session)]


def create(session: Session, new: NewNotification) -> Notification:
    """Insert, commit, refresh."""
    row = Notification(user_id=new.user_id, type=new.type, options=new.options, created_at=datetime.now(UTC))
    session.add(row)
    session.commit()
    session.refresh(row)
    return row


@router.get("/ready")
def ready() -> dict[str, bool]:
    """Say that the server runs."""
    return {"ready": True}


@router.post("/notifications", status_code=201, response_model=NotificationOut)
def create_notification(new: NewNotification, session: CurrentSession) -> Notification:
    """Create one."""
    return create(session, new)


@router.get("/notifications", response_model=list[NotificationOut])
def list_notifications(
    user_id: int, session: CurrentSession, page_number: int = 1, num_records: int = 20
) -> list[Notification]:
    """One page, newest first."""
    page = (
        select(Notification)
        .where(Notification.user_id == user_id)
        .order_by(Notification.created_at.desc())
        .offset((page_number - 1) * num_records)
        .limit(num_records)
    )
    return list(session.scalars(page))


@router.get("/notifications/number")
def count_notifications(user_id: int, session: CurrentSession) -> int:
    """How many there are."""
    return session.scalar(select(func.count()).where(Notification.user_id == user_id)) or 0
