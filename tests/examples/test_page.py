"""The bell on the shop's own page, in a real browser: mounted under a path, let in by a token the shop signs."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from playwright.async_api import Locator, Page, async_playwright, expect

from tests.e2e.axe import violations
from tests.examples.shop import Shop, listening
from tests.services import chromium
from tests.services.run import Run


@dataclass(frozen=True, slots=True)
class Visit:
    """Ada's window on the shop, and everything it complained about."""

    page: Page
    complaints: list[str] = field(default_factory=list)

    @property
    def bell(self) -> Locator:
        return self.page.locator("tidings-bell").get_by_role("button").first

    def listen(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"}:
            self.complaints.append(text)


@pytest.fixture
async def visit(shop: Shop, test_run: Run) -> AsyncIterator[Visit]:
    """Ada has chosen her name on the first page; a page that complains fails the test."""
    async with listening(shop.app) as origin, async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium.executable(test_run), args=list(chromium.FLAGS)
        )
        visit = Visit(await browser.new_page(base_url=origin, locale="en-US"))
        visit.page.on("console", lambda message: visit.listen(message.type, message.text))
        visit.page.on("pageerror", lambda error: visit.listen("error", str(error)))
        await visit.page.goto("/")
        await visit.page.get_by_role("link", name="Ada").click()
        yield visit
        await browser.close()
    assert visit.complaints == []


def entry(visit: Visit, title: str) -> Locator:
    return visit.page.get_by_role("feed").get_by_role("article").filter(has_text=title)


async def test_the_bell_counts_what_the_shop_tells_while_the_page_is_open(shop: Shop, visit: Visit) -> None:
    await expect(visit.bell).to_have_accessible_name("Notifications, 1 new")
    await shop.web.post("/orders/18/ship")
    await expect(visit.bell).to_have_accessible_name("Notifications, 3 new")


async def test_a_refused_order_does_not_ring(shop: Shop, visit: Visit) -> None:
    await visit.page.get_by_role("button", name="Ship order 18").click()
    await expect(visit.bell).to_have_accessible_name("Notifications, 3 new")
    await shop.web.post("/orders/19/ship")
    await shop.web.post("/orders/17/ship")
    await expect(visit.bell).to_have_accessible_name("Notifications, 6 new")


async def test_the_bell_opens_the_inbox_and_what_is_read_there_is_read(shop: Shop, visit: Visit) -> None:
    await visit.page.get_by_role("button", name="Ship order 18").click()
    await visit.bell.click()
    await expect(entry(visit, "Order 18 shipped")).to_contain_text("It will be with you in two days.")
    await entry(visit, "Order 18 shipped").get_by_role("button", name="Mark as read").click()
    await expect(entry(visit, "Order 18 shipped").get_by_role("button", name="Mark as unread")).to_have_count(1)
    await visit.page.reload()
    await visit.bell.click()
    await expect(entry(visit, "Order 18 shipped").get_by_role("button", name="Mark as unread")).to_have_count(1)


async def test_the_page_has_no_barrier(visit: Visit) -> None:
    await visit.bell.click()
    await expect(entry(visit, "Welcome, Ada")).to_have_count(1)
    assert await violations(visit.page) == []
