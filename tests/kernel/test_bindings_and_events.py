"""What the composition root ties to an engine, and how a lower package speaks upward."""

from dataclasses import dataclass

import pytest
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from tidings.kernel.bindings import NotConnected, bind, bound
from tidings.kernel.events import Events, publish


@dataclass(frozen=True)
class Weather:
    """Something to bind, or to tell."""

    sky: str


def other_engine() -> async_sessionmaker[AsyncSession]:
    return async_sessionmaker(create_async_engine("sqlite+aiosqlite://"))


async def test_a_value_is_found_from_every_session_of_its_engine() -> None:
    engine = create_async_engine("sqlite+aiosqlite://")
    bind(engine, Weather("blue"))
    async with async_sessionmaker(engine)() as session:
        assert bound(session, Weather) == bound(session.sync_session, Weather) == Weather("blue")
        await session.connection(execution_options={"isolation_level": "AUTOCOMMIT"})
        assert bound(session, Weather) == Weather("blue")
    await engine.dispose()
    async with AsyncSession(engine) as session:
        assert bound(session, Weather) == Weather("blue")


async def test_the_last_value_counts() -> None:
    engine = create_async_engine("sqlite+aiosqlite://")
    for sky in ("blue", "grey"):
        bind(engine, Weather(sky))
    async with AsyncSession(engine) as session:
        assert bound(session, Weather) == Weather("grey")


async def test_an_engine_that_was_never_connected_says_what_to_do() -> None:
    async with other_engine()() as session:
        with pytest.raises(NotConnected, match=r"Tidings\(database=engine\)"):
            bound(session, Weather)


async def test_everybody_hears_an_event_in_the_order_they_subscribed() -> None:
    engine = create_async_engine("sqlite+aiosqlite://")
    heard: list[tuple[str, Weather, AsyncSession]] = []
    events = Events()

    async def first(session: AsyncSession, event: Weather) -> None:
        heard.append(("first", event, session))

    async def second(session: AsyncSession, event: Weather) -> None:
        heard.append(("second", event, session))

    events.subscribe(Weather, first)
    events.subscribe(Weather, second)
    bind(engine, events)
    async with AsyncSession(engine) as session:
        await publish(session, Weather("blue"))
        await publish(session, "what nobody subscribed to")
        assert heard == [("first", Weather("blue"), session), ("second", Weather("blue"), session)]


async def test_an_error_of_a_hearer_reaches_the_speaker() -> None:
    engine = create_async_engine("sqlite+aiosqlite://")
    events = Events()

    async def fail(_session: AsyncSession, _event: Weather) -> None:
        raise RuntimeError

    events.subscribe(Weather, fail)
    bind(engine, events)
    async with AsyncSession(engine) as session:
        with pytest.raises(RuntimeError):
            await publish(session, Weather("grey"))
