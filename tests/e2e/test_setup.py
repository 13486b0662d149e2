"""The first administrator, made in the browser with the one-time link."""

import re

from playwright.async_api import Page, expect
from sqlalchemy import delete

from tests.e2e.conftest import PASSWORD, Site
from tests.e2e.front_door import refused
from tidings.accounts.models import User
from tidings.accounts.server_settings.models import ServerSettings
from tidings.accounts.setup import ensure_setup_token


async def test_the_setup_link_makes_the_first_administrator_and_then_no_other(site: Site) -> None:
    database, clock = site.world.tidings.database, site.world.tidings.clock
    async with database.write() as session:
        await session.execute(delete(User))
        token = await ensure_setup_token(session, clock.now())
        session.add(ServerSettings(password_type="length_only", password_length_admin_users=24, updated_at=clock.now()))
    page = await (await site.device()).new_page()
    await page.goto(f"/setup?token={token}")
    password = page.get_by_label("Password", exact=True)
    await expect(password).to_have_accessible_description(re.compile("At least 24 characters"))
    with refused(site, 422):
        await fill(page, password="a-good-one-of-21-here")
        await expect(password).to_be_focused()
        await expect(password).to_have_accessible_description(
            re.compile("The password is too short: it needs at least 24 characters.")
        )
    await fill(page, password=PASSWORD)
    await expect(page.get_by_role("heading", name="Inbox", exact=True)).to_be_visible()
    again = await site.world.client().post(
        "/setup",
        json={"token": token, "username": "eve", "email": "eve@example.org", "name": "Eve", "password": PASSWORD},
    )
    assert again.status_code == 409


async def test_a_link_of_an_earlier_start_says_where_the_newest_is(site: Site) -> None:
    async with site.world.tidings.database.write() as session:
        await session.execute(delete(User))
        await ensure_setup_token(session, site.world.tidings.clock.now())
    page = await (await site.device()).new_page()
    await page.goto("/setup?token=tdi_of-an-earlier-start")
    with refused(site, 400):
        await fill(page, password=PASSWORD)
        await expect(page.get_by_role("heading", name="This link no longer works")).to_be_focused()
    await expect(page.get_by_text("Each start of the server prints a new link.")).to_be_visible()


async def test_who_comes_second_hears_that_there_is_an_administrator(site: Site) -> None:
    page = await (await site.device()).new_page()
    await page.goto("/setup?token=tdi_example")
    with refused(site, 409):
        await fill(page, password=PASSWORD)
        await expect(page.get_by_role("alert")).to_contain_text("There is an administrator already.")


async def fill(page: Page, *, password: str) -> None:
    """Fill the form in and send it."""
    await page.get_by_label("Name", exact=True).fill("Grace Hopper")
    await page.get_by_label("Username").fill("grace")
    await page.get_by_label("E-mail").fill("grace@example.org")
    await page.get_by_label("Password", exact=True).fill(password)
    await page.get_by_role("button", name="Create administrator").click()
