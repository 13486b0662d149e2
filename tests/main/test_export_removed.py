"""An export that its owner no longer wants: gone at once, also while it is made."""

from sqlalchemy import func, select

from tests.main.test_export import EXPORT, count, export_of, exported, no_point_of_no_return
from tests.world import Person
from tidings.accounts.audit.models import AuditEntry
from tidings.accounts.audit.types import AuditAction
from tidings.accounts.exports.models import Export, ExportPart
from tidings.accounts.exports.sending import ExportSender
from tidings.accounts.exports.types import Step


async def test_one_that_is_being_made_ends_and_leaves_nothing(ada: Person) -> None:
    await ada.client.post(EXPORT)
    tidings = ada.world.tidings
    sender = ExportSender(tidings.database, tidings.keyring, tidings.clock)
    begun = await export_of(ada)
    await sender.send(Step(ada.id, begun.id, begun.position), handing_over=no_point_of_no_return)
    assert await count(tidings.database, ExportPart) == 1
    assert (await ada.client.delete(EXPORT)).status_code == 204
    await sender.send(Step(ada.id, begun.id, begun.position + 1), handing_over=no_point_of_no_return)
    assert [await count(tidings.database, table) for table in (Export, ExportPart)] == [0, 0]
    assert (await ada.client.get(EXPORT)).json()["code"] == "export_not_found"


async def test_a_finished_one_can_no_longer_be_downloaded_and_it_is_on_record_once(ada: Person) -> None:
    await exported(ada)
    for _ in range(2):
        assert (await ada.client.delete(EXPORT)).status_code == 204
    assert (await ada.client.get(f"{EXPORT}/download")).status_code == 404
    async with ada.world.tidings.database.read() as session:
        removed = select(func.count()).where(AuditEntry.action == AuditAction.EXPORT_REMOVED)
        assert await session.scalar(removed) == 1
