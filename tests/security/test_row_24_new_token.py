"""A new token at sign-in, at the second factor and at a confirmation; the one before opens nothing any more."""

from urllib.parse import urlsplit

from tests.accounts.factors import passkey_of, totp_of
from tests.accounts.oidc import Sso
from tests.accounts.signing_in import ME, confirm, half_signed_in, log_in, pass_mfa
from tests.accounts.test_passkey_sign_in import sign_in
from tests.accounts.world import World, code
from tests.clock import StoppedClock
from tidings.accounts.models import User


async def is_dead(world: World, cookie: str) -> bool:
    async with world.client(cookie=cookie) as thief:
        return code(await thief.get(ME)) == (401, "not_authenticated")


async def test_row_24_at_sign_in(world: World, ada: User) -> None:
    before = await world.cookie_of(ada)
    async with world.client(cookie=before) as browser:
        after = (await log_in(browser)).cookies["tidings"]
        assert after != before
    assert await is_dead(world, before)


async def test_row_24_at_sign_in_with_a_passkey(world: World, ada: User) -> None:
    authenticator = await passkey_of(world, ada)
    before = await world.cookie_of(ada)
    async with world.client(cookie=before) as browser:
        after = (await sign_in(browser, authenticator)).cookies["tidings"]
        assert after != before
    assert await is_dead(world, before)


async def test_row_24_at_sign_in_with_a_provider(world: World, sso: Sso, ada: User) -> None:
    await sso.links(ada)
    before = await world.cookie_of(ada)
    traveller = sso.browser(cookie=before)
    way_back = urlsplit(await traveller.visits(await traveller.leaves()))
    after = (await traveller.client.get(f"{way_back.path}?{way_back.query}")).cookies["tidings"]
    assert after != before
    assert await is_dead(world, before)


async def test_row_24_at_the_second_factor(world: World, ada: User, clock: StoppedClock) -> None:
    app = await totp_of(world, ada)
    before = await world.cookie_of(ada)
    async with world.client(cookie=before) as browser:
        token = await half_signed_in(browser)
        after = (await pass_mfa(browser, token, code=app.at(clock.now()))).cookies["tidings"]
        assert after != before
    assert await is_dead(world, before)


async def test_row_24_at_a_confirmation(world: World, ada: User) -> None:
    before = await world.cookie_of(ada)
    async with world.client(cookie=before) as browser:
        after = (await confirm(browser)).cookies["tidings"]
    assert await is_dead(world, before)
    async with world.client(cookie=after) as browser:
        assert (await browser.get(ME)).status_code == 200
    assert world.ended == []  # it is the same session: streams stay open


async def test_row_24_a_confirming_app_gets_new_tokens(world: World, ada: User) -> None:
    before = await world.tokens_of(ada)
    async with world.client(bearer=before.access_token) as app:
        after = (await confirm(app)).json()["tokens"]
        assert code(await app.get(ME)) == (401, "not_authenticated")
        refreshed = await app.post("/api/v1/auth/refresh", json={"refresh_token": before.refresh_token})
        assert code(refreshed) == (401, "invalid_refresh_token")
    assert after["session_id"] == str(before.session_id)
    async with world.client(bearer=after["access_token"]) as app:
        assert (await app.get(ME)).status_code == 200


async def test_row_24_a_wrong_proof_leaves_the_token(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser:
        assert code(await confirm(browser, password="wrong")) == (401, "invalid_credentials")
        assert (await browser.get(ME)).status_code == 200
