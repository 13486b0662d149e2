"""What administrators decide for everybody, and the picture beside the form that signs in."""

from typing import Any

import pytest
from playwright.async_api import Locator, Page, Route, expect

from tests.accounts.pictures import picture, put
from tests.e2e.conftest import Site
from tests.e2e.front_door import decide, open_page, refused
from tests.e2e.looks import is_good
from tests.e2e.own_pages import open_own
from tests.e2e.test_profile_and_data import file
from tests.world import Person
from tidings.accounts.types import Language

# What the routes do is tested on both databases, in tests/accounts; here it is how people get there.
pytestmark = pytest.mark.parametrize("pooled", ["sqlite"], indirect=True)

LOGIN_PHOTO = "/server-settings/login-photo"
STILL: dict[str, Any] = {"reduced_motion": "reduce"}


def part(page: Page, name: str) -> Locator:
    """The section under this heading."""
    return page.get_by_role("region", name=name, exact=True)


def button(place: Page | Locator, name: str) -> Locator:
    return place.get_by_role("button", name=name, exact=True)


async def settings_of(grace: Person) -> dict[str, Any]:
    settings: dict[str, Any] = (await grace.client.get("/server-settings")).json()
    return settings


async def photo_on(page: Page) -> Locator:
    """The photo beside the form, once it is there to be seen."""
    photo = page.locator(".login-photo")
    await expect(photo).to_have_class("login-photo loaded")
    return photo


async def test_an_administrator_gives_the_sign_in_page_a_picture_and_takes_it_away(site: Site, grace: Person) -> None:
    page = await site.sign_in(grace)
    await page.get_by_role("navigation", name="Pages").get_by_role("link", name="Server settings").click()
    photo = part(page, "Picture of the sign-in page")
    chosen = file("house.png", "image/png", picture())
    await photo.get_by_label("Choose a picture").set_input_files(chosen)
    await expect(photo.get_by_role("status")).to_contain_text("The new picture is in use.")
    shown = photo.get_by_role("img", name="Picture of the sign-in page")
    assert await shown.evaluate("async image => { await image.decode(); return image.naturalWidth }") == 640
    visitor = await open_page(site, "/sign-in")
    assert await (await photo_on(visitor)).get_attribute("alt") == ""
    await expect(visitor.get_by_text("News that reaches you once")).to_have_count(0)
    await button(photo, "Remove picture").press("Enter")
    await expect(photo.get_by_role("status")).to_contain_text("The picture is removed.")
    await expect(photo.get_by_role("heading")).to_be_focused()
    await visitor.reload()
    await expect(visitor.get_by_text("News that reaches you once")).to_be_visible()
    await expect(visitor.locator(".login-photo")).to_have_count(0)


async def test_what_is_no_picture_is_refused_and_the_picture_stays(site: Site, grace: Person) -> None:
    await put(grace.client, picture(), LOGIN_PHOTO)
    page = await open_own(site, grace, "/settings")
    photo = part(page, "Picture of the sign-in page")
    with refused(site, 422):
        await photo.get_by_label("Choose another").set_input_files(file("not.png", "image/png", b"nothing"))
        await expect(photo.get_by_role("alert")).to_contain_text("This cannot be a photo.")
    await expect(photo.get_by_role("img")).to_be_visible()


async def test_the_picture_moves_nothing_and_stays_from_page_to_page(site: Site, grace: Person) -> None:
    await put(grace.client, picture(), LOGIN_PHOTO)
    page = await (await site.device(**STILL)).new_page()
    await page.add_init_script(
        "window.moved = [];"
        "const names = each => each.sources.map(({ node }) => node?.className ?? node?.nodeName ?? '');"
        "new PerformanceObserver(list => list.getEntries().forEach(each => window.moved.push(...names(each))))"
        ".observe({ type: 'layout-shift', buffered: true })"
    )
    await page.goto("/sign-in?stay")
    box = await (await photo_on(page)).bounding_box()
    assert box is not None
    assert (box["x"], box["y"], box["height"]) == (0, 0, 860)
    moved = await page.evaluate("window.moved")
    assert set(moved) <= {"front-main"}, "the form itself takes the place of a word"
    held: list[Route] = []

    async def hold(route: Route) -> None:
        held.append(route)

    await page.route("**/public/server-settings", hold)
    async with page.expect_request("**/public/server-settings"):  # which nobody answers
        await page.get_by_role("link", name="Forgotten your password?").click()
    await expect(page.get_by_role("heading", name="Choose a new password")).to_be_visible()
    await photo_on(page)


async def test_a_phone_does_not_even_load_the_picture(site: Site, grace: Person) -> None:
    await put(grace.client, picture(), LOGIN_PHOTO)
    page = await (await site.device(viewport={"width": 320, "height": 720})).new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await page.goto("/sign-in")
    await page.locator(".login-photo").wait_for(state="attached")
    await expect(page.locator(".login-photo")).to_be_hidden()
    await page.wait_for_load_state("networkidle")
    assert [url for url in asked if "/photos/" in url] == []


async def test_a_picture_that_is_gone_leaves_the_page_whole(site: Site, grace: Person) -> None:
    await put(grace.client, picture(), LOGIN_PHOTO)
    page = await (await site.device()).new_page()
    await page.route("**/photos/*", lambda route: route.fulfill(status=404))
    with refused(site, 404):
        await page.goto("/sign-in")
        await page.get_by_label("Password", exact=True).wait_for()
        await page.wait_for_load_state("networkidle")
    assert await page.locator(".login-photo").evaluate("photo => getComputedStyle(photo).opacity") == "0"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
async def test_the_sign_in_page_with_a_picture_fits(site: Site, grace: Person, width: int, scheme: Any) -> None:
    await put(grace.client, picture("JPEG", size=(1200, 1600)), LOGIN_PHOTO)
    screen: dict[str, Any] = {"viewport": {"width": width, "height": 720}, "color_scheme": scheme}
    page = await open_page(site, "/sign-in", **STILL, **screen)
    await page.get_by_label("Password", exact=True).wait_for()
    if width > 960:
        await photo_on(page)
    await is_good(page, f"sign-in-photo-{width}-{scheme}")


async def test_each_decision_is_saved_by_itself_and_another_administrator_s_is_kept(site: Site, grace: Person) -> None:
    before = await settings_of(grace)
    page = await open_own(site, grace, "/settings")
    signing_up = part(page, "Signing up")
    await expect(signing_up.get_by_label("Strangers may sign up")).not_to_be_checked()
    await decide(grace, mfa_required=False, num_records_per_page=50)  # meanwhile, elsewhere
    await signing_up.get_by_label("Strangers may sign up").check()
    await signing_up.get_by_label("An administrator approves").uncheck()
    await button(signing_up, "Save").click()
    await expect(signing_up.get_by_role("status")).to_have_text("Saved.")
    changed = {"signup_enabled": True, "signup_require_admin_approval": False, "num_records_per_page": 50}
    assert await settings_of(grace) == before | changed
    passwords = part(page, "Passwords")
    await passwords.get_by_label("What a password needs").select_option("strict")
    await passwords.get_by_label("Fewest characters", exact=True).fill("12")
    await passwords.get_by_label("Fewest characters", exact=True).press("Enter")
    await expect(passwords.get_by_role("status")).to_have_text("Saved.")
    changed |= {"password_type": "strict", "password_length_regular_users": 12}  # type: ignore[dict-item]
    assert await settings_of(grace) == before | changed
    await page.reload()
    await expect(passwords.get_by_label("What a password needs")).to_have_value("strict")
    await expect(page.get_by_label("People on a page of a list")).to_have_value("50")


async def test_what_cannot_be_decided_is_said_where_it_stands(site: Site, grace: Person) -> None:
    page = await open_own(site, grace, "/settings")
    with refused(site, 422, 409):
        passwords = part(page, "Passwords")
        fewest = passwords.get_by_label("Fewest characters for administrators")
        for wrong in ("7", "many"):
            await fewest.fill(wrong)
            await button(passwords, "Save").click()
            await expect(fewest).to_be_focused()
            await expect(fewest).to_have_accessible_description("Enter a whole number from 8 to 64.")
            await expect(button(passwords, "Save")).to_be_enabled()
        signing_in = part(page, "Signing in")
        await signing_in.get_by_label("If there is one provider only").check()
        await button(signing_in, "Save").click()
        await expect(signing_in.get_by_role("alert")).to_have_text("This needs signing in with a provider.")
        await signing_in.get_by_label("If there is one provider only").uncheck()
        await signing_in.get_by_label("People may sign in with a password").uncheck()
        await button(signing_in, "Save").click()
        await expect(signing_in.get_by_role("alert")).to_have_text(
            "No administrator could sign in any more. Link one to a provider first."
        )
    assert (await settings_of(grace))["local_login_enabled"] is True


async def test_nobody_else_sees_the_settings(site: Site, ada: Person) -> None:
    page = await site.sign_in(ada)
    await page.goto("/settings")
    await expect(page.get_by_role("heading", name="This page is for administrators")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
async def test_the_settings_fit_and_have_no_barrier(site: Site, grace: Person, width: int, scheme: Any) -> None:
    screen: dict[str, Any] = {"viewport": {"width": width, "height": 2000}, "color_scheme": scheme}
    page = await open_own(site, grace, "/settings", **screen)
    await is_good(page, f"settings-{width}-{scheme}")
    await put(grace.client, picture("JPEG", size=(1200, 1600)), LOGIN_PHOTO)
    await page.reload()
    await part(page, "Picture of the sign-in page").get_by_role("img").wait_for()
    await is_good(page, f"settings-photo-{width}-{scheme}")


async def test_they_speak_every_language(site: Site, grace: Person) -> None:
    page = await open_own(site, grace, "/settings", viewport={"width": 320, "height": 2400})
    for language in Language:
        assert (await grace.client.patch("/users/me", json={"preferred_language": language})).status_code == 200
        await page.reload()
        await page.locator(".own-part h2").first.wait_for()
        assert (await page.locator("html").get_attribute("lang") or "").lower() == language.tag.lower()
        await is_good(page, f"settings-{language}")
    await page.evaluate("document.documentElement.dir = 'rtl'")
    await page.emulate_media(forced_colors="active", reduced_motion="reduce")
    await is_good(page, "settings-rtl-forced-colours")
