"""Row 57: no foreign page makes a browser act with its cookie, or leaves one in it, at any route and in any way.

Which routes a foreign page may ask is a list written by hand; every other is guarded, whatever it declares.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import httpx
import pytest
from sqlalchemy import update

from tests.accounts.world import HASH, PASSWORD
from tests.devices import tokens_of
from tests.security.whole.routes import Route, ask, every_route
from tests.world import BASE_URL, Person, World
from tidings.accounts.audit.types import SERVER
from tidings.accounts.cookies import cookie_name
from tidings.accounts.invitations.inviting import invite
from tidings.accounts.known_devices.models import UNKNOWN_DEVICE
from tidings.accounts.mail_tokens.tokens import issue_mail_token
from tidings.accounts.mail_tokens.types import MailPurpose
from tidings.accounts.mfa.recovery_codes import replace_recovery_codes
from tidings.accounts.models import User
from tidings.accounts.pending_sign_ins.waiting import start_pending
from tidings.accounts.types import AccessType, SessionKind
from tidings.accounts.users import locked_user
from tidings.kernel.http.routing import SAFE_METHODS
from tidings.notifications.unsubscribing import Unsubscription, make_token

Options = dict[str, Any]  # Any: httpx's options of a request

FOREIGN: dict[str, dict[str, str]] = {
    "says nothing": {},
    "another origin": {"Origin": "https://evil.example"},
    "another port": {"Origin": f"{BASE_URL}:8443"},
    "another scheme": {"Origin": BASE_URL.replace("http:", "https:")},
    "a longer name": {"Origin": f"{BASE_URL}.evil.example"},
    "null": {"Origin": "null"},
    "cross-site": {"Sec-Fetch-Site": "cross-site"},
    "same-site": {"Sec-Fetch-Site": "same-site"},
    "typed in": {"Sec-Fetch-Site": "none"},
    "a referrer alone": {"Referer": f"{BASE_URL}/inbox"},
    "both, foreign": {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
}
"""What a browser says of a page that is not ours, or of no page."""
FORMS = {
    "text": {"Content-Type": "text/plain"},
    "form": {"Content-Type": "application/x-www-form-urlencoded"},
    "nothing": {},
    "json in disguise": {"Content-Type": "text/plain; a=application/json"},
    "nearly json": {"Content-Type": "application/jsonx"},
}
"""What an HTML form, or a script that asks nobody's leave first, may say of a body."""

ENDING = {"/users/me", "/auth/logout", "/users/me/sessions"}
"""Where a session ends, and with it what the walk shows."""


SETS_COOKIES = {"POST /setup", "POST /auth/login", "POST /auth/mfa", "POST /auth/passkey"}
"""Where whoever is nobody yet gets a cookie: guarded whether or not a cookie is sent."""


def guarded(world: World) -> list[Route]:
    """Every route that acts with the cookie, or hands one out."""
    return [
        route for route in every_route(world.tidings.app) if route.method not in SAFE_METHODS and str(route) not in OPEN
    ]


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def test_row_57_the_walk_knows_every_route_that_acts(world: World) -> None:
    known = {str(route) for route in guarded(world)}
    assert {"POST /auth/login", "DELETE /users/me", "POST /notifications/read-all", "PUT /server-settings"} <= known
    assert len(known) > 60


async def test_row_57_no_route_acts_for_a_page_that_is_not_ours(world: World, grace: Person) -> None:
    del grace.client.headers["Origin"]
    for route in guarded(world):
        for said, headers in FOREIGN.items():
            assert code_of(await ask(grace.client, route, headers)) == (403, "cross_site"), (route, said)
    assert (await grace.client.get("/users/me")).status_code == 200


async def test_row_57_no_route_takes_a_body_that_a_form_could_send(world: World, grace: Person) -> None:
    """Even from our own page, so that no clever redirect of a form is a way in."""
    for route in guarded(world):
        for kind, headers in FORMS.items():
            answer = await grace.client.request(route.method, route.at(), content=b"{}", headers=headers)
            assert code_of(answer) == (415, "unsupported_media_type"), (route, kind)
    assert (await grace.client.get("/users/me")).status_code == 200


async def test_row_57_our_own_page_may(world: World, grace: Person) -> None:
    """What the tests above refuse is not refused to everybody."""
    del grace.client.headers["Origin"]
    for route in guarded(world):
        if route.path not in ENDING:
            for headers in ({"Origin": BASE_URL}, {"Sec-Fetch-Site": "same-origin"}):
                answer = await ask(grace.client, route, headers)
                assert answer.is_success or code_of(answer) != (403, "cross_site"), route
    assert (await grace.client.get("/users/me")).status_code == 200


@pytest.mark.parametrize("route", sorted(SETS_COOKIES))
async def test_row_57_a_foreign_page_leaves_no_cookie_in_a_browser_without_one(world: World, route: str) -> None:
    """It could sign its victim in as somebody else, or make their browser known to somebody else."""
    for said, headers in FOREIGN.items():
        client = world.client()
        del client.headers["Origin"]
        answer = await client.post(route.removeprefix("POST "), json={}, headers=headers)
        is_silent = not {"Origin", "Sec-Fetch-Site"} & set(headers)
        assert (code_of(answer) == (403, "cross_site")) != is_silent, said
        assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("headers", [FOREIGN["both, foreign"], FOREIGN["another origin"], FOREIGN["cross-site"]])
async def test_row_57_the_right_password_from_a_foreign_page_signs_nobody_in(
    world: World, ada: Person, headers: dict[str, str]
) -> None:
    await give_password(ada)
    client = world.client()
    del client.headers["Origin"]
    login = {"login": ada.name, "password": PASSWORD}
    refused = await client.post("/auth/login", json=login, headers=headers)
    assert (code_of(refused), "Set-Cookie" in refused.headers) == ((403, "cross_site"), False)
    signed_in = await client.post("/auth/login", json=login)  # a program, which says nothing of pages
    assert (signed_in.status_code, cookie_name(BASE_URL) in signed_in.cookies) == (200, True)


async def test_row_57_what_a_foreign_page_may_ask_sets_no_cookie(world: World, ada: Person, grace: Person) -> None:
    """With bodies that are right, so that a cookie which a right answer sets is seen; the visitor's own stays."""
    await give_password(ada)
    (await grace.client.put("/server-settings", json=await with_sign_up(grace))).raise_for_status()
    assert {str(route) for route in every_route(world.tidings.app)} >= set(OPEN)
    headers = FOREIGN["both, foreign"]
    for route, make in OPEN.items():
        for client in (world.client(), ada.client):
            place, options = await make(ada)
            options["headers"] = headers | options.get("headers", {})
            answer = await client.post(route.removeprefix("POST ").replace("{token}", place), **options)
            assert answer.is_success, (route, answer.text)
            assert "Set-Cookie" not in answer.headers, route
    assert (await ada.client.get("/users/me")).status_code == 401  # her password was reset on the way


async def test_row_57_an_app_with_a_second_factor_gets_no_cookie_either(world: World, ada: Person) -> None:
    client = world.client()
    del client.headers["Origin"]
    async with world.tidings.database.write() as session:
        now = world.clock.now()
        code = (await replace_recovery_codes(session, ada.id, now=now))[0]
        token = await start_pending(session, ada.id, kind=SessionKind.TOKEN, device=UNKNOWN_DEVICE, now=now)
    answer = await client.post("/auth/mfa", json={"mfa_token": token, "recovery_code": code})
    assert answer.json()["device_token"].startswith("tdd_")
    assert "Set-Cookie" not in answer.headers


async def give_password(person: Person) -> None:
    async with person.world.tidings.database.write() as session:
        await session.execute(update(User).where(User.id == person.id).values(password_hash=HASH))


async def with_sign_up(admin: Person) -> Options:
    return {**(await admin.client.get("/server-settings")).json(), "signup_enabled": True}


async def _login(person: Person) -> tuple[str, Options]:
    return "", {"json": {"login": person.name, "password": PASSWORD}}


async def _refresh(person: Person) -> tuple[str, Options]:
    return "", {"json": {"refresh_token": (await tokens_of(person)).refresh_token}}


async def _nothing(_person: Person) -> tuple[str, Options]:
    return "", {}


async def _somebody_new(person: Person) -> tuple[str, Options]:
    name = f"new{person.world.clock.now().timestamp()}"
    person.world.clock.advance(seconds=1)
    return "", {"json": {"name": "New", "username": name, "email": f"{name}@example.org", "password": PASSWORD}}


async def _address(person: Person) -> tuple[str, Options]:
    return "", {"json": {"email": f"{person.name}@example.org"}}


async def _mailed(person: Person, purpose: MailPurpose, **besides: str) -> tuple[str, Options]:
    async with person.world.tidings.database.write() as session:
        user = await locked_user(session, person.id)
        token = await issue_mail_token(session, user.id, purpose, str(user.email), now=person.world.clock.now())
    return "", {"json": {"token": token, **besides}}


async def _verify(person: Person) -> tuple[str, Options]:
    return await _mailed(person, MailPurpose.CONFIRM_EMAIL)


async def _reset(person: Person) -> tuple[str, Options]:
    return await _mailed(person, MailPurpose.RESET_PASSWORD, new_password="a password nobody else has chosen")


async def _accept(person: Person) -> tuple[str, Options]:
    _, new = await _somebody_new(person)
    tidings, now = person.world.tidings, person.world.clock.now()
    async with tidings.database.write() as session:
        user = await invite(
            session,
            new["json"].pop("email"),
            access_type=AccessType.REGULAR,
            name=None,
            keyring=tidings.keyring,
            by=SERVER,
            now=now,
        )
        token = await issue_mail_token(session, user.id, MailPurpose.INVITATION, str(user.email), now=now)
    return "", {"json": {"token": token, **new["json"]}}


async def _unsubscribe(person: Person) -> tuple[str, Options]:
    token = make_token(person.world.tidings.keyring, Unsubscription(person.id, "system"))
    return token, {"data": {"List-Unsubscribe": "One-Click"}}


OPEN: Mapping[str, Callable[[Person], Awaitable[tuple[str, Options]]]] = {
    "POST /auth/token": _login,
    "POST /auth/refresh": _refresh,
    "POST /auth/passkey/options": _nothing,
    "POST /auth/sign-up": _somebody_new,
    "POST /auth/verify-email": _verify,
    "POST /auth/verify-email/resend": _address,
    "POST /auth/invitation": _accept,
    "POST /auth/password-reset/request": _address,
    "POST /notifications/unsubscribe/{token}": _unsubscribe,
    "POST /auth/password-reset/confirm": _reset,
}
"""What a foreign page may ask too, because no cookie makes a difference there: what is in the path, and what is right
to send."""
