"""Every page under a path: Tidings alone, mounted in another app, and behind a proxy that has a path for it."""

import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import pytest
from playwright.async_api import Browser, Page, expect
from sqlalchemy import delete
from starlette.types import ASGIApp

from tests.accounts.pictures import picture
from tests.e2e.conftest import PASSWORD, Site, visited
from tests.e2e.looks import is_good
from tests.e2e.test_profile_and_data import file
from tests.server import serving
from tests.web.places import cutting_off, mounted
from tests.world import Person, World
from tidings import Tidings
from tidings.accounts.models import User
from tidings.accounts.setup import ensure_setup_token
from tidings.settings import Settings

# Addresses do not depend on the database.
pytestmark = pytest.mark.parametrize("pooled", ["sqlite"], indirect=True)


@dataclass(frozen=True, slots=True)
class Place:
    """Where Tidings lives: the path in BASE_URL, the path people come to, and what stands there."""

    base_path: str
    path: str
    around: Callable[[Tidings], ASGIApp]


PLACES = {
    "alone": Place("", "", lambda tidings: tidings.app),
    "mounted": Place("", "/tidings", lambda tidings: mounted(tidings, "/tidings")),
    "proxied": Place("/our/tidings", "/our/tidings", lambda tidings: cutting_off("/our/tidings", tidings.app)),
}


@pytest.fixture(params=PLACES)
def place(request: pytest.FixtureRequest) -> Place:
    return PLACES[request.param]


@pytest.fixture
def settings(settings: Settings, place: Place) -> Settings:
    return settings.model_copy(update={"base_url": settings.base_url + place.base_path})


@pytest.fixture
async def site(place: Place, tidings: Tidings, world: World, passwords: None, browser: Browser) -> AsyncIterator[Site]:
    async with (
        serving(tidings, place.around(tidings)) as live,
        visited(live.origin + place.path, world, browser) as site,
    ):
        yield site


async def is_within(page: Page, site: Site) -> None:
    """Every link of ours leads to where Tidings lives."""
    links = await page.locator("a[data-route]").evaluate_all("links => links.map(link => link.href)")
    assert links
    for link in links:
        assert link.startswith(f"{site.url}/")


async def test_a_deep_link_leads_through_the_sign_in_to_a_live_inbox_and_out_again(site: Site, ada: Person) -> None:
    page = await (await site.device()).new_page()
    await page.goto(f"{site.url}/inbox?from=mail")
    await expect(page).to_have_url(f"{site.url}/sign-in?next=%2Finbox%3Ffrom%3Dmail")
    await site.fill_sign_in(page, ada)
    await expect(page).to_have_url(f"{site.url}/inbox?from=mail")
    await ada.receives("message", title="The ferns are thirsty")
    entry = page.get_by_role("feed").get_by_role("article").filter(has_text="The ferns are thirsty")
    await expect(entry).to_have_count(1)
    await is_within(page, site)
    await is_good(page, "mounted-inbox")
    await page.reload()
    await entry.get_by_role("button", name="Dismiss").click()
    await expect(entry).to_have_count(0)
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert page.url.startswith(f"{site.url}/sign-in")


async def test_the_pages_of_the_console_are_reached_and_survive_a_reload(site: Site, grace: Person) -> None:
    page = await site.sign_in(grace)
    for name in ("Deliveries", "Mailbox", "System", "Inbox"):
        await page.get_by_role("navigation", name="Pages").get_by_role("link", name=name).click()
        await expect(page).to_have_url(f"{site.url}/{name.lower()}")
        await page.reload()
        await expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()
        await page.locator("main :is(.panel, .state, [role=tabpanel])").first.wait_for()
        await is_within(page, site)
        await is_good(page, f"mounted-{name.lower()}")


async def test_the_picture_of_the_sign_in_page_is_chosen_and_shown(site: Site, grace: Person) -> None:
    page = await site.sign_in(grace)
    await page.get_by_role("link", name="Server settings").click()
    await expect(page).to_have_url(f"{site.url}/settings")
    await page.reload()
    await page.get_by_label("Choose a picture").set_input_files(file("house.png", "image/png", picture()))
    await expect(page.get_by_role("button", name="Remove picture")).to_be_visible()
    await is_within(page, site)
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.locator(".login-photo")).to_have_class("login-photo loaded")
    await is_within(page, site)


async def test_a_mail_and_a_text_are_shown_in_their_frames(site: Site, grace: Person) -> None:
    page = await site.sign_in(grace)
    letter = page.frame_locator("iframe").get_by_role("article")
    await page.goto(f"{site.url}/mailbox")
    await page.get_by_role("button", name="Send a mail to yourself").click()
    await page.get_by_role("link", name="A first mail").click()
    await expect(letter).to_contain_text("It was kept in the mailbox and not sent.")
    await page.go_back()
    await expect(page.get_by_text("Choose a mail")).to_be_visible()
    await page.get_by_role("navigation", name="Pages").get_by_role("link", name="Templates").click()
    await page.get_by_role("link", name="streak").click()
    await expect(page).to_have_url(re.compile(re.escape(f"{site.url}/templates?name=streak")))
    await page.reload()
    await expect(letter).to_contain_text("Milestone: 21 days in a row")
    await is_within(page, site)
    await is_good(page, "mounted-templates")


async def test_a_page_for_administrators_shows_others_the_way_to_the_inbox(site: Site, ada: Person) -> None:
    page = await site.sign_in(ada)
    await page.goto(f"{site.url}/system")
    await page.get_by_role("link", name="Go to the inbox").click()
    await expect(page).to_have_url(f"{site.url}/inbox")


async def test_the_setup_link_makes_the_first_administrator(site: Site) -> None:
    async with site.world.tidings.database.write() as session:
        await session.execute(delete(User))
        token = await ensure_setup_token(session, site.world.tidings.clock.now())
    page = await (await site.device()).new_page()
    await page.goto(f"{site.url}/setup")
    await page.get_by_role("link", name="Sign in").click()
    await expect(page).to_have_url(f"{site.url}/sign-in")
    await page.goto(f"{site.url}/setup?token={token}")
    await page.get_by_label("Name", exact=True).fill("Grace Hopper")
    await page.get_by_label("Username").fill("grace")
    await page.get_by_label("E-mail").fill("grace@example.org")
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.get_by_role("button", name="Create administrator").click()
    await expect(page).to_have_url(f"{site.url}/inbox")
    await expect(page.get_by_role("heading", name="Inbox", exact=True)).to_be_visible()
