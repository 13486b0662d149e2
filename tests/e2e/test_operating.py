"""Deliveries and the system in a browser: what failed is seen at once, and can be given another chance."""

from typing import Any
from uuid import UUID

import pytest
from playwright.async_api import Locator, Page, expect

from tests.console.office import DEAD, put_delivery
from tests.e2e.conftest import Site
from tests.e2e.looks import is_good
from tests.world import Person
from tidings.outbox.types import NOBODY, DeliveryState
from tidings.outbox.writing import NewDelivery

# How a page looks and what it asks do not depend on the database; the routes are tested on both in tests/console.
pytestmark = pytest.mark.parametrize("pooled", ["sqlite"], indirect=True)


async def put(site: Site, to: Person | None = None, **columns: Any) -> NewDelivery:
    """A delivery of a kind that no worker here knows, so that it stays as it is."""
    return await put_delivery(site.world.tidings, to, **{"kind": "webhook", "channel": "webhook"} | columns)


async def open_page(site: Site, person: Person, name: str, **options: Any) -> Page:
    page = await site.sign_in(person, **options)
    await page.get_by_role("navigation", name="Pages").get_by_role("link", name=name).click()
    await page.get_by_role("heading", name=name, exact=True).wait_for()
    return page


def row(page: Page, text: str) -> Locator:
    return page.get_by_role("row").filter(has=page.get_by_role("rowheader")).filter(has_text=text)


async def fill(site: Site, ada: Person) -> None:
    """Some of everything."""
    entry = await ada.receives("message", title="Lunch?")
    await put(site, ada, notification_id=UUID(entry["id"]), record=DEAD)
    await put(site, ada, record={"state": DeliveryState.UNKNOWN})
    await put(site, user_id=NOBODY, destination="a-rather-long-address-of-somebody-new@subdomain.example.org")
    for state in (DeliveryState.SENT, DeliveryState.SKIPPED, DeliveryState.HANDING_OVER):
        await put(site, ada, record={"state": state, "reason": "already_seen"})


async def test_nothing_sent_yet_is_said(site: Site, grace: Person) -> None:
    page = await open_page(site, grace, "Deliveries")
    await expect(page.get_by_text("Nothing sent yet")).to_be_visible()
    await is_good(page, "deliveries-empty")


async def test_what_failed_is_seen_at_once_and_sent_again(site: Site, ada: Person, grace: Person) -> None:
    await put(site, ada)
    await put(site, ada, record=DEAD)
    page = await open_page(site, grace, "Deliveries")
    await expect(page.get_by_text("1 delivery failed for good.")).to_be_visible()
    await page.get_by_role("link", name="Show them").click()
    await expect(row(page, "Ada")).to_have_count(1)
    await row(page, "Failed").get_by_role("button", name="Details").click()
    await expect(page.get_by_text("550 no").first).to_be_visible()
    await page.get_by_role("button", name="Send again…").click()
    await expect(page.get_by_role("dialog")).to_contain_text("Send this again?")
    await page.get_by_role("dialog").get_by_role("button", name="Send again").click()
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await expect(page.get_by_text("1 delivery failed for good.")).to_have_count(0)


async def test_what_waits_is_cancelled_after_a_question(site: Site, ada: Person, grace: Person) -> None:
    await put(site, ada)
    page = await open_page(site, grace, "Deliveries")
    await row(page, "Scheduled").get_by_role("button", name="Details").press("Enter")
    ask = page.get_by_role("button", name="Cancel delivery…")
    await ask.press("Enter")
    await page.keyboard.press("Escape")
    await expect(row(page, "Scheduled")).to_have_count(1)
    await expect(ask).to_be_focused()
    await ask.press("Enter")
    await page.get_by_role("dialog").get_by_role("button", name="Cancel delivery").click()
    await expect(row(page, "Cancelled")).to_have_count(1)


async def test_a_refusal_is_shown_where_it_was_asked(site: Site, ada: Person, grace: Person) -> None:
    await put(site, ada)
    page = await open_page(site, grace, "Deliveries")
    await row(page, "Scheduled").get_by_role("button", name="Details").click()
    await page.get_by_role("button", name="Cancel delivery…").click()
    await page.route("**/cancel", lambda route: route.continue_(url=route.request.url.replace("cancel", "retry")))
    await page.get_by_role("dialog").get_by_role("button", name="Cancel delivery").click()
    await expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("Only a delivery that ended")
    await is_good(page, "deliveries-refused")
    await page.get_by_role("dialog").get_by_role("button", name="Close").click()
    await expect(row(page, "Scheduled")).to_have_count(1)
    site.complaints[:] = [each for each in site.complaints if "409" not in each]


async def test_a_filter_is_an_address_and_more_is_loaded(site: Site, ada: Person, grace: Person) -> None:
    for _ in range(25):
        await put(site, ada)
    await put(site, grace, channel="push")
    page = await open_page(site, grace, "Deliveries")
    rows = page.get_by_role("rowheader")
    await expect(rows).to_have_count(20)
    await page.get_by_role("button", name="Load more").click()
    await expect(rows).to_have_count(26)
    await put(site, ada)  # what is new stands on top, and what was loaded stays
    await expect(rows).to_have_count(27, timeout=20_000)
    await page.get_by_label("Channel").focus()
    await page.get_by_label("Channel").select_option("Push")
    await expect(rows).to_have_count(1)
    await expect(page.get_by_label("Channel")).to_be_focused()
    assert page.url.endswith("?channel=push")
    await page.get_by_label("Recipient").fill("ada")
    await page.get_by_label("Recipient").press("Enter")
    await expect(page.get_by_text("No such deliveries")).to_be_visible()
    await page.go_back()
    await expect(rows).to_have_count(1)
    await page.go_back()
    await expect(page.get_by_label("Channel")).to_have_value("")
    await expect(rows).to_have_count(20)


async def test_the_system_says_what_waits_and_where_mail_goes(site: Site, ada: Person, grace: Person) -> None:
    await put(site, ada)
    page = await open_page(site, grace, "System")
    queue = page.get_by_role("region", name="Queue")
    await expect(queue.get_by_role("rowheader")).to_have_text("Webhook")
    await expect(page.get_by_text("Nothing needs you.")).to_be_visible()
    await expect(page.get_by_text("The mailbox")).to_be_visible()
    await expect(page.get_by_role("region", name="Recurring tasks").get_by_role("rowheader").first).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
async def test_they_fit_and_have_no_barrier(site: Site, ada: Person, grace: Person, width: int, scheme: Any) -> None:
    await fill(site, ada)
    page = await open_page(site, grace, "Deliveries", viewport={"width": width, "height": 900}, color_scheme=scheme)
    await row(page, "Lunch?").get_by_role("button", name="Details").click()
    await is_good(page, f"deliveries-{width}-{scheme}")
    await page.get_by_role("button", name="Send again…").first.click()
    await is_good(page, f"deliveries-question-{width}-{scheme}")
    await page.keyboard.press("Escape")
    await page.get_by_role("link", name="System").click()
    await page.get_by_role("region", name="Queue").wait_for()
    await is_good(page, f"system-{width}-{scheme}")


async def test_from_right_to_left_and_in_forced_colours_nothing_breaks(site: Site, ada: Person, grace: Person) -> None:
    await fill(site, ada)
    page = await open_page(site, grace, "Deliveries", forced_colors="active", reduced_motion="reduce")
    await page.evaluate("document.documentElement.dir = 'rtl'")
    await row(page, "Lunch?").get_by_role("button", name="Details").click()
    await is_good(page, "deliveries-rtl-forced-colours")
    await page.get_by_role("link", name="System").click()
    await page.get_by_role("region", name="Queue").wait_for()
    await is_good(page, "system-rtl-forced-colours")
