"""A stranger, from the form to a signed-in browser, by the API alone."""

from typing import Any
from uuid import UUID

import httpx

from tests.accounts.world import PASSWORD
from tests.world import Person, World

LINUS = {"name": "Linus", "username": "linus", "email": "linus@example.org", "password": PASSWORD}


async def decide(grace: Person, **settings: Any) -> dict[str, Any]:
    """Have the administrator change these server settings and leave the others; all of them as they are now."""
    before = (await grace.client.get("/server-settings")).json()
    answer = await grace.client.put("/server-settings", json=before | settings)
    assert answer.status_code == 200, answer.text
    now: dict[str, Any] = answer.json()
    return now


async def open_sign_up(grace: Person, *, approval: bool = False, verification: bool = False) -> None:
    """Strangers may sign up, and wait for this much."""
    await decide(
        grace,
        signup_enabled=True,
        signup_require_admin_approval=approval,
        signup_require_email_verification=verification,
    )


async def sign_up(world: World, **changes: Any) -> httpx.Response:
    """Linus fills in the form."""
    return await world.client().post("/auth/sign-up", json=LINUS | changes)


async def verify(world: World, token: str) -> httpx.Response:
    """Somebody presses the button that a link in a letter leads to."""
    return await world.client().post("/auth/verify-email", json={"token": token})


async def sign_in(world: World, login: str = "linus", password: str = PASSWORD) -> tuple[httpx.AsyncClient, int]:
    """A new browser that tried to sign in, and how that went."""
    browser = world.client()
    answer = await browser.post("/auth/login", json={"login": login, "password": password})
    return browser, answer.status_code


async def found(grace: Person, username: str = "linus") -> dict[str, Any]:
    """Somebody as the administrator sees them."""
    [user] = (await grace.client.get("/users", params={"search": username})).json()["records"]
    shown: dict[str, Any] = user
    return shown


async def act(grace: Person, what: str, user_id: UUID | str) -> httpx.Response:
    """The administrator decides about somebody: `act(grace, "approve", id)`."""
    return await grace.client.post(f"/users/{user_id}/{what}")
