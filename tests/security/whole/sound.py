"""Requests that succeed where chance alone does not: they name what exists, or carry what no schema can describe."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

import httpx

from tests.accounts.pictures import picture
from tests.accounts.world import PASSWORD
from tests.devices import tokens_of
from tests.security.whole.inhabitants import Inhabitants, Visit
from tests.security.whole.routes import Route, every_route
from tests.world import API, BASE_URL, World

Options = dict[str, Any]  # Any: httpx's options of a request
NEW_PASSWORD = "a password nobody else has chosen"
_PREFERENCES = "/notifications/preferences/me"
_PICTURE: Options = {"files": {"file": ("photo.png", picture(size=(8, 8)))}}

UNREACHED: Mapping[str, str] = {
    "GET /users/me/export/download": "the worker has to make the archive first: tests/main/test_export.py",
    "POST /auth/invitation": "its token is in a letter: tests/accounts/test_invitations.py",
    "POST /auth/mfa": "its token and code are nobody's to guess: tests/accounts/test_totp.py",
    "POST /auth/passkey": "an authenticator signs: tests/accounts/test_passkey_sign_in.py",
    "POST /auth/password-reset/confirm": "its token is in a letter: tests/accounts/test_password_reset.py",
    "POST /auth/verify-email": "its token is in a letter: tests/accounts/test_sign_up.py",
    "POST /identity-providers": "the provider has to answer: tests/accounts/test_identity_providers.py",
    "POST /setup": "somebody has: tests/security/test_row_11_the_first_administrator.py",
    "POST /users/me/identities": "a provider has to answer: tests/accounts/test_identities.py",
    "POST /users/me/import": "takes an archive: tests/main/test_export.py",
    "POST /users/me/mfa/recovery-codes": "needs a second factor: tests/accounts/test_recovery_codes.py",
    "POST /users/me/mfa/totp/confirm": "its code is nobody's to guess: tests/accounts/test_totp.py",
    "POST /users/me/passkeys": "an authenticator signs: tests/accounts/test_passkeys.py",
}
"""Where none of these requests succeeds, and why; what is listed is shown there."""


async def sound_request(operation: str, visit: Visit) -> Options:
    """The query and the body of a request that this visitor is granted; nothing where none is needed."""
    make = _REQUESTS.get(operation)
    return await make(visit) if make is not None else {}


async def answers_to_writes(world: World, who: str) -> AsyncIterator[tuple[Route, httpx.Response]]:
    """What somebody is told at every route that writes; somebody new, once the one before has changed something."""
    inhabitants = Inhabitants(world)
    async with client_of(inhabitants) as client:
        for route in every_route(world.tidings.app):
            if route.method != "GET":
                answer = await client.send(await sound_question(client, inhabitants, who, route))
                client.cookies.clear()
                yield route, answer
                if answer.is_success:
                    inhabitants.forget(who)


def client_of(inhabitants: Inhabitants) -> httpx.AsyncClient:
    """Whatever they ask with; it presents nothing by itself."""
    return httpx.AsyncClient(transport=inhabitants.transport, base_url=BASE_URL + API)


async def sound_question(client: httpx.AsyncClient, inhabitants: Inhabitants, who: str, route: Route) -> httpx.Request:
    """The request that somebody is granted at one route, about something that exists."""
    visit = await inhabitants.visit(who, str(route), route.places)
    options = await sound_request(str(route), visit)
    if not options and route.method not in {"GET", "DELETE"}:
        options = {"json": {}}
    return client.build_request(route.method, route.at(**visit.places), headers=visit.headers, **options)


def _json(make: Callable[[Visit], Options]) -> Callable[[Visit], Awaitable[Options]]:
    async def request(visit: Visit) -> Options:
        return {"json": make(visit)}

    return request


def _login(visit: Visit) -> Options:
    return {"login": visit.me.name, "password": PASSWORD}


def _somebody_new(visit: Visit) -> Options:
    return {
        "name": "New",
        "username": f"new.{visit.me.name}",
        "email": f"new.{visit.me.name}@example.org",
        "password": NEW_PASSWORD,
    }


def _event(visit: Visit) -> Options:
    return {"to": [str(visit.me.id)], "type": "system", "title": "News", "data": {}}


async def _refresh(visit: Visit) -> Options:
    return {"json": {"refresh_token": (await tokens_of(visit.me)).refresh_token}}


async def _changes(visit: Visit) -> Options:
    return {"params": {"since": await visit.me.cursor()}}


async def _explained(visit: Visit) -> Options:
    return {"params": {"user_id": str(visit.me.id)}}


async def _bulk(visit: Visit) -> Options:
    return {"json": {"notification_ids": [(await visit.me.receives())["id"]], "action": "mark_read"}}


async def _export(visit: Visit) -> Options:
    (await visit.me.client.post("/users/me/export")).raise_for_status()
    return {}


async def _photo(visit: Visit) -> Options:
    (await visit.me.client.put("/users/me/photo", **_PICTURE)).raise_for_status()
    return {}


async def _totp(visit: Visit) -> Options:
    (await visit.me.client.post("/users/me/mfa/totp", json={})).raise_for_status()
    return {}


def _as_it_is(path: str) -> Callable[[Visit], Awaitable[Options]]:
    async def request(visit: Visit) -> Options:
        return {"json": (await visit.me.client.get(path)).json()}

    return request


async def _picture(_visit: Visit) -> Options:
    return _PICTURE


_REQUESTS: Mapping[str, Callable[[Visit], Awaitable[Options]]] = {
    f"{method} {path}": make
    for method, path, make in (
        ("GET", "/events/{event_id}/explain", _explained),
        ("GET", "/notifications/changes", _changes),
        ("GET", "/users/me/export", _export),
        ("GET", "/users/me/photo", _photo),
        ("POST", "/api-keys", _json(lambda visit: {"name": "mine", "scopes": ["notifications:read"]})),
        ("POST", "/auth/confirm", _json(lambda visit: {"password": PASSWORD})),
        ("POST", "/auth/login", _json(_login)),
        ("POST", "/auth/password-reset/request", _json(lambda visit: {"email": f"{visit.me.name}@example.org"})),
        ("POST", "/auth/refresh", _refresh),
        ("POST", "/auth/sign-up", _json(_somebody_new)),
        ("POST", "/auth/token", _json(_login)),
        ("POST", "/auth/verify-email/resend", _json(lambda visit: {"email": f"{visit.me.name}@example.org"})),
        ("POST", "/notifications", _json(_event)),
        ("POST", "/notifications/bulk", _bulk),
        ("POST", "/notifications/preview", _json(_event)),
        ("POST", "/notifications/test/create", _json(lambda visit: {"title": "News"})),
        ("POST", "/notifications/{notification_id}/snooze", _json(lambda visit: {"until": "2099-01-01T00:00:00Z"})),
        ("POST", "/streams/send", _json(lambda visit: {"all": True, "data": {}})),
        ("POST", "/users", _json(_somebody_new)),
        ("POST", "/users/invite", _json(lambda visit: {"email": f"new.{visit.me.name}@example.org"})),
        (
            "PUT",
            "/users/me/password",
            _json(lambda visit: {"password": NEW_PASSWORD, "current_password": PASSWORD}),
        ),
        ("PUT", "/users/me/email", _json(lambda visit: {"email": f"new.{visit.me.name}@example.org"})),
        *(("PUT", path, _as_it_is(path)) for path in ("/server-settings", "/users/me/privacy", _PREFERENCES)),
        ("POST", f"{_PREFERENCES}/preview", _as_it_is(_PREFERENCES)),
        ("POST", "/signing-secrets", _json(lambda _visit: {"name": "host"})),
        ("PATCH", "/signing-secrets/{secret_id}", _json(lambda _visit: {"name": "another host"})),
        ("PATCH", "/users/me/passkeys/{passkey_id}", _json(lambda _visit: {"name": "Phone"})),
        *(("PUT", f"{path}/photo", _picture) for path in ("/users/me", "/users/{user_id}")),
        ("PUT", "/server-settings/login-photo", _picture),
        ("DELETE", "/users/me/mfa/totp", _totp),
    )
}
