"""`notify()` inside a host's own transaction: with it or not at all."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from tests.clock import StoppedClock
from tests.notifications.storage import stored
from tests.world import Person, World
from tidings import Tidings, notify
from tidings.kernel.bindings import bind
from tidings.kernel.errors import InvalidCharacter
from tidings.notifications.content import Somebody
from tidings.notifications.errors import TextMissing, UnknownRecipient, UnknownType
from tidings.notifications.rules import Rules
from tidings.notifications.types import Channel
from tidings.notifications.writing import write_pending
from tidings.realtime.doorbell import Chime, Ring


class HostBase(DeclarativeBase):
    """The host's own tables."""


class Order(HostBase):
    __tablename__ = "host_orders"

    number: Mapped[int] = mapped_column(primary_key=True)


@pytest.fixture
async def sessions(engine: AsyncEngine, world: World) -> AsyncIterator[async_sessionmaker[AsyncSession]]:
    """The host's sessions, on a database where its tables stand beside ours."""
    async with engine.begin() as connection:
        await connection.run_sync(HostBase.metadata.create_all)
    yield async_sessionmaker(engine)
    async with engine.begin() as connection:
        await connection.run_sync(HostBase.metadata.drop_all)


@dataclass
class Bell:
    """A doorbell that remembers."""

    rings: list[Chime] = field(default_factory=list)


@pytest.fixture
def bell(tidings: Tidings, clock: StoppedClock) -> Bell:
    bell = Bell()
    bind(tidings.database.engine, Rules(tidings.types, frozenset({Channel.IN_APP}), clock, bell.rings.extend))
    return bell


async def orders(sessions: async_sessionmaker[AsyncSession]) -> int:
    async with sessions() as session:
        return await session.scalar(select(func.count()).select_from(Order)) or 0


async def test_both_are_committed_together(sessions: async_sessionmaker[AsyncSession], ada: Person) -> None:
    async with sessions() as session, session.begin():
        session.add(Order(number=17))
        sent = await notify(session, "order.shipped", to=ada.id, data={"number": 17})
    assert (await orders(sessions), await ada.titles()) == (1, ["Order 17 shipped"])
    assert (sent.accepted, sent.deduplicated, sent.entries[0].user_id) == (1, False, ada.id)
    assert (await ada.sees(str(sent.entries[0].id)))["event_id"] == str(sent.id)


async def test_both_are_rolled_back_together(
    sessions: async_sessionmaker[AsyncSession], ada: Person, world: World
) -> None:
    before = await stored(world.tidings)
    async with sessions() as session:
        session.add(Order(number=17))
        await notify(session, "system", to="ada", title="Hello")
        await session.rollback()
    assert await orders(sessions) == 0
    assert await stored(world.tidings) == before


async def test_an_error_of_the_host_takes_the_event_with_it(
    sessions: async_sessionmaker[AsyncSession], ada: Person, world: World
) -> None:
    async def work() -> None:
        async with sessions() as session, session.begin():
            await notify(session, "system", to="ada", title="Hello")
            raise RuntimeError

    before = await stored(world.tidings)
    with pytest.raises(RuntimeError):
        await work()
    assert await stored(world.tidings) == before


async def test_a_savepoint_that_is_rolled_back_takes_its_event_with_it(
    sessions: async_sessionmaker[AsyncSession], ada: Person, world: World
) -> None:
    before = await stored(world.tidings)
    async with sessions() as session, session.begin():
        await notify(session, "system", to="ada", title="kept")
        savepoint = await session.begin_nested()
        await notify(session, "system", to=[Somebody("user_9"), "ada"], title="forgotten")
        await savepoint.rollback()
        session.add(Order(number=17))
    assert (await orders(sessions), await ada.titles()) == (1, ["kept"])
    assert (await stored(world.tidings)).users == before.users


async def test_a_savepoint_that_is_released_keeps_its_event(
    sessions: async_sessionmaker[AsyncSession], ada: Person, bell: Bell
) -> None:
    async with sessions() as session, session.begin():
        async with session.begin_nested():
            sent = await notify(session, "system", to="ada", title="kept")
        assert bell.rings == []
    assert await ada.titles() == ["kept"]
    assert sent.accepted == 1


async def test_nested_savepoints_keep_what_their_outermost_keeps(
    sessions: async_sessionmaker[AsyncSession], ada: Person
) -> None:
    async with sessions() as session, session.begin():
        outer = await session.begin_nested()
        async with session.begin_nested():
            await notify(session, "system", to="ada", title="released, then rolled back")
        await outer.rollback()
        await notify(session, "system", to="ada", title="kept")
    assert await ada.titles() == ["kept"]


async def test_a_repeat_in_the_same_transaction_is_the_same_event(
    sessions: async_sessionmaker[AsyncSession], ada: Person
) -> None:
    async with sessions() as session, session.begin():
        first = await notify(session, "system", to="ada", title="Hello", dedupe_key="k")
        repeat = await notify(session, "system", to="ada", title="Again", dedupe_key="k")
        assert (first.deduplicated, repeat.deduplicated, repeat.id) == (False, True, first.id)
        assert repeat.entries == first.entries
    assert (repeat.accepted, repeat.entries) == (1, first.entries)
    assert await ada.titles() == ["Hello"]


async def test_a_repeat_in_a_later_transaction_has_the_first_result(
    sessions: async_sessionmaker[AsyncSession], ada: Person
) -> None:
    async with sessions() as session, session.begin():
        first = await notify(session, "system", to="ada", title="Hello", dedupe_key="k")
    async with sessions() as session, session.begin():
        repeat = await notify(session, "system", to="ada", title="Hello", dedupe_key="k")
    assert (repeat.deduplicated, repeat.id, list(repeat.entries)) == (True, first.id, list(first.entries))


async def test_a_key_whose_savepoint_was_rolled_back_is_free_again(
    sessions: async_sessionmaker[AsyncSession], ada: Person
) -> None:
    async with sessions() as session, session.begin():
        savepoint = await session.begin_nested()
        await notify(session, "system", to="ada", title="first", dedupe_key="k")
        await savepoint.rollback()
        again = await notify(session, "system", to="ada", title="second", dedupe_key="k")
    assert again.deduplicated is False
    assert await ada.titles() == ["second"]


async def test_two_events_for_one_person_in_one_transaction_stand_in_order(
    sessions: async_sessionmaker[AsyncSession], ada: Person
) -> None:
    async with sessions() as session, session.begin():
        for title in ("first", "second"):
            await notify(session, "system", to="ada", title=title)
    assert await ada.titles() == ["second", "first"]
    assert await ada.counts() == (2, 2, 2)


async def test_events_of_every_kind_in_one_transaction_stand_in_order(
    sessions: async_sessionmaker[AsyncSession], ada: Person
) -> None:
    titles = [str(number) for number in range(8)]
    async with sessions() as session, session.begin():
        for number, title in enumerate(titles):
            key = None if number % 3 else f"key-{number}"
            await notify(session, "system", to="ada", title=title, collapse_key=key)
    assert await ada.titles() == titles[::-1]


async def test_events_that_collapse_in_one_transaction_leave_the_last(
    sessions: async_sessionmaker[AsyncSession], ada: Person
) -> None:
    async with sessions() as session, session.begin():
        await notify(session, "system", to="ada", title="Packed", collapse_key="order-17")
        sent = await notify(session, "system", to="ada", title="Shipped", collapse_key="order-17")
    assert await ada.titles() == ["Shipped"]
    assert await ada.counts() == (1, 1, 1)
    assert (await ada.client.get("/notifications")).json()["notifications"][0]["event_id"] == str(sent.id)


async def test_the_doorbell_rings_after_the_commit_and_once(
    sessions: async_sessionmaker[AsyncSession], ada: Person, bell: Bell
) -> None:
    async with sessions() as session:
        await notify(session, "system", to="ada", title="one")
        await notify(session, "system", to="ada", title="two")
        await write_pending(session)
        assert bell.rings == []
        await session.commit()
    assert bell.rings == [Ring(ada.id, 1, 2)]


async def test_a_rollback_rings_nothing(sessions: async_sessionmaker[AsyncSession], ada: Person, bell: Bell) -> None:
    async with sessions() as session:
        await notify(session, "system", to="ada", title="one")
        await write_pending(session)
        await session.rollback()
        await session.commit()
    assert bell.rings == []


async def test_who_has_the_channel_off_hears_no_bell(
    sessions: async_sessionmaker[AsyncSession], ada: Person, bell: Bell
) -> None:
    await ada.client.patch("/notifications/preferences/me", json={"in_app_enabled": False})
    async with sessions() as session, session.begin():
        sent = await notify(session, "system", to="ada", title="one")
    assert (sent.accepted, bell.rings) == (1, [])


async def test_a_session_can_be_used_for_one_transaction_after_another(
    sessions: async_sessionmaker[AsyncSession], ada: Person
) -> None:
    async with sessions() as session:
        for title in ("one", "two"):
            await notify(session, "system", to="ada", title=title)
            await session.commit()
    assert await ada.counts() == (2, 2, 2)


@pytest.mark.parametrize(
    ("event", "error"),
    [
        ({"type": "nonsense", "to": "ada", "title": "x"}, UnknownType),
        ({"type": "system", "to": "ghost", "title": "x"}, UnknownRecipient),
        ({"type": "system", "to": UUID(int=7), "title": "x"}, UnknownRecipient),
        ({"type": "system", "to": "ada"}, TextMissing),
    ],
)
async def test_a_refused_event_leaves_the_transaction_usable(
    sessions: async_sessionmaker[AsyncSession], ada: Person, event: dict[str, Any], error: type[Exception]
) -> None:
    async with sessions() as session, session.begin():
        with pytest.raises(error):
            await notify(session, **event)
        session.add(Order(number=17))
    assert (await orders(sessions), await ada.titles()) == (1, [])


async def test_a_field_that_does_not_exist_is_refused(sessions: async_sessionmaker[AsyncSession], ada: Person) -> None:
    async with sessions() as session:
        with pytest.raises(TypeError):
            await notify(session, "system", to="ada", title="x", colour="red")


@pytest.mark.parametrize(
    "said",
    [
        {"title": "a\0b"},
        {"dedupe_key": "a\0b"},
        {"data": {"deep": [{"na\0me": 1}]}},
        {"data": {"deep": ["a\0b"]}},
        {"to": ["ada", "a\0b"]},
        {"to": Somebody("ada", name="A\0da")},
    ],
)
async def test_text_that_no_database_keeps_is_refused(
    sessions: async_sessionmaker[AsyncSession], ada: Person, tidings: Tidings, said: dict[str, Any]
) -> None:
    async with sessions() as session, session.begin():
        session.add(Order(number=17))
        with pytest.raises(InvalidCharacter):
            await notify(session, "system", **{"to": "ada", "title": "News"} | said)
    assert (await orders(sessions), (await stored(tidings)).events) == (1, 0)
