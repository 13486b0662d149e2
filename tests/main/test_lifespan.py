"""What runs as long as a Tidings lives in an app: a worker and the recurring tasks, beside the hub."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from tests.channels.email.ordinary import ordinary
from tests.channels.email.peer import STALL, hostile
from tests.main.conftest import MakeNode
from tests.main.post import DEAF, DOOR_CODE, alert, deliveries, kept, states, until_states
from tests.waiting import until
from tests.world import Person, World
from tidings.outbox.recurring import RunOutcome, last_and_next
from tidings.outbox.types import DeliveryState
from tidings.outbox.worker import WorkerLimits
from tidings.outbox.writing import NewDelivery, enqueue

SHORT = replace(WorkerLimits(), drain_s=0.05)
SENT, SCHEDULED = DeliveryState.SENT, DeliveryState.SCHEDULED


async def test_what_is_due_is_sent_while_the_app_runs(world: World, ada: Person, tmp_path: Path) -> None:
    async with world.tidings.lifespan():
        await alert(world.tidings, ada)
        await until_states(world.tidings, SENT)
    assert kept(tmp_path) == 1


async def test_mail_goes_to_the_server_that_is_set(make_node: MakeNode, ada: Person, tmp_path: Path) -> None:
    async with ordinary() as server:
        node = make_node(smtp_url=f"smtp://{server.authority}?tls=off", mail_from="News <news@example.org>")
        async with node.lifespan():
            await alert(node, ada)
            await until_states(node, SENT)
    assert [(mail.sender, mail.recipients) for mail in server.mails] == [("news@example.org", ["ada@example.org"])]
    assert [delivery.provider for delivery in await deliveries(node)] == ["localhost"]
    assert kept(tmp_path) == 0


async def test_a_host_may_leave_it_to_a_worker_apart(world: World, make_node: MakeNode, ada: Person) -> None:
    async with ordinary() as hosts, ordinary() as workers:
        host = make_node(worker=False, smtp_url=f"smtp://{hosts.authority}?tls=off")
        apart = make_node(smtp_url=f"smtp://{workers.authority}?tls=off")
        async with host.lifespan():
            await alert(host, ada)
            async with apart.work():
                await until_states(host, SENT)
    assert (len(hosts.mails), len(workers.mails)) == (0, 1)


async def test_another_process_hears_that_something_is_due(make_node: MakeNode, ada: Person) -> None:
    here, there = make_node(worker=False), make_node()
    there.worker_limits = DEAF
    async with here.lifespan(), there.work():
        for number in range(1, 4):
            await alert(here, ada)
            await until_states(here, *[SENT] * number)


async def test_what_cannot_be_sent_before_the_end_is_given_back_uncharged(make_node: MakeNode, ada: Person) -> None:
    async with hostile({"RCPT": STALL}) as server:
        node = make_node(smtp_url=server.url)
        node.worker_limits = SHORT
        async with node.lifespan():
            await alert(node, ada)
            await server.until("RCPT")
    (delivery,) = await deliveries(node)
    assert (delivery.state, delivery.attempt, delivery.lease_token) == (SCHEDULED, 0, None)


async def test_what_may_have_been_sent_before_the_end_is_sent_again_unless_that_is_forbidden(
    make_node: MakeNode, ada: Person
) -> None:
    async with hostile({"dot": STALL}) as server:
        node = make_node(smtp_url=server.url)
        node.worker_limits = SHORT
        async with node.lifespan():
            await alert(node, ada)
            await alert(node, ada, type=DOOR_CODE.key)

            async def are_both_there() -> bool:
                return len(server.mails) == 2

            await until(are_both_there)
    again, once = await deliveries(node)
    assert (again.state, again.attempt, again.lease_token) == (SCHEDULED, 1, None)
    assert (once.state, once.attempt, once.lease_token) == (DeliveryState.UNKNOWN, 1, None)


async def test_a_drained_app_claims_nothing_more_and_may_live_again(world: World, ada: Person, tmp_path: Path) -> None:
    tidings = world.tidings
    async with tidings.lifespan():
        await tidings.drain()
        assert (await world.client(follow_redirects=True).get("http://testserver/readyz")).status_code == 503
        await alert(tidings, ada)
    assert await states(tidings) == [SCHEDULED]
    async with tidings.lifespan():
        assert (await world.client().get("http://testserver/readyz")).status_code == 200
        await until_states(tidings, SENT)
    assert kept(tmp_path) == 1


async def test_a_delivery_of_a_kind_nobody_here_knows_is_left_for_another(world: World, ada: Person) -> None:
    now = world.clock.now()
    strange = NewDelivery(
        user_id=ada.id, kind="of a newer release", channel="email", key="1", due_at=now, created_at=now
    )
    async with world.tidings.database.write() as session:
        await (await session.connection()).run_sync(enqueue, [strange])
    async with world.tidings.lifespan():
        await alert(world.tidings, ada)
        await until_states(world.tidings, SCHEDULED, SENT)
    assert (await deliveries(world.tidings))[0].attempt == 0


async def test_the_end_of_a_snooze_comes_by_itself(world: World, ada: Person) -> None:
    entry = await ada.receives("system")
    until_then = world.clock.now() + timedelta(hours=1)
    await ada.does("snooze", entry["id"], until=until_then.isoformat())
    async with world.tidings.lifespan():
        world.clock.advance(hours=1)

        async def is_back() -> bool:
            return (await ada.sees(entry["id"]))["snoozed_until"] is None

        await until(is_back)


async def test_every_recurring_task_has_a_last_and_a_next_run(world: World) -> None:
    tidings = world.tidings

    async def are_all_noted() -> bool:
        async with tidings.database.read() as session:
            found = await last_and_next(session, tidings.tasks, now=world.clock.now())
        has_nothing_to_do = {"sweep", "link_audit_log", "settle_sign_ups"}
        runs = [status.last for status in found if status.task not in has_nothing_to_do]
        return all(run is not None and run.outcome == RunOutcome.NOTED for run in runs)

    async with tidings.lifespan():
        await until(are_all_noted)
    assert tidings.app.state.tasks is tidings.tasks
