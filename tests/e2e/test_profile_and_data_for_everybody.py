"""The pages about oneself for everybody: every size, light, dark, mirrored, by keyboard, offline, in every language."""

from typing import Any

import pytest
from playwright.async_api import Page, Route, expect

from tests.accounts.pictures import picture, put
from tests.e2e.conftest import SCREENS, Site
from tests.e2e.front_door import decide, open_page, refused
from tests.e2e.looks import is_good
from tests.e2e.own_pages import open_own
from tests.e2e.test_profile_and_data import file, half_made, part
from tests.world import Person
from tidings.accounts.exports.types import ExportState
from tidings.accounts.types import Language

# How a page looks does not depend on the database behind it.
pytestmark = pytest.mark.parametrize("pooled", ["sqlite"], indirect=True)

LONG = "a.person.with.a.name.so.long.that.it.never.fits.into.one.line.of.a.phone@a-rather-long-name.example.org"
# From light to dark without a colour in between.
STILL: dict[str, Any] = {"reduced_motion": "reduce"}
PHONE: dict[str, Any] = {"viewport": {"width": 320, "height": 2400}}


async def looks_good(page: Page, name: str) -> None:
    """On a phone and on a desk, light and dark; axe-core looks at one of each."""
    for width, scheme, has_axe in ((320, "light", True), (320, "dark", False), (1280, "light", False)):
        await page.set_viewport_size({"width": width, "height": 2400})
        await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # a literal, as the loop has it
        if has_axe:
            await is_good(page, f"{name}-{width}-{scheme}")
        else:
            await page.screenshot(path=SCREENS / f"{name}-{width}-{scheme}.png")
            assert await sideways(page) <= 0, f"{name} at {width}"
    await page.emulate_media(color_scheme="dark")
    await is_good(page, f"{name}-1280-dark")


async def sideways(page: Page) -> int:
    """By how many pixels the page is too wide."""
    width: int = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return width


async def test_a_profile_fits_and_has_no_barrier_in_every_state(site: Site, ada: Person, grace: Person) -> None:
    await decide(grace, public_shareable_links=True, public_shareable_links_user_info=True)
    page = await open_own(site, ada, "/profile", **STILL)
    await looks_good(page, "profile")
    photo = part(page, "Photo")
    await photo.get_by_label("Choose a photo").set_input_files(file("me.png", "image/png", picture()))
    await photo.get_by_label("Size").wait_for()
    await looks_good(page, "profile-crop")
    await ada.client.put("/users/me/email", json={"email": LONG})
    await put(ada.client, picture(), "/users/me/photo")
    await ada.client.patch("/users/me", json={"units": "imperial", "height": 170})
    with refused(site, 422):
        await page.reload()
        await page.get_by_label("Highest heart rate").fill("fast")
        await page.get_by_label("inches").fill("999")
        await part(page, "About you").get_by_role("button", name="Save").click()
        await expect(page.get_by_label("inches")).to_have_accessible_description(
            "Enter a whole number from 1 in to 9 ft, 10 in."
        )
        await looks_good(page, "profile-refused")
    await looks_good(await open_page(site, f"/person?id={ada.id}", **STILL), "person")


async def test_the_page_of_one_s_data_fits_and_has_no_barrier_in_every_state(site: Site, ada: Person) -> None:
    with refused(site, 404):
        page = await open_own(site, ada, "/data", **STILL)
        await looks_good(page, "data")
    await half_made(site, ada)
    await page.reload()
    await page.get_by_role("progressbar").wait_for()
    await page.get_by_label("Choose the ZIP file").set_input_files(file("copy.zip", "application/zip", b"PK" * 900))
    await looks_good(page, "data-running")
    await page.get_by_role("button", name="Delete account…").click()
    await page.get_by_role("dialog").wait_for()
    await looks_good(page, "data-leaving")


async def test_what_is_not_there_yet_keeps_its_place_and_what_cannot_be_had_says_so(site: Site, ada: Person) -> None:
    page = await open_own(site, ada, "/profile", **PHONE)
    held: list[Route] = []

    async def hold(route: Route) -> None:
        held.append(route)

    await page.route("**/users/me/privacy", hold)
    await page.reload()
    await page.locator(".own-skeleton").first.wait_for()
    await is_good(page, "profile-loading")
    with refused(site, 500):
        await held[0].fulfill(status=500, json={"code": "internal", "title": "", "status": 500, "type": "about:blank"})
        await expect(page.get_by_text("This could not be loaded")).to_be_visible()
    await page.unroute("**/users/me/privacy")
    await page.get_by_role("button", name="Try again").click()
    await page.locator(".own-parts").wait_for()
    await page.context.set_offline(True)
    await page.get_by_label("City").fill("Turin")
    await part(page, "About you").get_by_role("button", name="Save").click()
    await expect(part(page, "About you").get_by_role("alert")).to_contain_text("Tidings cannot be reached.")
    await expect(page.get_by_label("City")).to_have_value("Turin")


async def test_out_of_reach_a_page_says_so_and_goes_on_by_itself(site: Site, ada: Person) -> None:
    page = await open_own(site, ada, "/profile", **PHONE)
    await page.get_by_role("link", name="Inbox").click()
    await page.get_by_role("tabpanel").wait_for()
    await page.context.set_offline(True)
    await page.locator(".who").click()
    await expect(page.get_by_text("You are offline")).to_be_visible()
    await is_good(page, "profile-offline")
    await page.context.set_offline(False)
    await page.locator("tidings-about-part").wait_for()
    await page.context.set_offline(True)
    await page.get_by_role("link", name="Your data").click()
    await expect(page.get_by_role("heading", name="Tidings cannot be reached.")).to_be_visible()
    with refused(site, 404):
        await page.context.set_offline(False)
        await page.get_by_role("button", name="Try again").click()
        await page.locator("tidings-leaving-part").wait_for()


async def test_they_speak_every_language_and_change_it_without_being_loaded_again(site: Site, ada: Person) -> None:
    await half_made(site, ada, ExportState.READY)
    page = await open_own(site, ada, "/profile", **PHONE)
    for language in Language:
        await page.locator("[name=preferred_language]").select_option(language)
        await page.locator("form", has=page.locator("[name=preferred_language]")).get_by_role("button").click()
        await page.locator(f"html[lang={language.tag}]").wait_for(state="attached")
        assert await sideways(page) <= 0, f"the profile in {language}"
        await page.locator(".sections a[href='/data']").click()
        await page.locator("tidings-leaving-part").wait_for()
        assert await sideways(page) <= 0, f"the data in {language}"
        await page.locator(".sections a[href='/profile']").click()
        await page.locator("tidings-choices-part").wait_for()


async def test_every_word_is_translated_and_mirrored_in_forced_colours_nothing_breaks(site: Site, ada: Person) -> None:
    await put(ada.client, picture(), "/users/me/photo")
    await half_made(site, ada)
    page = await open_own(site, ada, "/profile", **PHONE, forced_colors="active", reduced_motion="reduce")
    await page.route("**/api/v1/users/me", in_pseudo)
    for name in ("profile", "data"):
        await page.goto(f"/{name}")
        await page.locator(".own-parts").wait_for()
        places = "main :is(h1, h2, h3, legend, label > span, button, p.lead, p.hint)"
        words = [each.strip() for each in await page.locator(places).all_inner_texts()]
        assert [each for each in words if each and not each.startswith("[")] == [], name
        await page.evaluate("document.documentElement.dir = 'rtl'")
        await is_good(page, f"{name}-pseudo-rtl-forced-colours")


async def in_pseudo(route: Route) -> None:
    """No profile has this language; the page is told that hers does."""
    response = await route.fetch()
    await route.fulfill(response=response, json=await response.json() | {"preferred_language": "pseudo"})


async def test_a_name_is_changed_with_the_keyboard_alone(site: Site, ada: Person) -> None:
    page = await open_own(site, ada, "/profile")
    for _ in range(20):
        await page.keyboard.press("Tab")
        if await page.evaluate("document.activeElement.name") == "name":
            break
    await page.keyboard.press("Control+A")
    await page.keyboard.type("Ada Lovelace")
    await page.keyboard.press("Enter")
    await expect(part(page, "About you").get_by_role("status")).to_have_text("Saved.")
    await expect(page.locator(".who")).to_contain_text("Ada Lovelace")
