"""What tests of the pages before signing in share: what administrators decide, and where letters lead."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote, urlsplit

from playwright.async_api import Locator, Page

from tests.accounts.mailbox import newest
from tests.e2e.conftest import Site
from tests.world import Person

GOOD_PASSWORD = "nine-quiet-herons-walk-inland"


async def decide(grace: Person, **settings: Any) -> None:
    """Grace changes these server settings; the others stay what they are."""
    now = (await grace.client.get("/server-settings")).json()
    put = await grace.client.put("/server-settings", json=now | settings)
    assert put.status_code == 200, put.text


async def link_of(site: Site, letter: str) -> str:
    """The path to which the newest letter of this name leads."""
    return f"/{letter.replace('_', '-')}?token={quote((await newest(site.world.tidings, letter)).token)}"


def path_of(url: str) -> str:
    """An address without its server: letters name the one people know, the test's browser another."""
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"


async def open_page(site: Site, path: str, **options: Any) -> Page:
    """A device on which nobody is signed in, at this path."""
    page = await (await site.device(**options)).new_page()
    await page.goto(path)
    await page.get_by_role("heading").first.wait_for()
    return page


def inbox_on(page: Page) -> Locator:
    """What whoever has signed in sees."""
    return page.get_by_role("heading", name="Inbox", exact=True)


@contextmanager
def refused(site: Site, *statuses: int) -> Iterator[None]:
    """The browser says each refusal on its console, and those with these statuses are what the body is about."""
    yield
    expected = [f"status of {status}" for status in statuses]
    for status in expected:
        assert any(status in complaint for complaint in site.complaints), f"no {status}"
    site.complaints[:] = [each for each in site.complaints if not any(status in each for status in expected)]
