"""What comes besides a password on the sign-in page: codes, recovery codes, passkeys and providers."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pyotp
from playwright.async_api import Page, expect
from sqlalchemy import update

from tests.e2e.conftest import PASSWORD, Site
from tests.e2e.front_door import decide, inbox_on, open_page, refused
from tests.world import Person
from tidings.accounts.audit.types import SERVER
from tidings.accounts.identity_providers.changing import create_provider
from tidings.accounts.server_settings.models import ServerSettings

PROVIDER = {
    "slug": "club",
    "name": "The Club",
    "template": None,
    "issuer": "https://club.example",
    "client_id": "tidings",
    "scopes": ["openid"],
    "enabled": True,
    "auto_create": False,
    "trust_email": False,
    "sync_profile": False,
    "position": 0,
}
# What `navigator.credentials.create` makes on a device whose owner is signed in, handed to the server.
MAKE_PASSKEY = """async () => {
  const post = (path, body) =>
    fetch(`/api/v1/users/me/passkeys${path}`, {
      method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body ?? {}),
    });
  const { public_key } = await (await post('/options')).json();
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(public_key);
  const credential = await navigator.credentials.create({ publicKey });
  return (await post('', { name: 'Phone', credential: credential.toJSON() })).status;
}"""


async def turn_on_totp(ada: Person) -> pyotp.TOTP:
    """An authenticator app of Ada's; the code of now is used up by confirming it."""
    app = pyotp.TOTP((await ada.client.post("/users/me/mfa/totp")).json()["secret"])
    confirmed = await ada.client.post("/users/me/mfa/totp/confirm", json={"code": app.at(ada.world.clock.now())})
    assert confirmed.status_code == 200, confirmed.text
    return app


async def give_password(page: Page) -> None:
    await page.get_by_label("Username or e-mail").fill("ada")
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()


async def test_a_wrong_code_is_said_and_the_right_one_lets_in(site: Site, ada: Person) -> None:
    app = await turn_on_totp(ada)
    page = await open_page(site, "/sign-in")
    await give_password(page)
    field = page.get_by_label("Code from your authenticator app")
    await field.fill("abcdef")
    await page.get_by_role("button", name="Continue").click()
    await expect(page.get_by_role("alert")).to_have_text("That was not right. Try again.")
    await field.fill(app.at(site.world.clock.now() + timedelta(seconds=30)))
    await page.get_by_role("button", name="Continue").click()
    await expect(inbox_on(page)).to_be_visible()


async def test_a_recovery_code_stands_in_for_a_lost_device(site: Site, ada: Person) -> None:
    await turn_on_totp(ada)
    codes = (await ada.client.post("/users/me/mfa/recovery-codes")).json()["recovery_codes"]
    page = await open_page(site, "/sign-in")
    await give_password(page)
    await page.get_by_role("button", name="Use a recovery code").click()
    await page.get_by_label("Recovery code").fill(codes[0])
    await page.get_by_role("button", name="Continue").click()
    await expect(inbox_on(page)).to_be_visible()


async def test_a_second_step_that_came_too_late_begins_with_the_first(site: Site, ada: Person) -> None:
    with refused(site, 400):
        page = await open_page(site, "/sign-in#mfa_token=tdm_of-yesterday&methods=totp,recovery_code")
        assert "#" not in page.url, "the token does not stay in the address"
        await page.get_by_label("Code from your authenticator app").fill("123456")
        await page.get_by_role("button", name="Continue").click()
        await expect(page.get_by_role("alert")).to_have_text("The sign-in took too long. Begin again.")
    await expect(page.get_by_label("Password", exact=True)).to_be_visible()


async def test_a_passkey_signs_in_alone_and_as_a_second_step(site: Site, ada: Person) -> None:
    passkeys_live_at(site, f"http://localhost:{urlsplit(site.url).port}")
    page = await site.sign_in(ada)
    authenticator = await with_authenticator(page)
    assert await page.evaluate(MAKE_PASSKEY) == 201
    await page.get_by_role("button", name="Sign out").click()
    await page.get_by_role("button", name="Use a passkey").click()
    await expect(inbox_on(page)).to_be_visible()
    await page.get_by_role("button", name="Sign out").click()
    await give_password(page)
    await expect(page.get_by_text("Your device asks whether it is you.")).to_be_visible()
    await page.get_by_role("button", name="Continue").click()
    await expect(inbox_on(page)).to_be_visible()
    await page.get_by_role("button", name="Sign out").click()
    await authenticator("setUserVerified", isUserVerified=False)
    await page.get_by_role("button", name="Use a passkey").click()
    await expect(page.get_by_role("alert")).to_contain_text("No passkey was used.")


async def add_provider(site: Site) -> None:
    world = site.world.tidings
    async with world.database.write() as session:
        await create_provider(
            session, PROVIDER, client_secret=None, keyring=world.keyring, by=SERVER, now=world.clock.now()
        )


async def test_providers_are_buttons_that_bring_back_to_where_one_wanted_to_go(site: Site, grace: Person) -> None:
    await add_provider(site)
    page = await open_page(site, "/sign-in")
    await page.get_by_label("Username or e-mail").wait_for()
    await expect(page.get_by_role("link", name="Continue with The Club")).to_have_count(0)
    await decide(grace, sso_enabled=True)
    await page.goto("/sign-in?next=%2Fmailbox&error=no_account")
    await expect(page.get_by_role("alert")).to_contain_text("No account here belongs to this sign-in.")
    button = page.get_by_role("link", name="Continue with The Club")
    assert await button.get_attribute("href") == f"{site.url}/api/v1/auth/oidc/club/start?next=%2Fmailbox"


async def test_the_only_provider_is_gone_to_at_once_but_not_after_a_refusal_or_signing_out(
    site: Site, ada: Person, grace: Person
) -> None:
    await add_provider(site)
    await decide(grace, sso_enabled=True, sso_auto_redirect=True)
    context = await site.device()
    await context.route("**/auth/oidc/club/start*", lambda route: route.fulfill(body="The club's own page"))
    page = await context.new_page()
    await page.goto("/sign-in?next=%2Fmailbox")
    await page.wait_for_url("**/auth/oidc/club/start?next=%2Fmailbox")
    for stays in ("error=provider_refused", "stay"):
        await page.goto(f"/sign-in?{stays}")
        await expect(page.get_by_role("link", name="Continue with The Club")).to_be_visible()
    await site.fill_sign_in(page, ada)
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_role("link", name="Continue with The Club")).to_be_visible()


async def test_where_passwords_are_not_taken_only_the_providers_are_offered(site: Site, grace: Person) -> None:
    await add_provider(site)
    await decide(grace, sso_enabled=True)
    async with site.world.tidings.database.write() as session:
        await session.execute(update(ServerSettings).values(local_login_enabled=False))
    page = await open_page(site, "/sign-in")
    await expect(page.get_by_role("link", name="Continue with The Club")).to_be_visible()
    await expect(page.get_by_label("Password", exact=True)).to_have_count(0)
    await expect(page.get_by_role("button", name="Use a passkey")).to_have_count(0)


async def test_without_an_answer_about_providers_a_password_is_still_taken(site: Site, ada: Person) -> None:
    page = await (await site.device()).new_page()
    await page.route("**/auth/providers", lambda route: route.fulfill(status=503, json={"code": "busy"}))
    with refused(site, 503):
        await page.goto("/sign-in")
        await give_password(page)
        await expect(inbox_on(page)).to_be_visible()


def passkeys_live_at(site: Site, url: str) -> None:
    """The server is known by this address: passkeys belong to a name, and an IP address has none."""
    state = site.world.tidings.app.state
    state.settings = state.settings.model_copy(update={"base_url": url})
    site.url = url


async def with_authenticator(page: Page) -> Any:
    """Give this page's browser an authenticator that says yes; returns how to change its mind."""
    devtools = await page.context.new_cdp_session(page)
    await devtools.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    added = await devtools.send(
        "WebAuthn.addVirtualAuthenticator",
        {"options": options | {"isUserVerified": True, "automaticPresenceSimulation": True}},
    )

    async def change(command: str, **values: Any) -> None:
        await devtools.send(f"WebAuthn.{command}", {"authenticatorId": added["authenticatorId"], **values})

    return change
