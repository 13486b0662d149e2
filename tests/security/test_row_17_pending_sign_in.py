"""Who owes a second factor holds a token that opens nothing else, and that ends with a lockout, a change, or time."""

from sqlalchemy import func, select

from tests.accounts.factors import totp_of
from tests.accounts.signing_in import API, ME, confirm, half_signed_in, log_in, pass_mfa
from tests.accounts.world import PASSWORD, World, code
from tests.clock import StoppedClock
from tidings.accounts.models import User
from tidings.accounts.pending_sign_ins.models import PendingSignIn
from tidings.accounts.pending_sign_ins.waiting import purge_pending_sign_ins
from tidings.accounts.types import AccountState


async def test_row_17_the_password_alone_signs_nobody_in(world: World, ada: User) -> None:
    await totp_of(world, ada)
    async with world.client() as browser:
        answer = await log_in(browser)
        assert answer.status_code == 200
        assert answer.json() == {
            "mfa_required": True,
            "mfa_token": answer.json()["mfa_token"],
            "methods": ["totp"],
        }
        assert "set-cookie" not in answer.headers
        assert code(await browser.get(ME)) == (401, "not_authenticated")


async def test_row_17_the_token_opens_nothing_else(world: World, ada: User) -> None:
    await totp_of(world, ada)
    async with world.client() as browser:
        token = await half_signed_in(browser)
        refresh = await browser.post(f"{API}/auth/refresh", json={"refresh_token": token})
        assert code(refresh) == (401, "invalid_refresh_token")
        for path in ("auth/verify-email", "auth/password-reset/confirm", "setup"):
            body = {"token": token, "new_password": PASSWORD} if "reset" in path else {"token": token}
            assert (await browser.post(f"{API}/{path}", json=body)).status_code in {400, 422}
    async with world.client(cookie=token) as as_cookie, world.client(bearer=token) as as_bearer:
        for client in (as_cookie, as_bearer):
            for path in (ME, f"{ME}/sessions", f"{API}/users", f"{API}/api-keys"):
                assert code(await client.get(path)) == (401, "not_authenticated")
            assert code(await confirm(client)) == (401, "not_authenticated")


async def test_row_17_the_second_factor_finishes_the_sign_in_once(world: World, ada: User, clock: StoppedClock) -> None:
    app = await totp_of(world, ada)
    async with world.client() as browser:
        token = await half_signed_in(browser)
        answer = await pass_mfa(browser, token, code=app.at(clock.now()))
        assert answer.json()["user"]["username"] == "ada"
        assert (await browser.get(ME)).status_code == 200
        clock.advance(seconds=30)
        assert code(await pass_mfa(browser, token, code=app.at(clock.now()))) == (400, "token_invalid")


async def test_row_17_an_app_that_began_for_tokens_ends_with_tokens(
    world: World, ada: User, clock: StoppedClock
) -> None:
    authenticator = await totp_of(world, ada)
    async with world.client() as app:
        began = await app.post(f"{API}/auth/token", json={"login": "ada", "password": PASSWORD})
        ended = await pass_mfa(app, began.json()["mfa_token"], code=authenticator.at(clock.now()))
        assert ended.json()["token_type"] == "Bearer"
        assert "tidings" not in ended.cookies
    async with world.client(bearer=ended.json()["access_token"]) as app:
        assert (await app.get(ME)).status_code == 200


async def test_row_17_the_token_dies_at_lockout(world: World, ada: User, clock: StoppedClock) -> None:
    app = await totp_of(world, ada)
    async with world.client() as browser:
        token = await half_signed_in(browser)
        failed = 0
        while failed < 10:
            answer = await pass_mfa(browser, token, code="000000")
            if answer.status_code == 429:
                clock.advance(seconds=int(answer.headers["Retry-After"]))
            else:
                failed += 1
        assert code(await pass_mfa(browser, token, code=app.at(clock.now()))) == (400, "token_invalid")


async def test_row_17_the_token_dies_when_the_password_changes(world: World, ada: User, clock: StoppedClock) -> None:
    app = await totp_of(world, ada)
    async with await world.browser_of(ada) as owner, world.client() as thief:
        token = await half_signed_in(thief)
        body = {"password": "another long and winding one", "current_password": PASSWORD}
        assert (await owner.put(f"{ME}/password", json=body)).status_code == 200
        assert code(await pass_mfa(thief, token, code=app.at(clock.now()))) == (400, "token_invalid")


async def test_row_17_the_token_dies_after_ten_minutes(world: World, ada: User, clock: StoppedClock) -> None:
    app = await totp_of(world, ada)
    async with world.client() as browser:
        token = await half_signed_in(browser)
        clock.advance(minutes=10)
        assert code(await pass_mfa(browser, token, code=app.at(clock.now()))) == (400, "token_invalid")
    async with world.database.write() as session:
        assert await purge_pending_sign_ins(session, now=clock.now()) == 1
        assert await session.scalar(select(func.count()).select_from(PendingSignIn)) == 0


async def test_row_17_a_suspended_account_finishes_nothing(world: World, ada: User, clock: StoppedClock) -> None:
    app = await totp_of(world, ada)
    async with world.client() as browser:
        token = await half_signed_in(browser)
        async with world.database.write() as session:
            user = await session.get(User, ada.id)
            assert user is not None
            user.state = AccountState.SUSPENDED
        assert code(await pass_mfa(browser, token, code=app.at(clock.now()))) == (401, "invalid_credentials")


async def test_row_17_exactly_one_proof_is_shown(world: World, ada: User) -> None:
    await totp_of(world, ada)
    async with world.client() as browser:
        token = await half_signed_in(browser)
        assert code(await pass_mfa(browser, token)) == (422, "invalid_request")
        both = await pass_mfa(browser, token, code="000000", recovery_code="AAAA")
        assert code(both) == (422, "invalid_request")
