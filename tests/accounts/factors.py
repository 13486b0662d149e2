"""People of the tests who have second factors."""

from typing import Any

import httpx
import pyotp

from tests.accounts.authenticator import Authenticator
from tests.accounts.world import BASE_URL, World
from tidings.accounts.models import User

ME = "/api/v1/users/me"
MFA, PASSKEYS = f"{ME}/mfa", f"{ME}/passkeys"
TOTP, CODES = f"{MFA}/totp", f"{MFA}/recovery-codes"


async def turn_on_totp(world: World, browser: httpx.AsyncClient) -> pyotp.TOTP:
    """An authenticator app, set up by whoever is signed in here; the code it was confirmed with is used up."""
    app = pyotp.TOTP((await browser.post(TOTP)).json()["secret"])
    confirmed = await browser.post(f"{TOTP}/confirm", json={"code": app.at(world.clock.now())})
    assert confirmed.status_code == 200, confirmed.text
    return app


async def totp_of(world: World, user: User) -> pyotp.TOTP:
    """An authenticator app of this user, whose next code has not been used."""
    async with await world.browser_of(user) as browser:
        app = await turn_on_totp(world, browser)
    world.clock.advance(seconds=30)
    return app


async def recovery_codes_of(browser: httpx.AsyncClient) -> list[str]:
    """New recovery codes of whoever is signed in here."""
    made = await browser.post(CODES)
    assert made.status_code == 200, made.text
    codes: list[str] = made.json()["recovery_codes"]
    return codes


async def creation_options(browser: httpx.AsyncClient) -> dict[str, Any]:
    """What a browser gets to make a passkey with."""
    asked = await browser.post(f"{PASSKEYS}/options")
    assert asked.status_code == 200, asked.text
    options: dict[str, Any] = asked.json()["public_key"]
    return options


async def add_passkey(browser: httpx.AsyncClient, authenticator: Authenticator) -> httpx.Response:
    """Make a passkey and let the server know it."""
    credential = authenticator.create(await creation_options(browser))
    return await browser.post(PASSKEYS, json={"name": "Phone", "credential": credential})


async def passkey_of(world: World, user: User) -> Authenticator:
    """A passkey of this user."""
    authenticator = Authenticator(origin=BASE_URL)
    async with await world.browser_of(user) as browser:
        added = await add_passkey(browser, authenticator)
    assert added.status_code == 201, added.text
    return authenticator
