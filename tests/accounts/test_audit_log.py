"""The audit log as administrators read it."""

from uuid import uuid4

import pytest

from tests.accounts.world import World, code
from tidings.accounts.audit.recording import record
from tidings.accounts.audit.types import Actor, ActorKind, AuditAction
from tidings.accounts.models import User


async def acts(world: World, who: User, action: AuditAction, *, times: int = 1) -> None:
    for _ in range(times):
        async with world.database.write() as session:
            by = Actor(kind=ActorKind.USER, id=who.id, ip="192.0.2.1")
            await record(session, action, by=by, now=world.clock.now(), target_id=who.id, detail={"changed": ["city"]})


async def test_an_entry_says_who_did_what_to_whom_from_where(world: World, ada: User, grace: User) -> None:
    await acts(world, ada, AuditAction.ACCOUNT_CHANGED)
    async with await world.browser_of(grace) as browser:
        (entry,) = (await browser.get("/api/v1/audit-log?action=account.changed")).json()["entries"]
    assert {name: entry[name] for name in entry if name not in {"id", "at"}} == {
        "action": "account.changed",
        "actor_kind": "user",
        "actor_id": str(ada.id),
        "target_id": str(ada.id),
        "ip": "192.0.2.1",
        "detail": {"changed": ["city"]},
    }


async def test_a_list_pages_from_the_newest_and_repeats_nothing_while_entries_arrive(
    world: World, ada: User, grace: User
) -> None:
    await acts(world, ada, AuditAction.ACCOUNT_CHANGED, times=5)
    seen: list[str] = []
    asked = {"actor": str(ada.id), "page_size": "2"}
    async with await world.browser_of(grace) as browser:
        page = (await browser.get("/api/v1/audit-log", params=asked)).json()
        while page["next_cursor"]:
            seen += [entry["id"] for entry in page["entries"]]
            await acts(world, ada, AuditAction.ACCOUNT_CHANGED)
            page = (await browser.get("/api/v1/audit-log", params={**asked, "cursor": page["next_cursor"]})).json()
        seen += [entry["id"] for entry in page["entries"]]
    assert len(seen) == len(set(seen)) == 5
    assert seen == sorted(seen, reverse=True)


async def test_a_page_links_to_the_next(world: World, ada: User, grace: User) -> None:
    await acts(world, ada, AuditAction.ACCOUNT_CHANGED, times=2)
    async with await world.browser_of(grace) as browser:
        first = await browser.get(f"/api/v1/audit-log?actor={ada.id}&page_size=1")
        address, _, relation = first.headers["Link"].partition("; ")
        assert relation == 'rel="next"'
        second = await browser.get(address.strip("<>"))
    assert second.json()["entries"][0]["id"] < first.json()["entries"][0]["id"]


async def test_entries_are_found_by_actor_and_by_action(world: World, ada: User, grace: User) -> None:
    await acts(world, ada, AuditAction.ACCOUNT_CHANGED)
    await acts(world, grace, AuditAction.ACCOUNT_CHANGED)
    async with await world.browser_of(grace) as browser:
        by_ada = (await browser.get(f"/api/v1/audit-log?actor={ada.id}")).json()["entries"]
        none = (await browser.get(f"/api/v1/audit-log?actor={uuid4()}")).json()
        odd = await browser.get("/api/v1/audit-log?action=account.painted")
    assert {entry["actor_id"] for entry in by_ada} == {str(ada.id)}
    assert none == {"entries": [], "next_cursor": None}
    assert code(odd) == (422, "invalid_request")


async def test_a_cursor_of_another_list_is_refused(world: World, ada: User, grace: User) -> None:
    await acts(world, ada, AuditAction.ACCOUNT_CHANGED, times=2)
    async with await world.browser_of(grace) as browser:
        page = (await browser.get(f"/api/v1/audit-log?actor={ada.id}&page_size=1")).json()
        refused = await browser.get(f"/api/v1/audit-log?cursor={page['next_cursor']}")
    assert code(refused) == (422, "invalid_cursor")


async def test_only_administrators_read_it(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser, world.client() as nobody:
        assert code(await browser.get("/api/v1/audit-log")) == (403, "forbidden")
        assert code(await nobody.get("/api/v1/audit-log")) == (401, "not_authenticated")


@pytest.mark.parametrize("action", list(AuditAction))
def test_an_action_fits_its_column(action: AuditAction) -> None:
    assert len(action) <= 32
