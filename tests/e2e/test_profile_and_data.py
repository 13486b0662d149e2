"""A person's profile, photo, address and privacy, and what becomes of their data, in a real browser."""

from datetime import timedelta
from io import BytesIO

import pytest
from PIL import Image
from playwright.async_api import FilePayload, Locator, Page, expect

from tests.accounts.mailbox import letters
from tests.accounts.pictures import picture
from tests.e2e.conftest import PASSWORD, Site
from tests.e2e.front_door import decide, link_of, open_page, refused
from tests.e2e.own_pages import open_own, signed_in_a_while_ago
from tests.world import Person
from tidings.accounts.exports.models import Export
from tidings.accounts.exports.types import ExportState
from tidings.accounts.models import User

# What a page asks does not depend on the database behind it; the routes are tested on both in tests/accounts.
pytestmark = pytest.mark.parametrize("pooled", ["sqlite"], indirect=True)


def part(page: Page, title: str) -> Locator:
    return page.get_by_role("region", name=title, exact=True)


def file(name: str, kind: str, content: bytes) -> FilePayload:
    return {"name": name, "mimeType": kind, "buffer": content}


async def prove(page: Page) -> None:
    """Show again who one is."""
    dialog = page.get_by_role("dialog").filter(has=page.get_by_label("Password", exact=True))
    await dialog.get_by_label("Password", exact=True).fill(PASSWORD)
    await dialog.get_by_role("button", name="Continue").click()


async def test_what_people_say_of_themselves_is_kept_and_what_is_wrong_stands_at_its_field(
    site: Site, ada: Person, grace: Person
) -> None:
    page = await open_own(site, ada, "/profile")
    about = part(page, "About you")
    await about.get_by_label("City").fill("Londinium")
    await about.get_by_label("Date of birth").fill("1815-12-10")
    await about.get_by_label("Gender").select_option("female")
    await about.get_by_label("Height in cm").fill("165")
    with refused(site, 422):
        await about.get_by_label("Highest heart rate").fill("900")
        await about.get_by_label("Username").fill("grace")
        await about.get_by_role("button", name="Save").click()
        rate = about.get_by_label("Highest heart rate")
        await expect(rate).to_be_focused()
        await expect(rate).to_have_accessible_description("Enter a whole number from 30 to 250.")
        await rate.fill("190")
        await about.get_by_role("button", name="Save").click()
        await expect(about.get_by_label("Username")).to_be_focused()
        await expect(about.get_by_label("Username")).to_have_accessible_description(
            "This username is taken. Choose another."
        )
    await about.get_by_label("Username").fill("Countess")
    await about.get_by_role("button", name="Save").click()
    await expect(about.get_by_role("status")).to_have_text("Saved.")
    await expect(about.get_by_label("Username")).to_have_value("countess")
    me = (await ada.client.get("/users/me")).json()
    said = {"username": "countess", "city": "Londinium", "birthdate": "1815-12-10", "gender": "female", "height": 165}
    assert said.items() <= me.items()
    assert me["max_heart_rate"] == 190


async def test_language_and_units_take_effect_at_once(site: Site, ada: Person) -> None:
    await ada.client.patch("/users/me", json={"height": 170})
    page = await open_own(site, ada, "/profile")
    choices = part(page, "Language and units")
    await choices.get_by_label("Units").select_option("imperial")
    await choices.get_by_role("button", name="Save").click()
    height = page.get_by_role("group", name="Height")
    await expect(height.get_by_label("feet")).to_have_value("5")
    await expect(height.get_by_label("inches")).to_have_value("7")
    await height.get_by_label("inches").fill("9")
    await part(page, "About you").get_by_role("button", name="Save").click()
    await expect(part(page, "About you").get_by_role("status")).to_have_text("Saved.")
    await choices.get_by_label("Language").select_option("de")
    await choices.get_by_label("Currency").select_option("pound")
    await choices.get_by_label("The week begins on").select_option("sunday")
    await choices.get_by_role("button", name="Save").click()
    await expect(part(page, "Sprache und Einheiten").get_by_role("status")).to_have_text("Gespeichert.")
    assert await page.locator("html").get_attribute("lang") == "de"
    me = (await ada.client.get("/users/me")).json()
    kept = {"units": "imperial", "height": 175, "preferred_language": "de", "currency": "pound"}
    assert kept.items() <= me.items()
    assert me["first_day_of_week"] == "sunday"


async def test_a_photo_is_cut_with_the_keyboard_sent_seen_and_removed(site: Site, ada: Person) -> None:
    page = await open_own(site, ada, "/profile")
    photo = part(page, "Photo")
    await photo.get_by_label("Choose a photo").set_input_files(file("song.png", "image/png", b"no picture"))
    await expect(photo.get_by_role("alert")).to_contain_text("This picture cannot be read.")
    await photo.get_by_label("Choose a photo").set_input_files(file("me.png", "image/png", picture()))
    await expect(photo.get_by_label("Size")).to_be_focused()
    await photo.get_by_label("From left to right").press("Home")
    await photo.get_by_label("Size").press("End")
    await photo.get_by_role("button", name="Use this photo").press("Enter")
    await expect(photo.get_by_role("status")).to_have_text("Your new photo is in use.")
    await expect(photo.get_by_role("heading", name="Photo")).to_be_focused()
    shown = photo.get_by_role("img", name="Your photo")
    await expect(shown).to_have_js_property("naturalWidth", 512)
    with Image.open(BytesIO((await ada.client.get("/users/me/photo")).content)) as kept:
        assert kept.size == (512, 512)
        red, _, blue = kept.convert("RGB").getpixel((500, 256))  # type: ignore[misc]  # three bands
        assert (red > 200, blue < 60) == (True, True), "the left of the picture is red, and nothing else was chosen"
    await photo.get_by_role("button", name="Remove photo").click()
    await expect(photo.get_by_role("status")).to_have_text("Your photo is removed.")
    await expect(shown).to_have_count(0)
    assert (await ada.client.get("/users/me")).json()["photo_url"] is None


async def test_a_picture_that_is_pulled_follows_the_finger(site: Site, ada: Person) -> None:
    page = await open_own(site, ada, "/profile")
    photo = part(page, "Photo")
    await photo.get_by_label("Choose a photo").set_input_files(file("me.png", "image/png", picture()))
    view = await photo.get_by_role("img", name="How your photo will look").bounding_box()
    assert view is not None
    x, y = view["x"] + view["width"] / 2, view["y"] + view["height"] / 2
    await page.mouse.move(x, y)
    await page.mouse.down()
    await page.mouse.move(x + 400, y, steps=3)
    await page.mouse.up()
    await expect(photo.get_by_label("From left to right")).to_have_value("0")
    await photo.get_by_role("button", name="Cancel").click()
    await expect(photo.get_by_label("Choose a photo")).to_be_focused()


async def test_another_address_is_asked_for_after_a_proof_and_can_be_given_up(site: Site, ada: Person) -> None:
    await signed_in_a_while_ago(site, ada)
    page = await open_own(site, ada, "/profile")
    email = part(page, "E-mail")
    await email.get_by_label("New address").fill("ADA@example.org")
    await email.get_by_role("button", name="Change address").click()
    await expect(email.get_by_label("New address")).to_have_accessible_description("This is your address already.")
    with refused(site, 403):
        await email.get_by_label("New address").fill("countess@example.org")
        await email.get_by_role("button", name="Change address").click()
        await page.get_by_role("dialog").get_by_role("button").filter(has_text="Cancel").click()
        assert await letters(site.world.tidings) == []
        await email.get_by_role("button", name="Change address").click()
        await prove(page)
        await expect(email).to_contain_text("Look in the mailbox of countess@example.org.")
    await page.reload()
    await expect(email).to_contain_text("Look in the mailbox of countess@example.org.")
    await email.get_by_role("button", name="Send another link").click()
    await expect(email.get_by_role("heading")).to_be_focused()
    assert len(await letters(site.world.tidings, "confirm_email")) == 2
    await email.get_by_role("button", name="Keep the old address").click()
    await expect(email.get_by_role("status")).to_have_text("Your address stays as it is.")
    await expect(email).to_contain_text("ada@example.org")
    await email.get_by_label("New address").fill("countess@example.org")
    await email.get_by_role("button", name="Change address").click()
    await expect(email).to_contain_text("Look in the mailbox of countess@example.org.")
    other = await open_page(site, await link_of(site, "confirm_email"))
    await other.get_by_role("button", name="Confirm this address").click()
    await expect(other.get_by_role("heading", name="Your new address is in use")).to_be_visible()
    await page.reload()
    await expect(email).to_contain_text("countess@example.org")
    await expect(email).to_contain_text("Confirmed")


async def test_privacy_is_kept_and_a_public_page_is_there_while_both_settings_are_on(
    site: Site, ada: Person, grace: Person
) -> None:
    page = await open_own(site, ada, "/profile")
    privacy = part(page, "Privacy")
    await expect(privacy.get_by_role("heading", name="Your public page")).to_have_count(0)
    await privacy.get_by_role("radio", name="My followers").check()
    await privacy.get_by_role("checkbox", name="The map").check()
    await privacy.get_by_role("button", name="Save").click()
    await expect(privacy.get_by_role("status")).to_have_text("Saved.")
    kept = (await ada.client.get("/users/me/privacy")).json()
    assert {name for name, value in kept.items() if value is True} == {"hide_activity_map"}
    assert kept["default_activity_visibility"] == "followers"
    await decide(grace, public_shareable_links=True, public_shareable_links_user_info=True)
    await page.reload()
    await expect(privacy.get_by_role("radio", name="My followers")).to_be_checked()
    await expect(privacy.get_by_role("checkbox", name="The map")).to_be_checked()
    link = privacy.get_by_role("link", name="Open page")
    stranger = await open_page(site, await link.get_attribute("href") or "")
    await expect(stranger.get_by_role("heading", name="ada")).to_be_visible()
    await expect(stranger.get_by_text("@ada")).to_be_visible()
    await decide(grace, public_shareable_links=False)
    with refused(site, 404):
        await stranger.reload()
        await expect(stranger.get_by_role("heading", name="There is nothing here")).to_be_visible()


async def test_a_copy_is_made_while_one_is_elsewhere_downloaded_taken_in_again_and_deleted(
    site: Site, ada: Person
) -> None:
    await ada.client.patch("/users/me", json={"city": "Turin"})
    with refused(site, 404):
        page = await open_own(site, ada, "/data")
        copy = part(page, "A copy of your data")
        await copy.get_by_role("button", name="Make a copy").click()
        await expect(copy.get_by_text("Your copy is ready")).to_be_visible(timeout=30_000)
        await page.reload()
        await expect(copy.get_by_text("It is kept until")).to_be_visible()
    async with page.expect_download() as downloading:
        await copy.get_by_role("link", name="Download").click()
    archive = (await (await downloading.value).path()).read_bytes()
    await ada.client.patch("/users/me", json={"city": None, "preferred_language": "de"})
    taken = part(page, "Bring data along")
    with refused(site, 422):
        await taken.get_by_label("Choose the ZIP file").set_input_files(file("a.zip", "application/zip", b"no archive"))
        await taken.get_by_role("button", name="Take it in").click()
        await expect(taken.get_by_role("alert")).to_contain_text("This file cannot be taken in")
        await taken.get_by_role("button", name="Cancel").click()
    await taken.get_by_label("Choose the ZIP file").set_input_files(file("a.zip", "application/zip", archive))
    await expect(taken.get_by_role("button", name="Take it in")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(taken.get_by_text("Taken in: profile, privacy, notification settings")).to_be_visible()
    await expect(taken.get_by_text("Not taken in:")).to_contain_text("sessions")
    me = (await ada.client.get("/users/me")).json()
    assert (me["city"], me["preferred_language"]) == ("Turin", "us")
    await copy.get_by_role("button", name="Delete copy").click()
    await expect(copy.get_by_role("status")).to_have_text("The copy is deleted.")
    assert (await ada.client.get("/users/me/export")).status_code == 404


async def half_made(site: Site, person: Person, state: ExportState = ExportState.RUNNING) -> None:
    """An export that no worker is at, so that it stays where it is."""
    now = site.world.tidings.clock.now()
    begun = {"requested_at": now, "expires_at": now + timedelta(days=7)}
    async with site.world.tidings.database.write() as session:
        session.add(Export(user_id=person.id, state=state, section="audit_log", progress=40, **begun))


async def test_progress_survives_a_reload_and_cancelling_leaves_nothing(site: Site, ada: Person) -> None:
    await half_made(site, ada)
    page = await open_own(site, ada, "/data")
    copy = part(page, "A copy of your data")
    await page.reload()
    await expect(copy.get_by_role("progressbar")).to_have_accessible_name("Your copy is being made: 40%")
    await page.context.set_offline(True)
    await expect(copy.get_by_text("This goes on by itself once the connection is back.")).to_be_visible()
    await page.context.set_offline(False)
    await expect(copy.get_by_text("You may leave this page.")).to_be_visible()
    await copy.get_by_role("button", name="Cancel").click()
    await expect(copy.get_by_text("The copy is cancelled, and nothing of it is kept.")).to_be_visible()
    await expect(copy.get_by_role("heading")).to_be_focused()
    assert (await ada.client.get("/users/me/export")).status_code == 404
    await half_made(site, ada, ExportState.FAILED)
    await page.reload()
    await expect(copy.get_by_text("The copy could not be made")).to_be_visible()
    await copy.get_by_role("button", name="Try again").click()
    await expect(copy.get_by_text("Your copy is ready")).to_be_visible(timeout=30_000)


async def test_somebody_deletes_their_account_after_typing_their_name_and_a_proof(site: Site, ada: Person) -> None:
    await signed_in_a_while_ago(site, ada)
    with refused(site, 403, 404):
        page = await open_own(site, ada, "/data")
        ask = part(page, "Delete your account").get_by_role("button", name="Delete account…")
        await ask.press("Enter")
        await page.keyboard.press("Escape")
        await expect(ask).to_be_focused()
        await ask.press("Enter")
        field = page.get_by_label("Type ada to confirm")
        await field.fill("eda")
        await page.get_by_role("button", name="Delete for good").click()
        await expect(field).to_be_focused()
        await expect(field).to_have_accessible_description("This is not ada.")
        await field.fill("ada")
        await page.get_by_role("button", name="Delete for good").click()
        await prove(page)
        await expect(page.get_by_role("status")).to_have_text(
            "Your account is deleted, with everything that was in it."
        )
    async with site.world.tidings.database.read() as session:
        assert await session.get(User, ada.id) is None


async def test_the_last_administrator_is_told_what_to_do_first(site: Site, grace: Person) -> None:
    with refused(site, 404, 409):
        page = await open_own(site, grace, "/data")
        await page.get_by_role("button", name="Delete account…").click()
        await page.get_by_label("Type grace to confirm").fill("grace")
        await page.get_by_role("button", name="Delete for good").click()
        await expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text(
            "You are the last administrator. Make somebody else an administrator first"
        )
        await page.get_by_role("button", name="Keep account").click()
    assert (await grace.client.get("/users/me")).status_code == 200
