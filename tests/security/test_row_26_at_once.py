"""What takes somebody's access away bites on their next request, and says so to whoever keeps streams open."""

from collections.abc import Awaitable, Callable

import httpx
import pytest

from tests.accounts.signing_in import API, ME
from tests.accounts.world import World, code
from tidings.accounts.models import User

Ending = Callable[[httpx.AsyncClient, User], Awaitable[httpx.Response]]


async def revoke(admin: httpx.AsyncClient, user: User) -> httpx.Response:
    return await admin.delete(f"{API}/users/{user.id}/sessions")


async def suspend(admin: httpx.AsyncClient, user: User) -> httpx.Response:
    return await admin.post(f"{API}/users/{user.id}/suspend")


async def delete(admin: httpx.AsyncClient, user: User) -> httpx.Response:
    return await admin.delete(f"{API}/users/{user.id}")


async def change_role(admin: httpx.AsyncClient, user: User) -> httpx.Response:
    return await admin.patch(f"{API}/users/{user.id}", json={"access_type": "admin"})


@pytest.mark.parametrize("ending", [revoke, suspend, delete, change_role])
async def test_row_26_the_next_request_is_refused(world: World, ada: User, grace: User, ending: Ending) -> None:
    tokens = await world.tokens_of(ada)
    async with (
        await world.browser_of(grace) as admin,
        await world.browser_of(ada) as browser,
        world.client(bearer=tokens.access_token) as app,
    ):
        assert (await browser.get(ME)).status_code == (await app.get(ME)).status_code == 200
        ended = await ending(admin, ada)
        assert ended.status_code in {200, 204}, ended.text
        assert code(await browser.get(ME)) == (401, "not_authenticated")
        assert code(await app.get(ME)) == (401, "not_authenticated")
        refreshed = await app.post(f"{API}/auth/refresh", json={"refresh_token": tokens.refresh_token})
        assert code(refreshed) == (401, "invalid_refresh_token")
    assert [event.user_id for event in world.ended] == [ada.id]
