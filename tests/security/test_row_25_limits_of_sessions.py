"""Sessions end when idle for fourteen days, and after ninety days whatever happens, by the server's clock."""

from tests.accounts.signing_in import ME, confirm, log_in
from tests.accounts.world import World, code
from tests.clock import StoppedClock
from tidings.accounts.models import User


async def test_row_25_two_idle_weeks_end_a_session(world: World, ada: User, clock: StoppedClock) -> None:
    async with world.client() as browser:
        await log_in(browser)
        clock.advance(days=13, hours=23)
        assert (await browser.get(ME)).status_code == 200
        clock.advance(days=14)
        assert code(await browser.get(ME)) == (401, "not_authenticated")


async def test_row_25_ninety_days_end_a_session_whatever_happens(world: World, ada: User, clock: StoppedClock) -> None:
    async with world.client() as browser:
        await log_in(browser)
        for _ in range(9):
            assert (await browser.get(ME)).status_code == 200
            clock.advance(days=9, hours=23)
        assert (await confirm(browser)).status_code == 200  # which makes it fresh, but no longer
        clock.advance(days=1)
        assert code(await browser.get(ME)) == (401, "not_authenticated")


async def test_row_25_what_the_browser_thinks_of_the_cookies_age_does_not_matter(
    world: World, ada: User, clock: StoppedClock
) -> None:
    cookie = await world.cookie_of(ada)
    clock.advance(days=91)
    async with world.client(cookie=cookie) as browser:
        assert code(await browser.get(ME)) == (401, "not_authenticated")
