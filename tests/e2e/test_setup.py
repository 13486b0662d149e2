"""The first administrator, made in the browser with the one-time link."""

from playwright.async_api import expect
from sqlalchemy import delete

from tests.e2e.conftest import PASSWORD, Site
from tidings.accounts.models import User
from tidings.accounts.setup import ensure_setup_token


async def test_the_setup_link_makes_the_first_administrator_and_then_no_other(site: Site) -> None:
    database, clock = site.world.tidings.database, site.world.tidings.clock
    async with database.write() as session:
        await session.execute(delete(User))
        token = await ensure_setup_token(session, clock.now())
    page = await (await site.device()).new_page()
    await page.goto(f"/setup?token={token}")
    await page.get_by_label("Name", exact=True).fill("Grace Hopper")
    await page.get_by_label("Username").fill("grace")
    await page.get_by_label("E-mail").fill("grace@example.org")
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.get_by_role("button", name="Create administrator").click()
    await expect(page.get_by_role("heading", name="Inbox", exact=True)).to_be_visible()
    again = await site.world.client().post(
        "/setup",
        json={"token": token, "username": "eve", "email": "eve@example.org", "name": "Eve", "password": PASSWORD},
    )
    assert again.status_code == 409
