"""Devices are known again, and their owner hears of a new one."""

from sqlalchemy import func, select

from tests.accounts.factors import totp_of
from tests.accounts.mailbox import newest
from tests.accounts.signing_in import API, fail, letters, log_in, pass_mfa
from tests.accounts.world import PASSWORD, World, code
from tests.clock import StoppedClock
from tidings.accounts.events import LetterPosted
from tidings.accounts.known_devices.knowing import purge_known_devices
from tidings.accounts.known_devices.models import KnownDevice
from tidings.accounts.models import User
from tidings.accounts.sessions import MAX_USER_AGENT, Device
from tidings.kernel.bindings import bound
from tidings.kernel.events import Events

PHONE = "Mozilla/5.0 (Linux; Android 16; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
NOTICE = ("new_device", "ada@example.org")


async def test_nobody_hears_of_their_first_sign_in(world: World, ada: User) -> None:
    async with world.client() as browser:
        await log_in(browser)
    assert await letters(world) == []


async def test_the_owner_hears_of_a_new_device_once(world: World, ada: User) -> None:
    async with world.client() as laptop, world.client() as phone:
        await log_in(laptop)
        phone.headers["User-Agent"] = PHONE
        await log_in(phone)
        assert await letters(world) == [NOTICE]
        for known in (laptop, phone, laptop):
            await log_in(known)
    assert await letters(world) == [NOTICE]
    text = (await newest(world, "new_device")).text
    assert "Pixel 9" in text
    assert "Chrome 140" in text
    assert "127.0.0.1" in text


async def test_of_what_a_device_says_of_itself_five_hundred_characters_are_looked_at(world: World, ada: User) -> None:
    async with world.client() as laptop, world.client() as phone:
        await log_in(laptop)
        phone.headers["User-Agent"] = "x" * MAX_USER_AGENT + PHONE
        await log_in(phone)
    text = (await newest(world, "new_device")).text
    assert "127.0.0.1" in text
    assert "Pixel 9" not in text
    assert "Chrome" not in text


def test_nobody_is_handed_more_of_it() -> None:
    assert Device(user_agent="; " * 500_000).user_agent == "; " * (MAX_USER_AGENT // 2)


async def test_the_notice_leaves_at_once(world: World, ada: User) -> None:
    heard: list[object] = []

    async def hear(_session: object, event: LetterPosted) -> None:
        heard.append(event)

    async with world.database.read() as session:
        bound(session, Events).subscribe(LetterPosted, hear)
    async with world.client() as laptop, world.client() as phone:
        await log_in(laptop)
        await log_in(phone)
    assert heard == [LetterPosted()]


async def test_an_app_is_a_device_too(world: World, ada: User) -> None:
    body = {"login": "ada", "password": PASSWORD}
    async with world.client() as laptop, world.client() as app:
        await log_in(laptop)
        first = await app.post(f"{API}/auth/token", json=body)
        assert await letters(world) == [NOTICE]
        assert first.json()["device_token"].startswith("tdd_")
        known = {"Tidings-Device": first.json()["device_token"]}
        second = await app.post(f"{API}/auth/token", json=body, headers=known)
    assert (second.status_code, second.json()["device_token"]) == (200, None)
    assert await letters(world) == [NOTICE]


async def test_an_app_is_handed_no_cookie_and_is_new_without_its_token(world: World, ada: User) -> None:
    """Or a foreign page could sign somebody else in for tokens, and leave their device in its visitor's browser."""
    form = {"username": "ada", "password": PASSWORD}
    async with world.client() as laptop, world.client() as app:
        await log_in(laptop)
        for _ in range(2):
            answer = await app.post(f"{API}/auth/token", data=form)
            assert (answer.status_code, "set-cookie" in answer.headers) == (200, False)
    assert await letters(world) == [NOTICE, NOTICE]


async def test_an_app_with_a_second_factor_is_known_by_its_token_too(world: World, ada: User) -> None:
    authenticator = await totp_of(world, ada)
    body = {"login": "ada", "password": PASSWORD}
    async with world.client() as app:
        began = await app.post(f"{API}/auth/token", json=body)
        first = await pass_mfa(app, began.json()["mfa_token"], code=authenticator.at(world.clock.now()))
        assert "set-cookie" not in first.headers
        app.headers["Tidings-Device"] = first.json()["device_token"]
        world.clock.advance(seconds=30)
        began = await app.post(f"{API}/auth/token", json=body)
        again = await pass_mfa(app, began.json()["mfa_token"], code=authenticator.at(world.clock.now()))
    assert (again.status_code, again.json()["device_token"]) == (200, None)


async def test_an_app_on_a_known_device_gets_in_during_an_attack(world: World, ada: User) -> None:
    body = {"login": "ada", "password": PASSWORD}
    async with world.client() as app, world.client() as attacker:
        known = {"Tidings-Device": (await app.post(f"{API}/auth/token", json=body)).json()["device_token"]}
        await fail(world, attacker, times=10)
        assert code(await app.post(f"{API}/auth/token", json=body)) == (429, "too_many_attempts")
        assert (await app.post(f"{API}/auth/token", json=body, headers=known)).status_code == 200


async def test_people_who_share_a_browser_are_each_known_on_it(world: World, ada: User) -> None:
    await world.add("eve")
    async with world.client() as elsewhere, world.client() as shared:
        await log_in(elsewhere)
        await log_in(shared)
        token = shared.cookies["tidings-device"]
        await log_in(shared, "eve")
        assert shared.cookies["tidings-device"] == token
        await log_in(shared)
    assert await letters(world) == [NOTICE]


async def test_somebody_without_an_address_signs_in_unannounced(world: World, ada: User) -> None:
    async with world.database.write() as session:
        user = await session.get(User, ada.id)
        assert user is not None
        user.email = None
    async with world.client() as laptop, world.client() as phone:
        await log_in(laptop)
        assert (await log_in(phone)).status_code == 200
    assert await letters(world) == []


async def test_devices_that_were_not_seen_for_very_long_are_forgotten(
    world: World, ada: User, clock: StoppedClock
) -> None:
    async with world.client() as old, world.client() as used:
        await log_in(old)
        await log_in(used)
        clock.advance(days=200)
        await log_in(used)
        clock.advance(days=201)
    async with world.database.write() as session:
        assert await purge_known_devices(session, now=clock.now()) == 1
        assert await session.scalar(select(func.count()).select_from(KnownDevice)) == 1
