"""People see where they are signed in and end it; administrators can for everybody; nobody else for anybody."""

from typing import Any
from uuid import UUID, uuid4

import httpx

from tests.accounts.signing_in import API, ME, log_in, noted
from tests.accounts.world import World, code
from tests.clock import StoppedClock
from tidings.accounts.audit.types import AuditAction
from tidings.accounts.models import User

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0"
PHONE = "Mozilla/5.0 (Linux; Android 16; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"


async def sessions(client: httpx.AsyncClient, path: str = f"{ME}/sessions") -> list[dict[str, Any]]:
    answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["sessions"]
    return found


async def test_row_28_one_sees_where_one_is_signed_in(world: World, ada: User, clock: StoppedClock) -> None:
    async with world.client() as phone, world.client() as laptop:
        phone.headers["User-Agent"], laptop.headers["User-Agent"] = PHONE, FIREFOX
        await log_in(phone)
        clock.advance(hours=1)
        await log_in(laptop)
        seen = await sessions(laptop)
    assert [(each["device"], each["browser"], each["is_current"]) for each in seen] == [
        ("Linux", "Firefox 150", True),
        ("Pixel 9", "Chrome 140", False),
    ]
    assert {each["kind"] for each in seen} == {"browser"}
    assert seen[0]["ip"] == "127.0.0.1"
    assert seen[1]["created_at"] < seen[0]["created_at"]
    assert not any("token" in field or "digest" in field for field in seen[0])


async def test_row_28_one_ends_another_session_of_ones_own(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as here, await world.browser_of(ada) as there:
        other = next(each["id"] for each in await sessions(here) if not each["is_current"])
        assert (await here.delete(f"{ME}/sessions/{other}")).status_code == 204
        assert code(await there.get(ME)) == (401, "not_authenticated")
        assert len(await sessions(here)) == 1
        assert code(await here.delete(f"{ME}/sessions/{other}")) == (404, "session_not_found")
    assert [(event.user_id, event.session_ids) for event in world.ended] == [(ada.id, (UUID(other),))]
    assert await noted(world, AuditAction.SESSION_ENDED) == [{"sessions": 1}]


async def test_row_28_one_ends_all_others_at_once(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as here, await world.browser_of(ada) as there:
        tokens = await world.tokens_of(ada)
        assert (await here.delete(f"{ME}/sessions")).status_code == 204
        assert code(await there.get(ME)) == (401, "not_authenticated")
        assert [each["is_current"] for each in await sessions(here)] == [True]
    async with world.client(bearer=tokens.access_token) as app:
        assert code(await app.get(ME)) == (401, "not_authenticated")


async def test_row_28_anothers_session_is_as_absent(world: World, ada: User, grace: User) -> None:
    async with await world.browser_of(ada) as adas, await world.browser_of(grace) as graces:
        foreign = (await sessions(graces))[0]["id"]
        absent = await adas.delete(f"{ME}/sessions/{uuid4()}")
        refused = await adas.delete(f"{ME}/sessions/{foreign}")
        assert code(refused) == code(absent) == (404, "session_not_found")
        assert (await graces.get(ME)).status_code == 200


async def test_row_28_an_administrator_sees_and_ends_them(world: World, ada: User, grace: User) -> None:
    path = f"{API}/users/{ada.id}/sessions"
    async with (
        await world.browser_of(grace) as admin,
        await world.browser_of(ada) as first,
        await world.browser_of(ada) as second,
    ):
        seen = await sessions(admin, path)
        assert [each["is_current"] for each in seen] == [False, False]
        assert (await admin.delete(f"{path}/{seen[0]['id']}")).status_code == 204
        assert len(await sessions(admin, path)) == 1
        assert (await admin.delete(path)).status_code == 204
        assert await sessions(admin, path) == []
        for browser in (first, second):
            assert code(await browser.get(ME)) == (401, "not_authenticated")
        for gone in (path, f"{path}/{seen[0]['id']}"):
            absent = gone.replace(str(ada.id), str(uuid4()))
            assert code(await admin.delete(absent)) == (404, "user_not_found")
        assert code(await admin.delete(f"{path}/{uuid4()}")) == (404, "session_not_found")


async def test_row_28_nobody_else_sees_or_ends_them(world: World, ada: User, grace: User) -> None:
    path = f"{API}/users/{grace.id}/sessions"
    async with await world.browser_of(ada) as browser:
        assert code(await browser.get(path)) == (403, "forbidden")
        assert code(await browser.delete(path)) == (403, "forbidden")
