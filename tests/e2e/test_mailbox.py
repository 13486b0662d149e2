"""The development mailbox in a browser: what was kept can be read, and does nothing while it is."""

from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.console.office import keep_mail
from tests.e2e.axe import violations
from tests.e2e.conftest import Site
from tests.e2e.looks import is_good
from tests.world import Person

# Files and pages: the database behind them makes no difference.
pytestmark = pytest.mark.parametrize("pooled", ["sqlite"], indirect=True)

HTML = """<!doctype html><html><head><style>b {{ color: #86600f }}</style></head><body style="font-family: sans-serif">
<h1 style="font-size: 22px">Your sign-in</h1><p>Hello <b>Ada</b>,</p><p>{}</p>
<p><a href="{}">Verify the address</a></p></body></html>"""


async def open_mailbox(site: Site, person: Person, **options: Any) -> Page:
    page = await site.sign_in(person, **options)
    await page.get_by_role("navigation", name="Pages").get_by_role("link", name="Mailbox").click()
    await page.get_by_role("heading", name="Mailbox", exact=True).wait_for()
    return page


async def test_an_empty_mailbox_says_so_and_a_first_mail_arrives_by_itself(site: Site, grace: Person) -> None:
    page = await open_mailbox(site, grace)
    await expect(page.get_by_text("TIDINGS_SMTP_URL is not set")).to_be_visible()
    await expect(page.get_by_text("No mail yet")).to_be_visible()
    assert await violations(page) == []
    keep_mail(site.world.tidings, subject="Lunch?")
    await expect(page.get_by_role("link", name="Lunch?")).to_be_visible(timeout=20_000)  # it asks every five seconds


async def test_a_test_mail_is_sent_to_oneself_and_kept(site: Site, grace: Person) -> None:
    page = await open_mailbox(site, grace)
    await page.get_by_role("button", name="Send a mail to yourself").click()
    await page.get_by_role("link", name="A first mail").click()
    await expect(page.get_by_role("heading", name="A first mail")).to_be_focused()
    letter = page.frame_locator("iframe").get_by_role("article")
    await expect(letter.get_by_text("It was kept in the mailbox and not sent.")).to_be_visible()
    await is_good(page, "mailbox-letter")


async def test_a_mail_is_shown_as_html_text_and_headers_and_can_be_saved(
    site: Site, grace: Person, tmp_path: Path
) -> None:
    mail = keep_mail(site.world.tidings, html=HTML.format("The usual place.", site.url), text="As plain text.")
    page = await open_mailbox(site, grace)
    await page.get_by_role("link", name="Lunch?").click()
    await expect(page.frame_locator("iframe").get_by_role("heading", name="Your sign-in")).to_be_visible()
    await page.get_by_role("tab", name="HTML").press("ArrowRight")
    await expect(page.get_by_role("tab", name="Text")).to_be_focused()
    await expect(page.get_by_role("tabpanel")).to_have_text("As plain text.")
    await page.get_by_role("tab", name="Text").press("ArrowRight")
    await expect(page.get_by_role("tabpanel")).to_contain_text("Auto-Submitted")
    async with page.expect_download() as downloading:
        await page.get_by_role("link", name="Download").click()
    download = await downloading.value
    assert download.suggested_filename == f"{mail.delivery_id}.eml"
    await download.save_as(tmp_path / "mail.eml")
    assert b"Subject: Lunch?" in (tmp_path / "mail.eml").read_bytes()


async def test_a_mail_keeps_its_styles_and_runs_no_script(site: Site, grace: Person) -> None:
    harm = "<script>top.document.title = 'harm'</script><img src=x onerror=\"top.document.title = 'harm'\">"
    keep_mail(site.world.tidings, html=HTML.format("Hello" + harm, site.url))
    page = await open_mailbox(site, grace)
    async with page.expect_console_message(lambda message: "script" in message.text.lower()):
        await page.get_by_role("link", name="Lunch?").click()
    frame = page.frame_locator("iframe")
    colour = await frame.locator("b").evaluate("e => getComputedStyle(e).color")
    assert colour == "rgb(134, 96, 15)"
    assert "harm" not in await page.title()
    # The browser says what it refused: that is what this test is about.
    site.complaints[:] = [each for each in site.complaints if "script" not in each and "img-src" not in each]


async def test_a_link_in_a_mail_opens_a_tab_of_its_own(site: Site, grace: Person) -> None:
    keep_mail(site.world.tidings, html=HTML.format("Please verify.", f"{site.url}/setup"))
    page = await open_mailbox(site, grace)
    await page.get_by_role("link", name="Lunch?").click()
    async with page.context.expect_page() as opening:
        await page.frame_locator("iframe").get_by_role("link", name="Verify the address").click()
    await (await opening.value).get_by_role("heading", name="This link is incomplete").wait_for()
    await expect(page.get_by_role("heading", name="Lunch?")).to_be_visible()


async def test_a_mail_has_an_address_and_the_way_back_leads_to_the_list(site: Site, grace: Person) -> None:
    first = keep_mail(site.world.tidings, subject="First")
    keep_mail(site.world.tidings, subject="Second")
    page = await open_mailbox(site, grace)
    await page.get_by_role("link", name="First").click()
    await expect(page.get_by_role("tabpanel")).to_contain_text("The usual place.")
    assert page.url.endswith(f"/mailbox?mail={first.delivery_id}")
    await page.reload()
    await expect(page.get_by_role("heading", name="First")).to_be_visible()
    await page.go_back()
    await expect(page.get_by_text("Choose a mail")).to_be_visible()


async def test_an_address_of_a_mail_that_is_gone_says_so(site: Site, grace: Person) -> None:
    page = await site.sign_in(grace)
    for name in ("0198c0de-0000-7000-8000-000000000000", "nonsense"):
        await page.goto(f"/mailbox?mail={name}")
        await expect(page.get_by_text("This mail is not here")).to_be_visible()
    site.complaints[:] = [each for each in site.complaints if "404" not in each and "422" not in each]


async def test_where_mail_is_sent_the_page_leads_to_the_deliveries(site: Site, grace: Person) -> None:
    page = await site.sign_in(grace)
    state = site.world.tidings.app.state
    state.mail_folder = None
    state.settings = state.settings.model_copy(update={"smtp_url": "smtp://mail.example.org"})
    await page.goto("/mailbox")
    await expect(page.get_by_text("Mail is sent, not kept")).to_be_visible()
    await page.get_by_role("link", name="See the deliveries").click()
    await expect(page.get_by_role("heading", name="Deliveries", exact=True)).to_be_visible()
    site.complaints[:] = [each for each in site.complaints if "404" not in each]


async def test_offline_is_said_and_made_up_for(site: Site, grace: Person) -> None:
    page = await open_mailbox(site, grace)
    await page.context.set_offline(True)
    await expect(page.get_by_text("You are offline. This page updates")).to_be_visible()
    keep_mail(site.world.tidings, subject="Kept in the tunnel")
    await page.context.set_offline(False)
    await expect(page.get_by_role("link", name="Kept in the tunnel")).to_be_visible()
    await expect(page.get_by_text("You are offline. This page updates")).to_have_count(0)


async def test_it_is_no_page_for_others(site: Site, ada: Person) -> None:
    page = await site.sign_in(ada)
    await expect(page.get_by_role("navigation", name="Pages")).to_have_count(0)
    await page.goto("/mailbox")
    await expect(page.get_by_role("heading", name="This page is for administrators")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
async def test_it_fits_and_has_no_barrier(site: Site, grace: Person, width: int, scheme: Any) -> None:
    keep = partial(keep_mail, site.world.tidings, html=HTML.format("The usual place.", site.url))
    for subject in ("Lunch?", "A subject so long that it can never fit into one line of a list " * 2, "短い件名"):
        keep(subject=subject)
    page = await open_mailbox(site, grace, viewport={"width": width, "height": 720}, color_scheme=scheme)
    await page.get_by_role("link", name="Lunch?").wait_for()
    await is_good(page, f"mailbox-list-{width}-{scheme}")
    await page.get_by_role("link", name="Lunch?").click()
    await page.frame_locator("iframe").get_by_role("heading").wait_for()
    await is_good(page, f"mailbox-mail-{width}-{scheme}")
    await page.get_by_role("tab", name="Headers").click()
    await is_good(page, f"mailbox-headers-{width}-{scheme}")
