"""Steps before a commit and callbacks after it: once, at the outermost commit, and never after a rollback."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from tidings.kernel.db import Database
from tidings.kernel.transaction import after_commit, before_commit, transaction_value


class Diary(list[str]):
    """What happened, in order."""

    def writes(self, word: str) -> None:
        self.append(word)

    def before(self, _session: Session) -> None:
        self.append("before")


@pytest.fixture
def diary() -> Diary:
    return Diary()


@pytest.fixture
async def session(database: Database) -> AsyncIterator[AsyncSession]:
    async with database.sessions() as session:
        yield session


async def test_steps_run_before_and_callbacks_after_the_commit(session: AsyncSession, diary: Diary) -> None:
    after_commit(session, lambda: diary.writes("after"))
    before_commit(session, diary.before)
    assert diary == []
    await session.commit()
    assert diary == ["before", "after"]


async def test_a_step_is_registered_once_and_a_callback_each_time(session: AsyncSession, diary: Diary) -> None:
    for _ in range(3):
        before_commit(session, diary.before)
        after_commit(session, lambda: diary.writes("after"))
    await session.commit()
    assert diary == ["before", "after", "after", "after"]


async def test_the_release_of_a_savepoint_is_no_commit(session: AsyncSession, diary: Diary) -> None:
    async with session.begin_nested():
        before_commit(session, diary.before)
        after_commit(session, lambda: diary.writes("after"))
        async with session.begin_nested():
            after_commit(session, lambda: diary.writes("after"))
    await session.execute(text("SELECT 1"))
    assert diary == []
    await session.commit()
    assert diary == ["before", "after", "after"]


async def test_a_rollback_forgets_everything(session: AsyncSession, diary: Diary) -> None:
    before_commit(session, diary.before)
    after_commit(session, lambda: diary.writes("after"))
    transaction_value(session.sync_session, Diary).append("value")
    await session.rollback()
    await session.execute(text("SELECT 1"))
    assert transaction_value(session.sync_session, Diary) == []
    await session.commit()
    assert diary == []


async def test_the_rollback_of_a_savepoint_forgets_nothing(session: AsyncSession, diary: Diary) -> None:
    savepoint = await session.begin_nested()
    before_commit(session, diary.before)
    after_commit(session, lambda: diary.writes("after"))
    await savepoint.rollback()
    await session.commit()
    assert diary == ["before", "after"]


async def test_the_next_transaction_starts_anew(session: AsyncSession, diary: Diary) -> None:
    before_commit(session, diary.before)
    after_commit(session, lambda: diary.writes("after"))
    await session.commit()
    await session.execute(text("SELECT 1"))
    await session.commit()
    assert diary == ["before", "after"]


async def test_an_error_in_a_step_prevents_the_commit_and_its_callbacks(session: AsyncSession, diary: Diary) -> None:
    def fail(_session: Session) -> None:
        raise RuntimeError

    before_commit(session, fail)
    after_commit(session, lambda: diary.writes("after"))
    with pytest.raises(RuntimeError):
        await session.commit()
    await session.rollback()
    await session.commit()
    assert diary == []


async def test_a_value_belongs_to_the_outermost_transaction(session: AsyncSession) -> None:
    value = transaction_value(session.sync_session, Diary)
    async with session.begin_nested():
        assert transaction_value(session.sync_session, Diary) is value
    assert transaction_value(session.sync_session, Diary) is value


async def test_two_sessions_share_nothing(database: Database, diary: Diary) -> None:
    async with database.sessions() as one, database.sessions() as other:
        after_commit(one, lambda: diary.writes("one"))
        await other.execute(text("SELECT 1"))
        await other.commit()
        assert diary == []
        await one.commit()
    assert diary == ["one"]
