"""What opens an account, and where it is open; and the two pages that come first for who owes something."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pyotp
import pytest
from playwright.async_api import Locator, Page, Route, expect
from sqlalchemy import delete, update

from tests.accounts.mailbox import newest
from tests.accounts.oidc import Tenant, oidc_process
from tests.e2e.conftest import PASSWORD, Site
from tests.e2e.front_door import GOOD_PASSWORD, decide, inbox_on, open_page, refused
from tests.e2e.looks import is_good
from tests.e2e.own_pages import open_own, signed_in_a_while_ago
from tests.e2e.test_second_step import PROVIDER, passkeys_live_at, with_authenticator
from tests.services.oidc_provider import CLIENT_ID, CLIENT_SECRET
from tests.world import Person
from tidings.accounts.audit.types import SERVER
from tidings.accounts.identities.models import Identity
from tidings.accounts.identity_providers.changing import create_provider
from tidings.accounts.identity_providers.discovery import ProviderDirectory
from tidings.accounts.mfa.models import Passkey
from tidings.accounts.models import User
from tidings.accounts.server_settings.models import ServerSettings
from tidings.accounts.sessions import Device, start_token_session
from tidings.accounts.types import Language
from tidings.kernel.ids import new_id
from tidings.kernel.outbound.addresses import parse_networks
from tidings.kernel.outbound.client import OutboundClient

# What the routes do is tested on both databases, in tests/accounts; here it is how people get there.
pytestmark = pytest.mark.parametrize("pooled", ["sqlite"], indirect=True)

__all__ = ["oidc_process"]  # a fixture

BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0.0.0 Safari/537.36"


async def open_security(site: Site, person: Person, **options: Any) -> Page:
    return await open_own(site, person, "/security", **options)


def part(page: Page, name: str) -> Locator:
    """The section under this heading."""
    return page.get_by_role("region", name=name)


def button(place: Page | Locator, name: str) -> Locator:
    return place.get_by_role("button", name=name, exact=True)


async def change_user(site: Site, person: Person, **values: Any) -> None:
    async with site.world.tidings.database.write() as session:
        await session.execute(update(User).where(User.id == person.id).values(**values))


async def set_up_totp(place: Page | Locator) -> pyotp.TOTP:
    """Follow what the page says, up to the code that it asks for."""
    picture = place.get_by_role("img", name="QR code for your authenticator app")
    await expect(picture).to_be_visible()
    assert await picture.evaluate("async image => { await image.decode(); return image.naturalWidth > 0 }")
    app = pyotp.TOTP((await place.locator(".secret code").inner_text()).replace(" ", ""))
    await place.get_by_label("Code from your authenticator app").fill(app.now())
    await button(place, "Turn on").click()
    return app


async def test_a_new_password_takes_the_old_one_and_ends_what_is_open_elsewhere(site: Site, ada: Person) -> None:
    page = await site.sign_in(ada, user_agent=BROWSER)
    await page.get_by_role("link", name="Ada").click()
    await page.get_by_role("navigation", name="Your account").get_by_role("link", name="Security").click()
    sessions, passwords = part(page, "Where you are signed in"), part(page, "Password")
    await expect(sessions.get_by_role("listitem")).to_have_count(2)
    here = sessions.get_by_role("listitem").filter(has_text="This device")
    await expect(here).to_contain_text("Chrome 128 on Linux")
    await expect(here).to_contain_text("127.0.0.1")
    await button(passwords, "Change password").click()
    current, wanted = passwords.get_by_label("Current password"), passwords.get_by_label("New password")
    await expect(current).to_be_focused()
    await expect(wanted).to_have_accessible_description(
        "At least 15 characters. A few words that nobody would guess are best."
    )
    with refused(site, 422):
        await current.fill(PASSWORD)
        await wanted.fill("correct-horse")
        await wanted.press("Enter")
        await expect(wanted).to_be_focused()
        await expect(wanted).to_have_accessible_description(
            "The password is too short: it needs at least 15 characters."
        )
    await current.fill("not my password")
    await wanted.fill(GOOD_PASSWORD)
    await wanted.press("Enter")
    await expect(current).to_be_focused()
    await expect(current).to_have_accessible_description("This is not your current password.")
    await signed_in_a_while_ago(site, ada)
    with refused(site, 403):  # the page shows the password of now again, which was typed anyway
        await current.fill(PASSWORD)
        await current.press("Enter")
        await expect(passwords.get_by_role("status")).to_contain_text("Your password is changed.")
    await expect(button(passwords, "Change password")).to_be_focused()
    await expect(sessions.get_by_role("listitem")).to_have_count(1)
    assert (await ada.client.get("/users/me")).status_code == 401
    signed_in = await site.world.client().post("/auth/login", json={"login": "ada", "password": GOOD_PASSWORD})
    assert signed_in.status_code == 200


async def test_whoever_has_no_password_is_mailed_a_link_and_confirms_by_signing_in_again(
    site: Site, ada: Person
) -> None:
    await change_user(site, ada, password_hash=None)
    page = await open_security(site, ada)
    await button(part(page, "Password"), "Send a link").click()
    await expect(part(page, "Password").get_by_role("status")).to_contain_text("on its way to you")
    assert (await newest(site.world.tidings, "password_reset")).token
    await signed_in_a_while_ago(site, ada)
    with refused(site, 403):
        await button(page, "Set up").click()
        dialog = page.get_by_role("dialog", name="Confirm it is you")
        await expect(dialog).to_contain_text("You then come back to this page.")
        await button(dialog, "Sign in again").click()
        await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert page.url.endswith("/sign-in?next=%2Fsecurity")


async def test_an_authenticator_app_comes_with_recovery_codes_and_goes_again(site: Site, ada: Person) -> None:
    page = await open_security(site, ada)
    totp, recovery = part(page, "Authenticator app"), part(page, "Recovery codes")
    await expect(recovery).to_contain_text("They come with an authenticator app or a passkey")
    await signed_in_a_while_ago(site, ada)
    with refused(site, 403):
        await button(totp, "Set up").click()
        await prove_with_password(page)
    with refused(site, 422):
        await totp.get_by_label("Code from your authenticator app").fill("abcdef")
        await button(totp, "Turn on").click()
        await expect(totp.get_by_label("Code from your authenticator app")).to_have_accessible_description(
            "This code is wrong or too old. Type the one that the app shows now."
        )
    await set_up_totp(totp)
    await expect(totp.get_by_role("status")).to_contain_text("The authenticator app is on.")
    await expect(recovery.get_by_role("heading", name="Your recovery codes")).to_be_focused()
    codes = await recovery.get_by_role("listitem").all_inner_texts()
    assert len(codes) == 10
    async with page.expect_download() as downloading:
        await button(recovery, "Download").click()
    kept = (await (await downloading.value).path()).read_text()
    assert [code for code in codes if code not in kept] == []
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await button(recovery, "Copy").click()
    await expect(button(recovery, "Copied")).to_be_visible()
    assert (await page.evaluate("navigator.clipboard.readText()")).splitlines() == codes
    await button(recovery, "I have kept them").click()
    await expect(button(recovery, "Make new codes")).to_be_focused()
    await expect(recovery).to_contain_text("10 codes left")
    await expect(recovery).not_to_contain_text(codes[0])
    await button(recovery, "Make new codes").click()
    await button(page.get_by_role("dialog"), "Make new codes").click()
    await expect(recovery.get_by_role("heading", name="Your recovery codes")).to_be_focused()
    assert not set(codes) & set(await recovery.get_by_role("listitem").all_inner_texts())
    await button(totp, "Turn off").click()
    await page.keyboard.press("Escape")
    await expect(button(totp, "Turn off")).to_be_focused()
    await button(totp, "Turn off").click()
    await button(page.get_by_role("dialog"), "Turn off").click()
    await expect(totp.get_by_role("status")).to_contain_text("The authenticator app is off.")
    await expect(recovery).to_contain_text("They come with an authenticator app or a passkey")


async def prove_with_password(page: Page) -> None:
    """Get it wrong once, then right."""
    dialog = page.get_by_role("dialog", name="Confirm it is you")
    await expect(dialog.get_by_label("Password", exact=True)).to_be_focused()
    await dialog.get_by_label("Password", exact=True).fill("not my password")
    await button(dialog, "Continue").click()
    await expect(dialog.get_by_role("alert")).to_have_text("That was not right. Try again.")
    await dialog.get_by_label("Password", exact=True).fill(PASSWORD)
    await button(dialog, "Continue").click()
    await expect(dialog).to_have_count(0)


async def test_a_passkey_is_made_proves_who_one_is_and_is_removed(site: Site, ada: Person) -> None:
    passkeys_live_at(site, f"http://localhost:{urlsplit(site.url).port}")
    page = await open_security(site, ada)
    passkeys = part(page, "Passkeys")
    authenticator = await with_authenticator(page)
    await authenticator("setUserVerified", isUserVerified=False)
    await button(passkeys, "Add a passkey").click()
    await expect(passkeys.get_by_label("Name of the passkey")).to_be_focused()
    await page.keyboard.type("Ada’s phone")
    await page.keyboard.press("Enter")
    await expect(passkeys.get_by_role("alert")).to_have_text("No passkey was made. Try again.")
    await authenticator("setUserVerified", isUserVerified=True)
    await button(passkeys, "Continue").click()
    await expect(passkeys.get_by_role("listitem")).to_contain_text("Ada’s phone")
    await expect(passkeys.get_by_role("listitem")).to_contain_text("Never used")
    await expect(part(page, "Recovery codes").get_by_role("listitem")).to_have_count(10)
    await button(passkeys, "Add a passkey").click()
    await passkeys.get_by_label("Name of the passkey").fill("The same again")
    await button(passkeys, "Continue").click()
    await expect(passkeys.get_by_role("alert")).to_have_text("This device has a passkey of yours here already.")
    await button(passkeys, "Cancel").click()
    await signed_in_a_while_ago(site, ada)
    with refused(site, 403):
        await button(passkeys, "Remove Ada’s phone").click()
        question = page.get_by_role("dialog", name="Remove the passkey “Ada’s phone”?")
        await button(question, "Remove").click()
        proof = page.get_by_role("dialog", name="Confirm it is you")
        await button(proof, "Cancel").click()
        await expect(button(question, "Remove")).to_be_focused()
        await button(question, "Remove").click()
        await button(proof, "Use a passkey").click()
        await button(proof, "Continue").click()
        await expect(passkeys.get_by_role("status")).to_contain_text("The passkey is removed.")
    await expect(passkeys.get_by_role("listitem")).to_have_count(0)
    await expect(passkeys.get_by_role("heading", name="Passkeys")).to_be_focused()


async def add_passkeys(site: Site, person: Person, *names: str) -> None:
    """Passkeys of theirs, made forty days ago and never used."""
    then = site.world.clock.now() - timedelta(days=40)
    made: dict[str, Any] = {"public_key": b"1", "sign_count": 0, "transports": [], "is_backed_up": True}
    async with site.world.tidings.database.write() as session:
        session.add_all(
            Passkey(id=new_id(), user_id=person.id, credential_id=name.encode(), name=name, created_at=then, **made)
            for name in names
        )


async def test_a_passkey_gets_another_name_by_keyboard_alone(site: Site, ada: Person) -> None:
    await add_passkeys(site, ada, "Phone", "Key in the drawer")
    page = await open_security(site, ada)
    passkeys = part(page, "Passkeys")
    rename = button(passkeys, "Rename Phone")
    await signed_in_a_while_ago(site, ada)  # a name opens nothing: no proof is asked for
    await rename.press("Enter")
    field = passkeys.get_by_label("Name of the passkey")
    await expect(field).to_be_focused()
    await expect(field).to_have_value("Phone")
    await field.fill("Not this")
    await page.keyboard.press("Escape")
    await expect(rename).to_be_focused()
    await rename.press("Enter")
    with refused(site, 422):
        await field.fill("   ")
        await field.press("Enter")
        await expect(field).to_be_focused()
        await expect(field).to_have_accessible_description("Enter a name of at most 100 characters, in one line.")
    await field.fill("Ada’s new phone")
    await field.press("Enter")
    await expect(passkeys.get_by_role("status")).to_have_text("The passkey has its new name.")
    await expect(button(passkeys, "Rename Ada’s new phone")).to_be_focused()
    names = [each["name"] for each in (await ada.client.get("/users/me/passkeys")).json()["passkeys"]]
    assert sorted(names) == ["Ada’s new phone", "Key in the drawer"]


async def test_a_passkey_that_is_gone_meanwhile_gets_no_name(site: Site, ada: Person) -> None:
    await add_passkeys(site, ada, "Phone")
    page = await open_security(site, ada)
    await button(part(page, "Passkeys"), "Rename Phone").click()
    async with site.world.tidings.database.write() as session:
        await session.execute(delete(Passkey))
    with refused(site, 404):
        await page.get_by_label("Name of the passkey").press("Enter")
        await expect(part(page, "Passkeys").get_by_role("alert")).to_have_text("It is gone already.")


async def test_times_have_no_seconds_but_all_of_them_where_one_rests(site: Site, ada: Person) -> None:
    await add_passkeys(site, ada, "Phone")
    page = await open_security(site, ada, timezone_id="Asia/Kolkata", locale="en-GB")
    added = part(page, "Passkeys").locator("time").first
    made = site.world.clock.now() - timedelta(days=40)
    there = made.astimezone(ZoneInfo("Asia/Kolkata"))
    await expect(added).to_contain_text(
        re.compile(rf"Added {there:%b} {there.day}, {there.year}, \d+:{there:%M}\s[AP]M$")
    )
    await expect(added).to_have_attribute("title", re.compile(rf"{there:%A}.*:{there:%M}:\d\d .*GMT\+5:30"))
    assert (await added.get_attribute("datetime") or "").startswith(f"{made:%Y-%m-%dT%H:%M}")
    signed_in = part(page, "Where you are signed in").locator("time").first
    await expect(signed_in).to_have_text("Signed in now")


async def add_club(site: Site, process: str, grace: Person) -> Tenant:
    """A provider on this machine, at which somebody is signed in already."""
    tidings, tenant = site.world.tidings, Tenant(f"{process}/{id(site)}")
    await tenant.behaves(moment=tidings.clock.now().timestamp())
    tidings.app.state.provider_directory = ProviderDirectory(OutboundClient(allow=parse_networks(["127.0.0.1"])))
    club = PROVIDER | {"issuer": tenant.issuer, "client_id": CLIENT_ID}
    async with tidings.database.write() as session:
        await create_provider(
            session, club, client_secret=CLIENT_SECRET, keyring=tidings.keyring, by=SERVER, now=tidings.clock.now()
        )
    await decide(grace, sso_enabled=True)
    return tenant


async def test_a_provider_is_linked_and_unlinked_but_never_the_last_way_in(
    site: Site, ada: Person, grace: Person, oidc_process: str
) -> None:
    tenant = await add_club(site, oidc_process, grace)
    passkeys_live_at(site, f"http://localhost:{urlsplit(site.url).port}")
    page = await open_security(site, ada)
    providers = part(page, "Sign-in providers")
    await tenant.behaves(refuses=True)
    await button(providers, "Link The Club").click()
    await expect(page.get_by_role("alert").filter(has_text="The provider ended the sign-in.")).to_be_visible()
    await tenant.behaves(refuses=False)
    await button(providers, "Link The Club").click()
    await expect(providers.get_by_role("status").first).to_have_text("The Club is linked: you can sign in with it.")
    assert page.url == f"{site.url}/security", "what came back with the browser does not stay in the address"
    await expect(providers.get_by_role("listitem")).to_contain_text("subject-1")
    await change_user(site, ada, password_hash=None)
    with refused(site, 409):
        await button(providers, "Unlink The Club").click()
        question = page.get_by_role("dialog", name="Unlink The Club?")
        await button(question, "Unlink").click()
        await expect(question.get_by_role("alert")).to_have_text(
            "Without it you could no longer sign in. Set up another way first."
        )
        await button(question, "Close").click()
    await change_user(site, ada, password_hash="anything")
    await button(providers, "Unlink The Club").click()
    await button(page.get_by_role("dialog"), "Unlink").click()
    await expect(button(providers, "Link The Club")).to_be_visible()


async def test_sessions_end_one_by_one_all_others_and_everywhere(site: Site, ada: Person) -> None:
    for _ in range(2):
        await site.world.client().post("/auth/login", json={"login": "ada", "password": PASSWORD})
    page = await open_security(site, ada)
    sessions = part(page, "Where you are signed in")
    await expect(sessions.get_by_role("listitem")).to_have_count(3)
    other = sessions.get_by_role("listitem").filter(has_not_text="This device").first
    await other.get_by_role("button").click()
    await button(page.get_by_role("dialog"), "Sign out").click()
    await expect(sessions.get_by_role("status")).to_have_text("Signed out there.")
    await expect(sessions.get_by_role("listitem")).to_have_count(2)
    await button(sessions, "Sign out everywhere else").click()
    await button(page.get_by_role("dialog"), "Sign out everywhere else").click()
    await expect(sessions.get_by_role("listitem")).to_have_count(1)
    await expect(button(sessions, "Sign out everywhere else")).to_have_count(0)
    await button(sessions, "Sign out everywhere").click()
    await button(page.get_by_role("dialog"), "Sign out everywhere").click()
    await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert (await ada.client.get("/users/me")).status_code == 401


async def test_who_owes_a_password_and_a_second_step_does_both_and_gets_where_they_wanted_to(
    site: Site, ada: Person, grace: Person
) -> None:
    await change_user(site, ada, password_must_change=True)
    await decide(grace, mfa_required=True)
    page = await open_page(site, "/sign-in?next=%2Finbox%3Ffrom%3Dmail")
    await page.get_by_label("Username or e-mail").fill("ada")
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("heading", name="Choose your own password")).to_be_visible()
    await page.goto("/security")
    await expect(page.get_by_label("Current password")).to_be_focused()
    await page.goto("/choose-password?next=%2Finbox%3Ffrom%3Dmail")
    await page.get_by_label("Current password").fill(PASSWORD)
    await page.get_by_label("New password").fill(GOOD_PASSWORD)
    await page.get_by_role("button", name="Save password").click()
    await expect(page.get_by_role("heading", name="Set up a second step")).to_be_visible()
    await page.get_by_role("button", name="Use an authenticator app").click()
    await set_up_totp(page)
    await expect(page.get_by_role("heading", name="Your second step is set up")).to_be_visible()
    await expect(page.get_by_role("listitem")).to_have_count(10)
    await page.get_by_role("button", name="I have kept them").click()
    await expect(inbox_on(page)).to_be_visible()
    assert page.url == f"{site.url}/inbox?from=mail"


async def require_second_step(site: Site) -> None:
    async with site.world.tidings.database.write() as session:
        session.add(ServerSettings(mfa_required=True, updated_at=site.world.clock.now()))


async def test_a_second_step_that_is_asked_for_meanwhile_is_set_up_and_stays(site: Site, ada: Person) -> None:
    passkeys_live_at(site, f"http://localhost:{urlsplit(site.url).port}")
    page = await open_security(site, ada)
    await with_authenticator(page)
    await require_second_step(site)
    with refused(site, 403):
        await button(page, "Sign out everywhere").click()
        await button(page.get_by_role("dialog"), "Sign out everywhere").click()
        await expect(page.get_by_role("heading", name="Set up a second step")).to_be_visible()
    assert page.url.endswith("/second-step?next=%2Fsecurity")
    await page.get_by_role("button", name="Use a passkey").click()
    await page.get_by_label("Name of the passkey").fill("Key")
    await page.get_by_role("button", name="Continue").click()
    await page.get_by_role("button", name="I have kept them").click()
    await expect(part(page, "Passkeys").get_by_role("listitem")).to_have_count(1)
    with refused(site, 409):
        await button(part(page, "Passkeys"), "Remove Key").click()
        await button(page.get_by_role("dialog"), "Remove").click()
        await expect(page.get_by_role("dialog").get_by_role("alert")).to_have_text(
            "This server asks everybody for a second step. Set up another one first."
        )


async def test_out_of_reach_is_said_and_made_up_for(site: Site, ada: Person) -> None:
    page = await open_security(site, ada)
    await page.context.set_offline(True)
    await expect(page.get_by_text("You are offline. This page updates")).to_be_visible()
    await page.context.set_offline(False)
    await expect(page.get_by_text("You are offline. This page updates")).to_have_count(0)
    await page.route("**/users/me/sessions", lambda route: route.fulfill(status=503, json={"code": "busy"}))
    with refused(site, 503):
        await page.reload()
        await expect(page.get_by_role("alert")).to_contain_text("The server has too much to do.")
    await page.unroute("**/users/me/sessions")
    await page.get_by_role("button", name="Try again").click()
    await expect(part(page, "Where you are signed in").get_by_role("listitem")).to_have_count(1)


async def fill(site: Site, ada: Person, grace: Person) -> None:
    """An account with everything that the page can show, and names that never fit into one line of a phone."""
    app = pyotp.TOTP((await ada.client.post("/users/me/mfa/totp")).json()["secret"])
    confirmed = await ada.client.post("/users/me/mfa/totp/confirm", json={"code": app.now()})
    assert confirmed.status_code == 200, confirmed.text
    now = site.world.clock.now()
    long = "A-passkey-on-the-security-key-with-the-long-name-that-lies-in-the-drawer"
    async with site.world.tidings.database.write() as session:
        provider = await create_provider(
            session, PROVIDER, client_secret=None, keyring=site.world.tidings.keyring, by=SERVER, now=now
        )
        session.add(
            Identity(
                id=new_id(),
                user_id=ada.id,
                provider_id=provider.id,
                issuer=provider.issuer,
                subject="1",
                email=f"{long}@example.org",
                created_at=now,
            )
        )
        await start_token_session(session, ada.id, device=Device(BROWSER, "2001:db8::8a2e:370:7334"), now=now)
    await add_passkeys(site, ada, long)
    await decide(grace, sso_enabled=True)


async def each_state(page: Page, site: Site, ada: Person) -> AsyncIterator[str]:
    """The page in every state, by the name of each."""
    yield "security"
    await page.get_by_role("button", name="Rename A-passkey").click()
    yield "security-rename"
    await button(part(page, "Passkeys"), "Cancel").click()
    await button(page, "Change password").click()
    yield "security-password"
    await page.get_by_label("Current password").fill(PASSWORD)
    await page.get_by_label("New password").fill("password")
    with refused(site, 422):
        await page.get_by_role("button", name="Save password").click()
        await page.locator(".complaint").wait_for()
    yield "security-password-refused"
    await button(part(page, "Recovery codes"), "Make new codes").click()
    await page.get_by_role("heading", name="Your recovery codes").wait_for()
    yield "security-codes"
    await button(page, "I have kept them").click()
    await button(page, "Turn off").click()
    yield "security-question"
    await button(page.get_by_role("dialog"), "Turn off").click()
    await button(page, "Set up").click()
    await page.get_by_role("img", name="QR code").wait_for()
    yield "security-totp"
    await signed_in_a_while_ago(site, ada)
    with refused(site, 403):
        await page.get_by_label("Code from your authenticator app").fill("123456")
        await button(page, "Turn on").click()
        await page.get_by_role("dialog").get_by_label("Password", exact=True).wait_for()
    yield "security-proof"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
async def test_it_fits_and_has_no_barrier(site: Site, ada: Person, grace: Person, width: int, scheme: Any) -> None:
    await fill(site, ada, grace)
    screen: dict[str, Any] = {"viewport": {"width": width, "height": 720}, "color_scheme": scheme}
    page = await open_security(site, ada, **screen)
    async for state in each_state(page, site, ada):
        await is_good(page, f"{state}-{width}-{scheme}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
async def test_the_pages_of_duties_fit_and_have_no_barrier(site: Site, ada: Person, width: int, scheme: Any) -> None:
    page = await open_security(site, ada, viewport={"width": width, "height": 720}, color_scheme=scheme)
    await change_user(site, ada, password_must_change=True)
    await page.goto("/inbox")
    await page.get_by_label("New password").wait_for()
    await is_good(page, f"choose-password-{width}-{scheme}")
    await change_user(site, ada, password_must_change=False)
    await require_second_step(site)
    await page.goto("/inbox")
    await page.get_by_role("heading", name="Set up a second step").wait_for()
    await is_good(page, f"second-step-{width}-{scheme}")
    await page.get_by_role("button", name="Use an authenticator app").click()
    await set_up_totp(page)
    await page.get_by_role("heading", name="Your recovery codes").wait_for()
    await is_good(page, f"second-step-done-{width}-{scheme}")


async def test_it_speaks_every_language_and_no_word_is_left_out(site: Site, ada: Person, grace: Person) -> None:
    await fill(site, ada, grace)
    page = await open_security(site, ada, viewport={"width": 320, "height": 720})
    for language in Language:
        await change_user(site, ada, preferred_language=language)
        await page.reload()
        await page.locator(".own-part h2").first.wait_for()
        assert (await page.locator("html").get_attribute("lang") or "").lower() == language.tag.lower()
        await page.locator(".own-part .opener").last.click()
        await is_good(page, f"security-{language}")
    await page.evaluate("localStorage.setItem('tidings-language', 'pseudo')")
    await page.route("**/users/me", leave_language_out)
    await page.reload()
    await page.locator(".own-part h2").first.wait_for()
    words = await page.locator("main :is(h1, h2, p > time, .lead, label, button)").all_inner_texts()
    assert [each for each in words if each and not each.startswith("[")] == []
    await page.evaluate("document.documentElement.dir = 'rtl'")
    await page.emulate_media(forced_colors="active", reduced_motion="reduce")
    await is_good(page, "security-pseudo-rtl-forced-colours")


async def leave_language_out(route: Route) -> None:
    """A profile that leaves the language to the device."""
    answer = await route.fetch()
    await route.fulfill(response=answer, json=await answer.json() | {"preferred_language": None})
