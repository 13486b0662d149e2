"""Every text in a browser: chosen, in any language, as mail and as a card of the inbox."""

from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.e2e.conftest import Site
from tests.e2e.looks import is_good
from tests.world import Person
from tidings.accounts.types import Language

# Texts come from the program, not from the database.
pytestmark = pytest.mark.parametrize("pooled", ["sqlite"], indirect=True)


async def open_templates(site: Site, person: Person, **options: Any) -> Page:
    page = await site.sign_in(person, **options)
    await page.get_by_role("navigation", name="Pages").get_by_role("link", name="Templates").click()
    await page.get_by_role("heading", name="Templates", exact=True).wait_for()
    return page


async def test_a_text_is_shown_live_in_the_chosen_language_and_channel(site: Site, grace: Person) -> None:
    page = await open_templates(site, grace)
    await page.get_by_role("link", name="streak").click()
    letter = page.frame_locator("iframe").get_by_role("article")
    await expect(letter).to_contain_text("Milestone: 21 days in a row")
    await expect(page.get_by_role("region", name="Text")).to_contain_text("That is a milestone. Well done!")
    await page.get_by_label("Language").select_option("Deutsch")
    await expect(letter).to_contain_text("21 Tage")
    await page.get_by_label("Channel").select_option("In the app")
    await expect(page.get_by_text("As it stands in the inbox")).to_be_visible()
    await expect(page.locator("iframe")).to_have_count(0)
    await expect(page.locator(".inbox-card")).to_contain_text("21 Tage")
    assert page.url.endswith("/templates?name=streak&channel=in_app&language=de")
    await page.reload()
    await expect(page.locator(".inbox-card")).to_contain_text("21 Tage")


async def test_a_letter_of_an_account_is_shown_too(site: Site, grace: Person) -> None:
    page = await open_templates(site, grace)
    await page.get_by_role("link", name="password_reset").click()
    await expect(page.frame_locator("iframe").get_by_role("link", name="password").first).to_be_visible()
    await expect(page.get_by_label("Channel").get_by_role("option")).to_have_text(["E-mail"])
    await is_good(page, "templates-letter")


async def test_a_text_that_is_broken_says_why_and_the_others_can_be_seen(site: Site, grace: Person) -> None:
    page = await open_templates(site, grace)
    await page.get_by_role("link", name="order.shipped").click()
    await expect(page.get_by_text("This template cannot be rendered")).to_be_visible()
    await is_good(page, "templates-broken")
    await page.get_by_role("link", name="message", exact=True).click()
    await expect(page.frame_locator("iframe").get_by_role("article")).to_be_visible()
    site.complaints[:] = [each for each in site.complaints if "422" not in each]


@pytest.mark.parametrize("language", Language)
async def test_the_console_speaks_every_language_and_shows_texts_in_it(site: Site, language: Language) -> None:
    helene = await site.world.make_person("helene", admin=True, preferred_language=language)
    context = await site.device(viewport={"width": 320, "height": 720})
    cookies = [{"name": name, "value": value, "url": site.url} for name, value in helene.client.cookies.items()]
    await context.add_cookies(cookies)  # type: ignore[arg-type]  # playwright's own record of a cookie
    page = await context.new_page()
    await page.goto("/templates?name=level_up")
    await page.frame_locator("iframe").get_by_role("article").wait_for()
    lang = await page.locator("html").get_attribute("lang") or ""
    assert lang.lower() == language.tag.lower()
    shown = await page.frame_locator("iframe").locator("html").get_attribute("lang") or ""
    assert shown.lower().startswith(language.tag.lower())
    await is_good(page, f"templates-{language}")
    for path in ("deliveries", "mailbox", "system"):
        await page.goto(f"/{path}")
        await page.locator("main :is(.panel, .state)").first.wait_for()
        await is_good(page, f"{path}-{language}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
async def test_it_fits_and_has_no_barrier(site: Site, grace: Person, width: int, scheme: Any) -> None:
    page = await open_templates(site, grace, viewport={"width": width, "height": 900}, color_scheme=scheme)
    await page.get_by_role("link", name="level_up").wait_for()
    await is_good(page, f"templates-list-{width}-{scheme}")
    await page.get_by_role("link", name="level_up").click()
    await page.frame_locator("iframe").get_by_role("article").wait_for()
    await is_good(page, f"templates-mail-{width}-{scheme}")
    await page.get_by_label("Channel").select_option("In the app")
    await page.get_by_text("As it stands in the inbox").wait_for()
    await is_good(page, f"templates-card-{width}-{scheme}")
