"""The pages before signing in, for everybody: small, large, light, dark, mirrored, by keyboard, in every language."""

from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.e2e.conftest import Site
from tests.e2e.front_door import GOOD_PASSWORD, decide, open_page, refused
from tests.e2e.looks import is_good
from tests.world import Person
from tidings.accounts.types import Language

# How a page looks does not depend on the database behind it.
pytestmark = pytest.mark.parametrize("pooled", ["sqlite"], indirect=True)

TOKEN = "token=tdm_of-yesterday"
ADDRESSES = {
    "sign-up": "/sign-up",
    "verify-email": f"/verify-email?{TOKEN}",
    "verify-email-again": "/verify-email",
    "confirm-email": f"/confirm-email?{TOKEN}",
    "confirm-email-incomplete": "/confirm-email",
    "undo-email": f"/undo-email?{TOKEN}",
    "reset-password": "/reset-password",
    "reset-password-with-token": f"/reset-password?{TOKEN}",
    "invitation": f"/invitation?{TOKEN}",
    "sign-in-second-step": "/sign-in#mfa_token=tdm_of-yesterday&methods=totp,passkey,recovery_code",
}
LONG = "a.person.with.a.name.so.long.that.it.never.fits.into.one.line.of.a.phone@a-rather-long-name.example.org"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
async def test_they_fit_and_have_no_barrier(site: Site, grace: Person, width: int, scheme: Any) -> None:
    await decide(grace, signup_enabled=True)
    screen: dict[str, Any] = {"viewport": {"width": width, "height": 720}, "color_scheme": scheme}
    page = await (await site.device(**screen)).new_page()
    for name, address in ADDRESSES.items():
        await page.goto(site.url + address)
        await page.get_by_role("heading").first.wait_for()
        await is_good(page, f"{name}-{width}-{scheme}")
    await page.goto("/sign-up")
    with refused(site, 422):
        await fill_sign_up(page, email=LONG, password="password")
        await page.locator(".complaint").wait_for()
        await is_good(page, f"sign-up-refused-{width}-{scheme}")
    await fill_sign_up(page, email=LONG, password=GOOD_PASSWORD)
    await page.get_by_role("heading", name="Look in your mailbox").wait_for()
    await is_good(page, f"sign-up-asked-{width}-{scheme}")


@pytest.mark.parametrize("language", Language)
async def test_they_speak_every_language(site: Site, grace: Person, language: Language) -> None:
    await decide(grace, signup_enabled=True)
    page = await open_page(site, "/sign-up", locale=language.tag, viewport={"width": 320, "height": 720})
    await page.locator("#password-hint").wait_for()
    await is_good(page, f"sign-up-{language}")


async def test_a_made_up_language_shows_that_every_word_is_translated(site: Site, grace: Person) -> None:
    context = await site.device(viewport={"width": 320, "height": 720})
    await context.add_init_script(
        "if (location.protocol === 'http:') localStorage.setItem('tidings-language', 'pseudo')"
    )
    page = await context.new_page()
    for name, address in ADDRESSES.items():
        await page.goto(site.url + address)
        await page.get_by_role("heading").first.wait_for()
        words = await page.locator("main :is(h1, p, label, button, a)").all_inner_texts()
        assert [each for each in words if each and not each.startswith("[")] == [], name
        await is_good(page, f"{name}-pseudo")


async def test_mirrored_and_in_forced_colours_nothing_breaks(site: Site, grace: Person) -> None:
    await decide(grace, signup_enabled=True)
    screen: dict[str, Any] = {"viewport": {"width": 320, "height": 720}, "forced_colors": "active"}
    for address in ("/sign-up", "/sign-in", f"/reset-password?{TOKEN}"):
        page = await open_page(site, address, reduced_motion="reduce", **screen)
        await page.locator("form").wait_for()
        await page.evaluate("document.documentElement.dir = 'rtl'")
        await is_good(page, f"{address[1:].partition('?')[0]}-rtl-forced-colours")


async def test_signing_up_works_with_the_keyboard_alone(site: Site, grace: Person) -> None:
    await decide(grace, signup_enabled=True)
    page = await open_page(site, "/sign-in")
    await expect(page.get_by_label("Username or e-mail")).to_be_focused()
    await tab_to(page, "Create an account")
    await page.keyboard.press("Enter")
    await page.get_by_label("Name", exact=True).wait_for()
    for text in ("Emmy", "emmy", "emmy@example.org", GOOD_PASSWORD):
        await page.keyboard.press("Tab")
        await page.keyboard.type(text)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Look in your mailbox")).to_be_focused()
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Sign in")).to_be_focused()


async def tab_to(page: Page, text: str) -> None:
    """Press Tab until what has this text has the keyboard."""
    for _ in range(12):
        await page.keyboard.press("Tab")
        if await page.evaluate("document.activeElement.textContent.trim()") == text:
            return
    raise AssertionError(f"Tab never comes to {text!r}")


async def fill_sign_up(page: Page, *, email: str, password: str) -> None:
    fields = {"Name": "Emmy", "Username": "emmy", "E-mail": email, "Password": password}
    for label, value in fields.items():
        await page.get_by_label(label, exact=True).fill(value)
    await page.get_by_role("button", name="Create an account").click()
