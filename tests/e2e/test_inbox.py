"""The inbox in a browser: what arrives, what is read, and what the other window sees of it."""

import re

from playwright.async_api import Locator, Page, expect

from tests.e2e.conftest import PASSWORD, Site
from tests.world import Person


def entry(page: Page, title: str) -> Locator:
    return page.get_by_role("feed").get_by_role("article").filter(has_text=title)


async def test_what_is_sent_appears_without_reload(site: Site, ada: Person) -> None:
    page = await site.sign_in(ada)
    await expect(page.get_by_text("You are all caught up")).to_be_visible()
    await ada.receives("message", title="The ferns are thirsty", message="Since Thursday.")
    await expect(entry(page, "The ferns are thirsty")).to_contain_text("Since Thursday.")


async def test_what_one_window_reads_the_other_shows_as_read(site: Site, ada: Person) -> None:
    await ada.receives("message", title="Lunch?")
    here, there = await site.sign_in(ada), await site.sign_in(ada)
    await expect(entry(there, "Lunch?").get_by_text("Unread", exact=True)).to_have_count(1)
    await entry(here, "Lunch?").get_by_role("button", name="Mark as read").click()
    await expect(entry(there, "Lunch?").get_by_role("button", name="Mark as unread")).to_have_count(1)
    assert await ada.titles(unread_only=True) == []


async def test_two_tabs_of_one_browser_stay_in_step(site: Site, ada: Person) -> None:
    first = await site.sign_in(ada)
    second = await first.context.new_page()
    await second.goto("/inbox")
    await ada.receives("message", title="Seen by both tabs")
    for tab in (first, second):
        await expect(entry(tab, "Seen by both tabs")).to_have_count(1)
    await entry(first, "Seen by both tabs").get_by_role("button", name="Dismiss").click()
    await expect(entry(second, "Seen by both tabs")).to_have_count(0)


async def test_a_dismissed_entry_can_be_brought_back(site: Site, ada: Person) -> None:
    await ada.receives("message", title="Too quick")
    page = await site.sign_in(ada)
    await entry(page, "Too quick").get_by_role("button", name="Dismiss").click()
    await expect(entry(page, "Too quick")).to_have_count(0)
    await page.get_by_role("button", name="Undo").click()
    await expect(entry(page, "Too quick")).to_have_count(1)
    await page.reload()  # what the server holds
    await expect(entry(page, "Too quick")).to_have_count(1)


async def test_more_is_loaded_until_everything_is_there(site: Site, ada: Person) -> None:
    for number in range(45):
        await ada.receives("message", title=f"Number {number:02}")
    page = await site.sign_in(ada)
    entries = page.get_by_role("feed").get_by_role("article")
    await expect(entries).to_have_count(20)
    await page.get_by_role("button", name="Load more").click()
    await expect(entries).to_have_count(40)
    await page.get_by_role("button", name="Load more").click()
    await expect(entries).to_have_count(45)
    assert len(set(await entries.all_text_contents())) == 45


async def test_the_tab_title_counts_what_is_new(site: Site, ada: Person) -> None:
    page = await site.sign_in(ada)
    other = await page.context.new_page()  # so that the inbox is not looked at
    await other.goto("about:blank")
    await other.bring_to_front()
    await ada.receives("message", title="While you were away")
    await expect(page).to_have_title(re.compile(r"Inbox · Tidings"))


async def test_the_list_catches_up_after_being_offline(site: Site, ada: Person) -> None:
    page = await site.sign_in(ada)
    await page.context.set_offline(True)
    await expect(page.get_by_text("You are offline.")).to_be_visible()
    await ada.receives("message", title="Sent in the tunnel")
    await page.context.set_offline(False)
    await expect(entry(page, "Sent in the tunnel")).to_have_count(1)


async def test_everything_can_be_done_with_the_keyboard(site: Site, ada: Person) -> None:
    await ada.receives("message", title="Second")
    await ada.receives("message", title="First")
    page = await site.sign_in(ada)
    await entry(page, "First").focus()
    await page.keyboard.press("j")
    await expect(entry(page, "Second")).to_be_focused()
    await page.keyboard.press("u")
    await expect(entry(page, "Second").get_by_role("button", name="Mark as unread")).to_have_count(1)
    await page.keyboard.press("e")
    await expect(entry(page, "Second")).to_have_count(0)
    await page.keyboard.press("z")
    await expect(entry(page, "Second")).to_have_count(1)


async def test_a_wrong_password_is_answered_and_nothing_is_lost(site: Site, ada: Person) -> None:
    page = await (await site.device()).new_page()
    await page.goto("/sign-in")
    await page.get_by_label("Username or e-mail").fill(ada.name)
    await page.get_by_label("Password", exact=True).fill("not " + PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("alert")).to_be_visible()
    await expect(page.get_by_label("Username or e-mail")).to_have_value(ada.name)


async def test_signing_out_ends_the_session_and_closes_the_stream(site: Site, ada: Person) -> None:
    page = await site.sign_in(ada)
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    await page.goto("/inbox")
    await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


async def test_a_hostile_title_is_only_text(site: Site, ada: Person) -> None:
    await ada.receives("message", title="<img src=x onerror=alert(1)>", message="<script>alert(2)</script>")
    page = await site.sign_in(ada)
    await expect(page.get_by_role("feed")).to_contain_text("<img src=x onerror=alert(1)>")
    assert await page.locator("img[src=x], script:not([src])").count() == 0
