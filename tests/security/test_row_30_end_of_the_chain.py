"""Row 30: a chain of refreshes ends ninety days after the sign-in, whatever is done with it."""

import httpx
import pytest

from tests.accounts.signing_in import API, ME, confirm
from tests.accounts.world import PASSWORD, World, code
from tests.clock import StoppedClock
from tidings.accounts.models import User

INVALID = (401, "invalid_refresh_token")


async def signed_in(app: httpx.AsyncClient) -> dict[str, str]:
    answer = await app.post(f"{API}/auth/token", json={"login": "ada", "password": PASSWORD})
    tokens: dict[str, str] = answer.json()
    return tokens


async def refresh(app: httpx.AsyncClient, tokens: dict[str, str]) -> httpx.Response:
    return await app.post(f"{API}/auth/refresh", json={"refresh_token": tokens["refresh_token"]})


async def opens(app: httpx.AsyncClient, tokens: dict[str, str]) -> bool:
    answer = await app.get(ME, headers={"Authorization": f"Bearer {tokens['access_token']}"})
    return answer.status_code == 200


async def kept_alive(app: httpx.AsyncClient, clock: StoppedClock, *, times: int = 8) -> dict[str, str]:
    """Tokens that were refreshed so many times, every eleven days."""
    tokens = await signed_in(app)
    for _ in range(times):
        clock.advance(days=11)
        answer = await refresh(app, tokens)
        assert answer.status_code == 200
        tokens = answer.json()
    return tokens


async def test_row_30_a_chain_ends_after_ninety_days_however_often_it_is_refreshed(
    world: World, ada: User, clock: StoppedClock
) -> None:
    async with world.client() as app:
        tokens = await kept_alive(app, clock)
        clock.advance(days=1, hours=23, minutes=59, seconds=50)
        last = (await refresh(app, tokens)).json()
        assert last["expires_in"] == 10  # no access token outlives the chain
        assert await opens(app, last)
        clock.advance(seconds=10)
        assert not await opens(app, last)
        assert code(await refresh(app, last)) == INVALID
        assert code(await refresh(app, tokens)) == INVALID  # asked again within 30 seconds, but after the end
        assert await opens(app, await signed_in(app))


async def test_row_30_proving_again_who_one_is_does_not_move_the_end(
    world: World, ada: User, clock: StoppedClock
) -> None:
    async with world.client() as app:
        tokens = await kept_alive(app, clock)
        app.headers["Authorization"] = f"Bearer {tokens['access_token']}"
        fresh = (await confirm(app)).json()["tokens"]
        del app.headers["Authorization"]
        clock.advance(days=2)
        assert code(await refresh(app, fresh)) == INVALID


@pytest.mark.parametrize(("seconds", "lives"), [(-1, True), (0, False)])
async def test_row_30_a_chain_that_nobody_goes_on_with_ends_after_fourteen_days(
    world: World, ada: User, clock: StoppedClock, seconds: int, lives: bool
) -> None:
    async with world.client() as app:
        tokens = await kept_alive(app, clock, times=1)
        clock.advance(days=14, seconds=seconds)
        assert ((await refresh(app, tokens)).status_code == 200) is lives


async def test_row_30_the_end_of_one_chain_is_not_that_of_the_next(
    world: World, ada: User, clock: StoppedClock
) -> None:
    async with world.client() as app:
        earlier = await signed_in(app)
        clock.advance(days=13)
        later = await signed_in(app)
        clock.advance(days=1)
        assert code(await refresh(app, earlier)) == INVALID
        assert (await refresh(app, later)).status_code == 200
