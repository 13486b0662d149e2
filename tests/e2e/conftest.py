"""A real browser in front of a real server, on which Ada and Grace can sign in by hand."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright
from sqlalchemy import update

from tests.clock import RunningClock
from tests.server import serving
from tests.services import chromium, run
from tests.world import Person, World
from tidings import Tidings
from tidings.accounts.models import User
from tidings.accounts.passwords import hash_password

PASSWORD = "correct-horse-battery-staple"
SCREENS = Path(__file__).parents[2] / "build" / "screens"
# The browser's own words for what these tests do on purpose: asking who is there, being offline, and leaving a page
# whose stream is just being opened.
_EXPECTED = ("status of 401", "ERR_INTERNET_DISCONNECTED", "closed before the connection is established")


@dataclass(slots=True)
class Site:
    """A running server, who lives there, and everything a page has complained about."""

    url: str
    world: World
    browser: Browser
    complaints: list[str] = field(default_factory=list)

    async def device(self, **options: Any) -> BrowserContext:
        """A device of its own: it shares no cookie and no storage with another."""
        defaults: dict[str, Any] = {"viewport": {"width": 1280, "height": 860}, "locale": "en-US"}
        context = await self.browser.new_context(base_url=self.url, **(defaults | options))
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        context.on("console", lambda message: self._listen(message.type, message.text))
        return context

    async def sign_in(self, person: Person, **options: Any) -> Page:
        """A fresh device on which this person has signed in by hand; their inbox is open."""
        page = await (await self.device(**options)).new_page()
        await page.goto(f"{self.url}/")
        await self.fill_sign_in(page, person)
        return page

    async def fill_sign_in(self, page: Page, person: Person) -> None:
        """Sign in on this page, and wait for what it leads to: the inbox."""
        await page.get_by_label("Username or e-mail").fill(person.name)
        await page.get_by_label("Password", exact=True).fill(PASSWORD)
        await page.get_by_role("button", name="Sign in").click()
        await page.get_by_role("heading", name="Inbox", exact=True).wait_for()
        await page.get_by_role("tabpanel").wait_for()

    def _listen(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"} and not any(expected in text for expected in _EXPECTED):
            self.complaints.append(text)


@pytest.fixture
def clock() -> RunningClock:
    """Browsers live in the present."""
    return RunningClock()


@pytest.fixture(scope="session")
async def browser(test_run: run.Run) -> AsyncIterator[Browser]:
    """One Chromium for all."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium.executable(test_run), args=list(chromium.FLAGS)
        )
        yield browser
        await browser.close()


@pytest.fixture
async def passwords(tidings: Tidings, ada: Person, grace: Person) -> None:
    """Ada and Grace can sign in by hand."""
    password_hash = await hash_password(PASSWORD)
    async with tidings.database.write() as session:
        await session.execute(update(User).where(User.id.in_([ada.id, grace.id])).values(password_hash=password_hash))


@pytest.fixture
async def site(tidings: Tidings, world: World, passwords: None, browser: Browser) -> AsyncIterator[Site]:
    """The site on a server of its own."""
    async with serving(tidings) as live, visited(live.origin, world, browser) as site:
        yield site


@asynccontextmanager
async def visited(url: str, world: World, browser: Browser) -> AsyncIterator[Site]:
    """The site at this address; a page that complains, of its security policy for instance, fails the test."""
    site = Site(url, world, browser)
    yield site
    for context in browser.contexts:
        await context.close()
    assert site.complaints == []
