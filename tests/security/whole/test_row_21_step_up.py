"""Row 21 at every route: what opens an account is changed by nobody whose sign-in is over five minutes old.

The lists below are written by hand. They ask no route what it declares, so one that forgets to ask fails here.
"""

from collections.abc import Iterator, Mapping

import httpx
import pytest
from sqlalchemy import select

from tests.devices import bearer, tokens_of
from tests.security.whole.grants import GRANTS, granted
from tests.security.whole.routes import Route, ask, every_route, json_writes
from tests.world import Person, World
from tidings.accounts.models import User
from tidings.accounts.types import AccessType
from tidings.kernel.http.routing import SAFE_METHODS

ASKED = (403, "confirmation_required")
NEEDS_A_RECENT_SIGN_IN = {
    "PUT /users/me/password",
    "PUT /users/me/email",
    "DELETE /users/me",
    "POST /users/me/mfa/totp",
    "POST /users/me/mfa/totp/confirm",
    "DELETE /users/me/mfa/totp",
    "POST /users/me/mfa/recovery-codes",
    "POST /users/me/passkeys/options",
    "POST /users/me/passkeys",
    "DELETE /users/me/passkeys/{passkey_id}",
    "POST /users/me/identities",
    "DELETE /users/me/identities/{identity_id}",
    "POST /api-keys",
    "PATCH /api-keys/{key_id}",
    "POST /signing-secrets",
    "DELETE /users/{user_id}/mfa",
    "DELETE /users/{user_id}/identities/{identity_id}",
    "POST /identity-providers",
    "PATCH /identity-providers/{provider_id}",
    "DELETE /identity-providers/{provider_id}",
}
"""What opens an account, makes what opens it, or takes it away."""
NEEDS_NONE: Mapping[str, str] = {
    "DELETE /users/me/email/pending": "the address stays what it was",
    "PATCH /users/me/passkeys/{passkey_id}": "a name for one's eyes; it opens what it opened",
    "DELETE /api-keys/{key_id}": "it closes a way in, and whoever found a key that leaked must not have to wait",
    "DELETE /signing-secrets/{secret_id}": "likewise",
    "PATCH /signing-secrets/{secret_id}": "a name; what it signs is the same",
}
"""What stands beside those, each with the reason why it is not among them."""
CREDENTIALS = (
    *(f"/users/me/{kind}" for kind in ("password", "email", "mfa", "passkeys", "identities")),
    *(f"/users/{{user_id}}/{kind}" for kind in ("mfa", "identities")),
    "/identity-providers",
    "/api-keys",
    "/signing-secrets",
)


def changing(world: World) -> Iterator[Route]:
    """The routes that need a recent sign-in."""
    yield from (route for route in every_route(world.tidings.app) if str(route) in NEEDS_A_RECENT_SIGN_IN)


def said(answer: httpx.Response) -> tuple[int, str | None]:
    return answer.status_code, answer.json().get("code") if answer.content else None


async def is_admin(world: World, email: str) -> bool:
    async with world.tidings.database.read() as session:
        return await session.scalar(select(User.access_type).where(User.email == email)) is AccessType.ADMIN


async def test_row_21_every_route_that_changes_a_credential_is_in_one_list(world: World) -> None:
    """A new one has to be put into one of them, with the reason if it is the second."""
    beside = {
        str(route)
        for route in every_route(world.tidings.app)
        if route.method not in SAFE_METHODS and route.path.startswith(CREDENTIALS)
    }
    assert beside - NEEDS_A_RECENT_SIGN_IN == set(NEEDS_NONE)
    assert {str(route) for route in changing(world)} == NEEDS_A_RECENT_SIGN_IN


async def test_row_21_every_one_says_so(world: World) -> None:
    declared = {str(route) for route in every_route(world.tidings.app) if route.policy.endswith("_recent")}
    assert declared == NEEDS_A_RECENT_SIGN_IN


@pytest.mark.parametrize("kind", ["browser", "app"])
async def test_row_21_a_session_that_lies_open_changes_nothing(world: World, grace: Person, kind: str) -> None:
    headers = bearer((await tokens_of(grace)).access_token) if kind == "app" else {}
    client = world.client() if kind == "app" else grace.client
    world.clock.advance(minutes=5, seconds=1)
    assert {str(route): said(await ask(client, route, headers)) for route in changing(world)} == dict.fromkeys(
        NEEDS_A_RECENT_SIGN_IN, ASKED
    )


async def test_row_21_within_five_minutes_nobody_is_asked_again(world: World, grace: Person) -> None:
    """What the test above refuses is not refused to everybody; Grace is the last administrator, and stays."""
    world.clock.advance(minutes=5)
    for route in changing(world):
        assert said(await ask(grace.client, route, {})) != ASKED, route
    assert (await grace.client.get("/users/me")).status_code == 200


async def test_row_21_the_grants_are_every_route_whose_body_gives_rights(world: World) -> None:
    assert {str(route) for route, fields in json_writes(world.tidings.app) if "access_type" in fields} == set(GRANTS)


@pytest.mark.parametrize("route", GRANTS)
async def test_row_21_a_session_that_lies_open_makes_no_administrator(
    world: World, grace: Person, ada: Person, route: str
) -> None:
    world.clock.advance(minutes=5, seconds=1)
    answer, email = await granted(grace.client, route, ada, AccessType.ADMIN)
    assert said(answer) == ASKED
    assert not await is_admin(world, email)
    answer, _ = await granted(grace.client, route, ada, AccessType.REGULAR)
    assert answer.is_success


@pytest.mark.parametrize("route", GRANTS)
async def test_row_21_an_administrator_who_signed_in_of_late_makes_another(
    world: World, grace: Person, ada: Person, route: str
) -> None:
    world.clock.advance(minutes=5)
    answer, email = await granted(grace.client, route, ada, AccessType.ADMIN)
    assert answer.is_success
    assert await is_admin(world, email) == ("invite" not in route)  # who is invited becomes one by accepting
