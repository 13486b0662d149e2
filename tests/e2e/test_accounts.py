"""From the first visit to a session, in a real browser: signing up, the links of letters, and a forgotten password."""

from typing import Any

import pytest
from playwright.async_api import Page, expect
from sqlalchemy import update

from tests.accounts.mailbox import letters, newest
from tests.e2e.conftest import PASSWORD, Site
from tests.e2e.front_door import GOOD_PASSWORD, decide, inbox_on, link_of, open_page, path_of, refused
from tests.world import Person
from tidings.accounts.models import User

EMMY = "emmy@example.org"


async def fill_sign_up(page: Page, **other: str) -> None:
    """Fill the form as Emmy would, except for what is said otherwise, and send it."""
    wanted = {"Name": "Emmy", "Username": "emmy", "E-mail": "emmy@example.org", "Password": GOOD_PASSWORD} | other
    for label, value in wanted.items():
        await page.get_by_label(label, exact=True).fill(value)
    await page.get_by_role("button", name="Create an account").click()


async def sign_in(page: Page, login: str, password: str) -> None:
    await page.get_by_label("Username or e-mail").fill(login)
    await page.get_by_label("Password", exact=True).fill(password)
    await page.get_by_role("button", name="Sign in", exact=True).click()


async def emmy_as_grace_sees_her(grace: Person) -> dict[str, Any]:
    found = (await grace.client.get("/users", params={"search": "emmy"})).json()["records"]
    assert len(found) == 1
    record: dict[str, Any] = found[0]
    return record


async def test_somebody_signs_up_confirms_the_address_is_let_in_and_signs_in(site: Site, grace: Person) -> None:
    await decide(grace, signup_enabled=True)
    page = await open_page(site, "/sign-in")
    await page.get_by_role("link", name="Create an account").click()
    await fill_sign_up(page)
    await expect(page.get_by_role("heading", name="Look in your mailbox")).to_be_focused()
    office = await site.sign_in(grace)
    await office.goto("/mailbox")
    await office.get_by_role("link", name="Confirm your e-mail address").click()
    button = office.frame_locator("iframe").get_by_role("link", name="Confirm address")
    await page.goto(path_of(await button.get_attribute("href") or ""))
    await expect(page.get_by_role("heading", name="Confirm your address")).to_be_visible()
    emmy = await emmy_as_grace_sees_her(grace)
    assert not emmy["email_verified"], "opening a link changes nothing"
    await page.get_by_role("button", name="Confirm this address").click()
    await expect(page.get_by_role("heading", name="Your address is confirmed")).to_be_focused()
    await expect(page.get_by_text("An administrator looks at your request now.")).to_be_visible()
    approved = await grace.client.post(f"/users/{emmy['id']}/approve")
    assert approved.status_code == 200, approved.text
    await page.goto("/sign-in")
    await sign_in(page, "emmy", GOOD_PASSWORD)
    await expect(inbox_on(page)).to_be_visible()


async def test_who_need_not_be_approved_goes_from_the_link_to_signing_in(site: Site, grace: Person) -> None:
    await decide(grace, signup_enabled=True, signup_require_admin_approval=False)
    page = await open_page(site, "/sign-up")
    await fill_sign_up(page)
    await page.get_by_role("heading", name="Look in your mailbox").wait_for()
    await page.goto(await link_of(site, "verify_email"))
    await page.get_by_role("button", name="Confirm this address").click()
    await expect(page.get_by_text("You can sign in now.")).to_be_visible()
    await page.get_by_role("link", name="Sign in").click()
    await sign_in(page, "emmy@example.org", GOOD_PASSWORD)
    await expect(inbox_on(page)).to_be_visible()


async def test_a_sign_up_looks_the_same_whether_or_not_somebody_has_the_address(
    site: Site, ada: Person, grace: Person
) -> None:
    await decide(grace, signup_enabled=True)
    said = []
    for number, email in enumerate(("ada@example.org", "new@example.org")):
        page = await open_page(site, "/sign-up")
        await fill_sign_up(page, **{"Username": f"emmy{number}", "E-mail": email})
        await page.get_by_role("heading", name="Look in your mailbox").wait_for()
        said.append((await page.get_by_role("main").inner_text()).replace(email, "…"))
    assert said[0] == said[1]
    assert [letter.name for letter in await letters(site.world.tidings)] == ["address_known", "verify_email"]


async def test_letters_are_written_in_the_language_somebody_signed_up_in(site: Site, grace: Person) -> None:
    await decide(grace, signup_enabled=True)
    page = await open_page(site, "/sign-up", locale="de-DE")
    for label, value in {"Name": "Emmy", "Benutzername": "emmy", "E-Mail": "emmy@example.org"}.items():
        await page.get_by_label(label, exact=True).fill(value)
    await page.get_by_label("Passwort", exact=True).fill(GOOD_PASSWORD)
    await page.get_by_role("button", name="Konto erstellen").click()
    await page.get_by_role("heading", name="Sehen Sie in Ihr Postfach").wait_for()
    assert (await emmy_as_grace_sees_her(grace))["preferred_language"] == "de"


async def test_what_is_wrong_stands_at_the_field_and_the_keyboard_is_there(
    site: Site, ada: Person, grace: Person
) -> None:
    await decide(grace, signup_enabled=True)
    page = await open_page(site, "/sign-up")
    with refused(site, 422):
        await fill_sign_up(page, Password="short")
        field = page.get_by_label("Password", exact=True)
        await expect(field).to_be_focused()
        await expect(field).to_have_accessible_description(
            "The password is too short: it needs at least 15 characters."
        )
        await fill_sign_up(page, Username="ada")
        await expect(page.get_by_label("Username")).to_be_focused()
        await expect(page.get_by_label("Username")).to_have_accessible_description(
            "This username is taken. Choose another."
        )
    await expect(page.get_by_label("Name", exact=True)).to_have_value("Emmy")


async def test_where_nobody_can_sign_up_the_page_says_whom_to_ask(site: Site, grace: Person) -> None:
    page = await open_page(site, "/sign-in")
    await page.get_by_role("link", name="Forgotten your password?").wait_for()
    await expect(page.get_by_role("link", name="Create an account")).to_have_count(0)
    await page.goto("/sign-up")
    await expect(page.get_by_role("heading", name="Nobody can sign up here")).to_be_visible()
    await expect(page.get_by_text("Ask an administrator for an invitation.")).to_be_visible()


async def test_signing_up_that_ends_while_the_form_is_filled_in_is_explained(site: Site, grace: Person) -> None:
    await decide(grace, signup_enabled=True)
    page = await open_page(site, "/sign-up")
    await page.get_by_label("Username").wait_for()
    await decide(grace, signup_enabled=False)
    with refused(site, 403):
        await fill_sign_up(page)
        await expect(page.get_by_role("heading", name="Nobody can sign up here")).to_be_focused()


async def test_a_dead_link_leads_to_another_that_works(site: Site, grace: Person) -> None:
    await decide(grace, signup_enabled=True, signup_require_admin_approval=False)
    page = await open_page(site, "/sign-up")
    await fill_sign_up(page)
    await page.get_by_role("heading", name="Look in your mailbox").wait_for()
    with refused(site, 400):
        await page.goto("/verify-email?token=tdm_of-yesterday")
        await page.get_by_role("button", name="Confirm this address").click()
        await expect(page.get_by_role("heading", name="This link no longer works")).to_be_focused()
    await page.get_by_label("E-mail", exact=True).fill("emmy@example.org")
    await page.get_by_role("button", name="Send a link").click()
    await expect(page.get_by_role("heading", name="Look in your mailbox")).to_be_focused()
    assert len(await letters(site.world.tidings, "verify_email")) == 2
    await page.goto(await link_of(site, "verify_email"))
    await page.get_by_role("button", name="Confirm this address").click()
    await expect(page.get_by_text("You can sign in now.")).to_be_visible()


async def test_a_forgotten_password_is_replaced_by_way_of_a_letter(site: Site, ada: Person) -> None:
    page = await open_page(site, "/sign-in")
    await page.get_by_role("link", name="Forgotten your password?").click()
    await page.get_by_label("E-mail", exact=True).fill("ada@example.org")
    await page.get_by_role("button", name="Send a link").click()
    await expect(page.get_by_text("If ada@example.org can be used here")).to_be_visible()
    letter = await newest(site.world.tidings, "password_reset")
    await page.goto(f"/reset-password?token={letter.token}")
    field = page.get_by_label("New password", exact=True)
    with refused(site, 422):
        await field.fill("tidingstidings1")
        await page.get_by_role("button", name="Save password").click()
        await expect(field).to_be_focused()
        await expect(field).to_have_accessible_description(
            "Too much of the password is your name, your address or ours. Characters and words that repeat are easy to "
            "guess. Add another word or two. Uncommon words are better."
        )
    await field.fill(GOOD_PASSWORD)
    await page.get_by_role("button", name="Save password").click()
    await expect(page.get_by_role("heading", name="Your password is changed")).to_be_focused()
    await page.get_by_role("link", name="Sign in").click()
    await sign_in(page, "ada", PASSWORD)
    await expect(page.get_by_role("alert")).to_contain_text("The name or the password is wrong")
    await sign_in(page, "ada", GOOD_PASSWORD)
    await expect(inbox_on(page)).to_be_visible()


async def test_a_dead_reset_link_offers_another(site: Site, ada: Person) -> None:
    page = await open_page(site, "/reset-password?token=tdm_of-yesterday")
    with refused(site, 400):
        await page.get_by_label("New password", exact=True).fill(GOOD_PASSWORD)
        await page.get_by_role("button", name="Save password").click()
        await expect(page.get_by_role("heading", name="This link no longer works")).to_be_focused()
    await page.get_by_label("E-mail", exact=True).fill("ada@example.org")
    await page.get_by_role("button", name="Send a link").click()
    await expect(page.get_by_role("heading", name="Look in your mailbox")).to_be_focused()
    assert (await newest(site.world.tidings, "password_reset")).to == "ada@example.org"
    await page.get_by_role("button", name="Ask for another e-mail").click()
    await expect(page.get_by_label("E-mail", exact=True)).to_be_visible()


async def test_who_is_invited_chooses_how_to_sign_in_and_does(site: Site, grace: Person) -> None:
    invited = await grace.client.post("/users/invite", json={"email": "emmy@example.org"})
    assert invited.status_code == 201, invited.text
    path = await link_of(site, "invitation")
    page = await open_page(site, path)
    await page.get_by_label("Name", exact=True).fill("Emmy Noether")
    await page.get_by_label("Username").fill("emmy")
    await page.get_by_label("Password", exact=True).fill(GOOD_PASSWORD)
    await page.get_by_role("button", name="Create an account").click()
    await expect(page.get_by_role("heading", name="Your account is ready")).to_be_focused()
    await page.get_by_role("link", name="Sign in").click()
    await sign_in(page, "emmy", GOOD_PASSWORD)
    await expect(inbox_on(page)).to_be_visible()
    with refused(site, 400):
        again = await open_page(site, path)
        await again.get_by_label("Name", exact=True).fill("Eve")
        await again.get_by_label("Username").fill("eve")
        await again.get_by_label("Password", exact=True).fill(GOOD_PASSWORD)
        await again.get_by_role("button", name="Create an account").click()
        await expect(again.get_by_role("heading", name="This link no longer works")).to_be_focused()
        await expect(again.get_by_text("Ask for another invitation.")).to_be_visible()


@pytest.mark.parametrize(
    ("approval", "heading", "what"),
    [
        (False, "Your account is ready", "You can sign in now."),
        (True, "Your address is confirmed", "An administrator looks at your request now."),
    ],
)
async def test_whom_an_app_told_of_signs_up_and_has_the_account_that_is_theirs(
    site: Site, grace: Person, approval: bool, heading: str, what: str
) -> None:
    await decide(grace, signup_enabled=True, signup_require_admin_approval=approval)
    known = await (await site.world.make_app()).client.put("/users/by-external-id/emmy-1", json={"email": EMMY})
    assert known.status_code == 201, known.text
    page = await open_page(site, "/sign-up")
    await fill_sign_up(page)
    await expect(page.get_by_role("heading", name="Look in your mailbox")).to_be_focused()
    letter = await newest(site.world.tidings, "take_over")
    await page.goto(f"/invitation?token={letter.token}")
    await page.get_by_label("Name", exact=True).fill("Emmy")
    await page.get_by_label("Username").fill("emmy")
    await page.get_by_label("Password", exact=True).fill(GOOD_PASSWORD)
    await page.get_by_role("button", name="Create an account").click()
    await expect(page.get_by_role("heading", name=heading)).to_be_focused()
    await expect(page.get_by_text(what)).to_be_visible()


async def test_the_page_of_a_sign_up_says_what_to_do_if_it_was_somebody_elses(site: Site, grace: Person) -> None:
    await decide(grace, signup_enabled=True, signup_require_admin_approval=False)
    page = await open_page(site, "/sign-up")
    await fill_sign_up(page)
    await page.get_by_role("heading", name="Look in your mailbox").wait_for()
    letter = await newest(site.world.tidings, "verify_email")
    said = " ".join(letter.text.split())
    assert "whoever signed up can then sign in with the password they chose" in said
    assert "If it was not you, ignore this mail: nothing will change." in said
    assert "Emmy" not in said
    await page.goto(await link_of(site, "verify_email"))
    await expect(page.get_by_text("If it was not you, do nothing")).to_be_visible()


async def test_a_new_address_is_confirmed_and_whoever_reads_the_old_one_can_go_back(site: Site, ada: Person) -> None:
    await mark_verified(site, ada)
    asked = await ada.client.put("/users/me/email", json={"email": "countess@example.org"})
    assert asked.status_code == 202, asked.text
    page = await open_page(site, await link_of(site, "confirm_email"))
    assert (await ada.client.get("/users/me")).json()["email"] == "ada@example.org", "opening a link changes nothing"
    await page.get_by_role("button", name="Confirm this address").click()
    await expect(page.get_by_role("heading", name="Your new address is in use")).to_be_focused()
    assert (await ada.client.get("/users/me")).json()["email"] == "countess@example.org"
    home = await site.sign_in(ada)
    await home.goto(f"/undo-email?token={(await newest(site.world.tidings, 'email_changed')).token}")
    await home.get_by_role("button", name="Use this address again").click()
    await expect(home.get_by_role("heading", name="Your old address is back")).to_be_focused()
    assert (await ada.client.get("/users/me")).status_code == 401, "everybody is signed out"
    await home.get_by_role("link", name="Choose a new password").click()
    await expect(home.get_by_label("E-mail", exact=True)).to_be_visible()


async def test_dead_links_about_addresses_say_where_to_ask(site: Site) -> None:
    with refused(site, 400):
        page = await open_page(site, "/confirm-email?token=tdm_of-yesterday")
        await page.get_by_role("button", name="Confirm this address").click()
        await expect(page.get_by_text("Ask for a new link where you changed your address.")).to_be_visible()
        await page.goto("/undo-email?token=tdm_of-yesterday")
        await page.get_by_role("button", name="Use this address again").click()
        await expect(page.get_by_text("Ask an administrator for help.")).to_be_visible()
    for path in ("/confirm-email", "/undo-email", "/invitation"):
        await page.goto(path)
        await expect(page.get_by_role("heading", name="This link is incomplete")).to_be_visible()


async def test_offline_is_said_and_the_form_keeps_what_was_typed(site: Site) -> None:
    page = await open_page(site, "/reset-password")
    await page.context.set_offline(True)
    await page.get_by_label("E-mail", exact=True).fill("ada@example.org")
    await page.get_by_role("button", name="Send a link").click()
    await expect(page.get_by_role("alert")).to_contain_text("Tidings cannot be reached.")
    await expect(page.get_by_label("E-mail", exact=True)).to_have_value("ada@example.org")
    await page.context.set_offline(False)
    await page.get_by_role("button", name="Send a link").click()
    await expect(page.get_by_role("heading", name="Look in your mailbox")).to_be_focused()


async def mark_verified(site: Site, person: Person) -> None:
    """Their address was shown to be theirs, as a sign-up would have left it."""
    async with site.world.tidings.database.write() as session:
        await session.execute(update(User).where(User.id == person.id).values(email_verified=True))
