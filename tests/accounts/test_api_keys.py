"""API keys: never more than their maker may do now."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import combinations

import pytest
from sqlalchemy import event, select, update

from tests.accounts.world import World, code
from tests.clock import StoppedClock
from tests.locking import lock_of
from tidings.accounts.errors import ScopeNotAllowed
from tidings.accounts.keys import check_scopes
from tidings.accounts.models import ApiKey, User
from tidings.accounts.types import AccessType, AccountState, Scope

KEYS = "/api/v1/api-keys"
EVERY_SET = [set(chosen) for size in (1, 2, 7) for chosen in combinations(Scope, size)]


async def test_a_key_is_shown_once(world: World, grace: User) -> None:
    async with await world.browser_of(grace) as browser:
        made = await browser.post(KEYS, json={"name": "ci", "scopes": ["users:read"]})
        listed = (await browser.get(KEYS)).json()["api_keys"]
    assert made.status_code == 201
    key = made.json()["key"]
    assert key.startswith("tdk_")
    assert listed == [{name: value for name, value in made.json().items() if name != "key"}]
    async with world.database.read() as session:
        rows = await (await session.connection()).exec_driver_sql("SELECT * FROM tidings_api_keys")
        assert key not in str(rows.all())


async def test_a_key_acts_within_its_scopes(world: World, ada: User) -> None:
    async with world.client(bearer=await world.key(Scope.USERS_READ)) as server:
        assert (await server.get(f"/api/v1/users/{ada.id}")).status_code == 200
        refused = await server.post(f"/api/v1/users/{ada.id}/suspend")
        assert code(refused) == (403, "insufficient_scope")


async def test_the_scope_admin_includes_all(world: World, ada: User) -> None:
    async with world.client(bearer=await world.key(Scope.ADMIN)) as server:
        assert (await server.get(f"/api/v1/users/{ada.id}")).status_code == 200
        assert (await server.put("/api/v1/users/by-external-id/x", json={})).status_code == 201


@pytest.mark.parametrize("scopes", EVERY_SET, ids=lambda scopes: "+".join(sorted(scopes)))
def test_a_regular_person_may_grant_reading_their_inbox_alone(scopes: set[Scope]) -> None:
    check_scopes(sorted(scopes), AccessType.ADMIN)
    if scopes != {Scope.NOTIFICATIONS_READ}:
        with pytest.raises(ScopeNotAllowed):
            check_scopes(sorted(scopes), AccessType.REGULAR)


async def test_a_key_beyond_its_makers_rights_is_not_made(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser:
        refused = await browser.post(KEYS, json={"name": "x", "scopes": ["notifications:read", "admin"]})
        assert code(refused) == (403, "scope_not_allowed")
        made = await browser.post(KEYS, json={"name": "x", "scopes": ["notifications:read"]})
        assert made.status_code == 201


async def test_a_maker_who_is_no_administrator_any_more_takes_the_rights_along(
    world: World, ada: User, grace: User
) -> None:
    key = await world.key(Scope.ADMIN, Scope.USERS_READ, owner=grace)
    async with world.client(bearer=key) as server:
        assert (await server.get(f"/api/v1/users/{ada.id}")).status_code == 200
        async with world.database.write() as session:
            await session.execute(update(User).where(User.id == grace.id).values(access_type=AccessType.REGULAR))
        assert code(await server.get(f"/api/v1/users/{ada.id}")) == (403, "insufficient_scope")


@pytest.mark.parametrize("state", [state for state in AccountState if state is not AccountState.ACTIVE])
async def test_a_maker_who_may_not_act_has_no_keys(world: World, state: AccountState) -> None:
    maker = await world.add("eve", state=state, admin=True)
    async with world.client(bearer=await world.key(Scope.ADMIN, owner=maker)) as server:
        assert code(await server.get("/api/v1/users")) == (401, "not_authenticated")


async def test_a_key_goes_with_its_maker(world: World, ada: User, grace: User) -> None:
    key = await world.key(Scope.NOTIFICATIONS_READ, owner=ada)
    async with await world.browser_of(grace) as browser:
        await browser.delete(f"/api/v1/users/{ada.id}")
    async with world.client(bearer=key) as server:
        assert code(await server.get("/api/v1/users")) == (401, "not_authenticated")


async def test_an_expired_key_is_refused(world: World, clock: StoppedClock) -> None:
    key = await world.key(Scope.USERS_READ, expires_at=clock.now() + timedelta(days=1))
    async with world.client(bearer=key) as server:
        assert (await server.get("/api/v1/users")).status_code == 200
        clock.advance(days=1)
        assert code(await server.get("/api/v1/users")) == (401, "not_authenticated")


async def test_a_revoked_key_is_refused(world: World, grace: User) -> None:
    async with await world.browser_of(grace) as browser:
        made = (await browser.post(KEYS, json={"name": "x", "scopes": ["users:read"]})).json()
        assert (await browser.delete(f"{KEYS}/{made['id']}")).status_code == 204
        assert (await browser.get(KEYS)).json()["api_keys"] == []
        assert code(await browser.delete(f"{KEYS}/{made['id']}")) == (404, "api_key_not_found")
    async with world.client(bearer=made["key"]) as server:
        assert code(await server.get("/api/v1/users")) == (401, "not_authenticated")


async def test_anothers_key_is_as_if_absent(world: World, ada: User, grace: User) -> None:
    async with await world.browser_of(grace) as browser:
        made = (await browser.post(KEYS, json={"name": "x", "scopes": ["users:read"]})).json()
    async with await world.browser_of(ada) as other:
        assert (await other.get(KEYS)).json()["api_keys"] == []
        foreign, absent = await other.delete(f"{KEYS}/{made['id']}"), await other.delete(f"{KEYS}/{ada.id}")
    assert code(foreign) == code(absent) == (404, "api_key_not_found")


async def test_an_administrator_sees_and_revokes_everybodys(world: World, ada: User, grace: User) -> None:
    await world.key(Scope.NOTIFICATIONS_READ, owner=ada)
    await world.key(Scope.ADMIN)
    async with await world.browser_of(grace) as browser:
        listed = (await browser.get(KEYS)).json()["api_keys"]
        assert {key["owner_user_id"] for key in listed} == {str(ada.id), None}
        for key in listed:
            assert (await browser.delete(f"{KEYS}/{key['id']}")).status_code == 204


async def test_a_part_of_everybodys_keys_costs_that_part_however_many_there_are(
    world: World, ada: User, grace: User
) -> None:
    for number in range(12):
        await world.key(Scope.NOTIFICATIONS_READ, owner=(ada, None)[number % 2])
    seen, url = [], f"{KEYS}?page_size=5"
    async with await world.browser_of(grace) as browser:
        while url:
            with counting_reads(ApiKey) as reads:
                answer = await browser.get(url)
            assert len(reads) <= 6  # and one that shows whether there is more
            seen += [key["id"] for key in answer.json()["api_keys"]]
            assert seen == sorted(set(seen))
            url = answer.links.get("next", {}).get("url", "")
    assert len(seen) == 12


async def test_a_cursor_of_another_list_of_keys_is_refused(world: World, ada: User, grace: User) -> None:
    for owner in (ada, ada, grace):
        await world.key(Scope.NOTIFICATIONS_READ, owner=owner)
    async with await world.browser_of(grace) as browser, await world.browser_of(ada) as other:
        cursor = (await browser.get(f"{KEYS}?page_size=1")).json()["next_cursor"]
        assert code(await other.get(KEYS, params={"cursor": cursor})) == (422, "invalid_cursor")


@contextmanager
def counting_reads(model: type[ApiKey]) -> Iterator[list[object]]:
    """Every row of this table that is read meanwhile."""
    rows: list[object] = []

    def note(row: object, _context: object) -> None:
        rows.append(row)

    event.listen(model, "load", note)
    try:
        yield rows
    finally:
        event.remove(model, "load", note)


async def test_a_key_makes_no_keys(world: World) -> None:
    async with world.client(bearer=await world.key(Scope.ADMIN)) as server:
        assert code(await server.post(KEYS, json={"name": "x", "scopes": ["admin"]})) == (403, "forbidden")
    async with world.client(bearer=await world.key(Scope.USERS_READ)) as server:
        assert code(await server.get(KEYS)) == (403, "insufficient_scope")


@pytest.mark.parametrize(
    "body",
    [
        {"name": "x", "scopes": []},
        {"name": "x", "scopes": ["everything"]},
        {"name": "", "scopes": ["admin"]},
        {"name": "x", "scopes": ["admin"], "owner_user_id": None},
        {"name": "x", "scopes": ["admin"], "expires_at": "2026-04-01T00:00:00"},
        {"name": "x", "scopes": ["admin"], "expires_at": "2026-01-01T00:00:00Z"},
    ],
)
async def test_a_key_of_another_shape_is_refused(world: World, grace: User, body: dict[str, object]) -> None:
    async with await world.browser_of(grace) as browser:
        assert code(await browser.post(KEYS, json=body)) == (422, "invalid_request")


async def test_use_is_noted_at_most_every_five_minutes(world: World, clock: StoppedClock) -> None:
    async with world.client(bearer=await world.key(Scope.USERS_READ)) as server:
        await server.get("/api/v1/users")
        first = clock.now()
        clock.advance(minutes=4)
        await server.get("/api/v1/users")
        assert await noted_use(world) == first
        clock.advance(minutes=1)
        await server.get("/api/v1/users")
        assert await noted_use(world) == clock.now()


async def test_an_answer_does_not_hang_on_its_use_being_noted(world: World) -> None:
    async with world.client(bearer=await world.key(Scope.USERS_READ)) as server:
        with lock_of(world.database) as lock:
            lock.is_held = True
            assert (await server.get("/api/v1/users")).status_code == 200
        assert (lock.refused, await noted_use(world)) == (1, None)
        await server.get("/api/v1/users")
        assert await noted_use(world) is not None


async def noted_use(world: World) -> datetime | None:
    async with world.database.read() as session:
        return await session.scalar(select(ApiKey.last_used_at))
