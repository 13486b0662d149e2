"""Row 17 at every route: what is handed out halfway through a sign-in is no credential, however it is presented."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.security.whole.conformance import code_of
from tests.security.whole.routes import ask, every_route
from tests.world import BASE_URL, Person, World
from tidings.accounts.cookies import cookie_name, device_cookie_name
from tidings.accounts.known_devices.models import UNKNOWN_DEVICE
from tidings.accounts.pending_sign_ins.waiting import start_pending
from tidings.accounts.types import SessionKind

PASSWORD = "correct horse battery staple"
NEW = {"username": "linus", "name": "Linus", "password": PASSWORD}
TAKES_A_TOKEN: Mapping[str, tuple[dict[str, Any], tuple[int, str]]] = {
    "POST /setup": ({**NEW, "email": "linus@example.org"}, (409, "already_set_up")),
    "POST /auth/verify-email": ({}, (400, "token_invalid")),
    "POST /auth/invitation": (NEW, (400, "token_invalid")),
    "POST /auth/password-reset/confirm": ({"new_password": PASSWORD}, (400, "token_invalid")),
}
"""Where anybody may show a token: what else the body says, and what a token for something else is told."""
FOR_EVERYBODY = {"public", "public_same_site"}


@pytest.fixture
async def pending(world: World, grace: Person) -> str:
    """What an administrator has who showed the first of two factors, and would open the most."""
    async with world.tidings.database.write() as session:
        now = world.clock.now()
        return await start_pending(session, grace.id, kind=SessionKind.BROWSER, device=UNKNOWN_DEVICE, now=now)


async def test_row_17_the_pending_token_opens_no_route(world: World, pending: str) -> None:
    shown: Mapping[str, tuple[dict[str, str], str]] = {
        "cookie": ({"Cookie": f"{cookie_name(BASE_URL)}={pending}"}, ""),
        "device cookie": ({"Cookie": f"{device_cookie_name(BASE_URL)}={pending}"}, ""),
        "bearer": ({"Authorization": f"Bearer {pending}"}, ""),
        "ticket": ({}, f"?ticket={pending}"),
        "token": ({}, f"?token={pending}"),
    }
    client, asked = world.client(), 0
    for route in every_route(world.tidings.app):
        if route.policy in FOR_EVERYBODY:
            continue
        for how, (headers, query) in shown.items():
            at = route.at()
            body: dict[str, object] | None = {} if route.method in {"POST", "PUT", "PATCH"} else None
            answer = await client.request(route.method, at + query, json=body, headers=headers)
            assert (answer.status_code, code_of(answer)) == (401, "not_authenticated"), (str(route), how)
            asked += 1
    assert asked > 500


async def test_row_17_the_pending_token_is_no_other_token(world: World, pending: str) -> None:
    client = world.client()
    for name, (besides, told) in TAKES_A_TOKEN.items():
        answer = await client.post(name.removeprefix("POST "), json={"token": pending, **besides})
        assert (answer.status_code, code_of(answer)) == told, name
    refreshed = await client.post("/auth/refresh", json={"refresh_token": pending})
    assert (refreshed.status_code, code_of(refreshed)) == (401, "invalid_refresh_token")
    stopped = await client.post(f"/notifications/unsubscribe/{pending}", data={"List-Unsubscribe": "One-Click"})
    assert not stopped.is_success


async def test_row_17_what_everybody_may_ask_takes_it_for_nothing(world: World, pending: str) -> None:
    """The routes without a credential answer as they answer a stranger, whatever the token is shown as."""
    headers = {"Authorization": f"Bearer {pending}", "Cookie": f"{cookie_name(BASE_URL)}={pending}"}
    for route in every_route(world.tidings.app):
        if route.policy in FOR_EVERYBODY:
            stranger = await ask(world.client(), route, {}, slug="nobody", token="x")
            answer = await ask(world.client(), route, headers, slug="nobody", token="x")
            assert answer.status_code == stranger.status_code, route
            assert cookie_name(BASE_URL) not in answer.cookies, route
