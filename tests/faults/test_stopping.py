"""Programs told to stop while a mail is under way: they finish it, say goodbye, and leave nothing behind."""

from tests.devices import WebSocketDevice, tokens_of
from tests.faults.office import ONCE, RESEND, Office
from tests.server import program
from tidings.outbox.types import DeliveryState

SENT, SCHEDULED = DeliveryState.SENT, DeliveryState.SCHEDULED


async def test_a_server_told_to_stop_says_goodbye_and_finishes_the_mail_under_way(office: Office) -> None:
    ada = await office.world.make_person("ada")
    access_token = (await tokens_of(ada)).access_token
    office.sink.stop("final dot")
    with program(office.data_dir, office.settings | {"smtp_url": office.sink.url}) as server:
        await server.ready()
        phone = await WebSocketDevice.open(server.url, {}, {"token": access_token})
        await phone.next()
        await ada.receives(ONCE.key)
        await office.sink.until_reached("final dot", 1)
        server.stop()
        assert await phone.ended() == 1012
        assert phone.passed[-1]["type"] == "goodbye"
        await ada.receives(RESEND.key)
        office.sink.go_on()
        assert await server.exit_code() == 0, server.printed()
    assert len(office.sink.copies) == 1
    assert [delivery.state for delivery in await office.deliveries()] == [SENT, SCHEDULED]
    assert "Traceback" not in server.printed()


async def test_a_worker_told_to_stop_finishes_the_mail_under_way(office: Office) -> None:
    ada = await office.world.make_person("ada")
    office.sink.stop("final dot")
    worker = office.hires("worker")
    await ada.receives(ONCE.key)
    await office.sink.until_reached("final dot", 1)
    worker.stop()
    await ada.receives(RESEND.key)
    office.sink.go_on()
    assert await worker.exit_code() == 0, worker.printed()
    assert len(office.sink.copies) == 1
    assert [delivery.state for delivery in await office.deliveries()] == [SENT, SCHEDULED]
    assert "Traceback" not in worker.printed()


async def test_a_server_without_a_worker_leaves_everything_to_workers(office: Office) -> None:
    people = [await office.world.make_person(name) for name in ("ada", "bea", "cleo")]
    settings = office.settings | {"smtp_url": office.sink.url, "mail_from": "server@example.org"}
    with program(office.data_dir, settings, "--no-worker") as server:
        await server.ready()
        for person in people:
            await person.receives(RESEND.key)
        office.hires("worker")
        await office.until_over()
    assert [copy.worker for copy in office.sink.copies] == ["worker"] * 3
