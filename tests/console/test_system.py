"""The system at a glance: what waits, what runs by itself, where mail goes."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from tests.clock import StoppedClock
from tests.console.conftest import Sending
from tests.console.office import DEAD
from tests.world import Person, World
from tidings import Tidings, __version__
from tidings.outbox.recurring import RecurringTask, run_due
from tidings.outbox.schedules import Every
from tidings.outbox.types import DeliveryState
from tidings.settings import Settings


async def status(operator: Person) -> dict[str, Any]:
    answer = await operator.client.get("/system")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_it_names_the_version_and_the_database(engine: AsyncEngine, grace: Person) -> None:
    found = await status(grace)
    assert found["version"] == __version__
    assert found["database"]["kind"] == engine.dialect.name
    assert found["database"]["version"][0].isdigit()


async def test_it_says_what_waits_and_what_needs_somebody(
    world: World, ada: Person, grace: Person, send: Sending
) -> None:
    since = world.clock.now() - timedelta(minutes=5)
    await send(ada, due_at=since)
    await send(ada, due_at=world.clock.now() + timedelta(hours=1))
    await send(ada, record=DEAD)
    await send(ada, record={"state": DeliveryState.UNKNOWN})
    found = await status(grace)
    (lane,) = found["queue"]
    assert (lane["kind"], lane["channel"], lane["due"], lane["later"], lane["held"]) == (
        "notification",
        "email",
        1,
        1,
        0,
    )
    assert datetime.fromisoformat(lane["oldest_due_at"]) == since
    assert (found["dead"], found["unknown"]) == (1, 1)


async def test_it_shows_the_last_and_the_next_run_of_each_task(
    tidings: Tidings, world: World, clock: StoppedClock, grace: Person
) -> None:
    async def work(_fire_at: datetime) -> str:
        return "removed 3"

    hourly = Every(timedelta(hours=1))
    ran, never = RecurringTask("purge", hourly, work), RecurringTask("digest", hourly, work)
    for _ in range(2):  # the first fire ever seen of a task is only noted
        await run_due(tidings.database, clock, [ran])
        clock.advance(hours=1)
    tidings.app.state.tasks = (ran, never)
    purge, digest = (await status(grace))["tasks"]
    assert (purge["task"], purge["outcome"], purge["detail"]) == ("purge", "done", "removed 3")
    assert datetime.fromisoformat(purge["last_run_at"]) == clock.now() - timedelta(hours=1)
    assert datetime.fromisoformat(purge["next_run_at"]) == clock.now() + timedelta(minutes=30)
    assert (digest["task"], digest["last_run_at"], digest["outcome"]) == ("digest", None, None)


async def test_without_a_mail_server_it_names_the_mailbox(world: World, grace: Person) -> None:
    found = await status(grace)
    assert found["mail"] == {"kind": "mailbox", "detail": str(world.tidings.settings.data_dir / "mails")}


async def test_with_a_mail_server_it_names_the_server_and_no_secret(
    engine: AsyncEngine, settings: Settings, clock: StoppedClock, grace: Person
) -> None:
    changed = settings.model_copy(update={"smtp_url": "smtp://tidings:planted-secret@mail.example.org:2525"})
    other = World(Tidings(engine, settings=changed, clock=clock), clock)
    operator = other.client(cookies=dict(grace.client.cookies))
    answer = await operator.get("/system")
    await other.close()
    assert answer.json()["mail"] == {"kind": "smtp", "detail": "mail.example.org:2525"}
    assert "planted-secret" not in answer.text
