"""Requests that succeed where chance alone does not: they name what exists, or carry what no schema can describe."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from tests.accounts.pictures import picture
from tests.accounts.world import PASSWORD
from tests.devices import tokens_of
from tests.security.whole.inhabitants import Visit

Options = dict[str, Any]  # Any: httpx's options of a request
_NEW_PASSWORD = "a password nobody else has chosen"
_PICTURE: Options = {"files": {"file": ("photo.png", picture(size=(8, 8)))}}


async def sound_request(operation: str, visit: Visit) -> Options:
    """The query and the body of a request that this visitor is granted; nothing where none is needed."""
    make = _REQUESTS.get(operation)
    return await make(visit) if make is not None else {}


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
        "password": _NEW_PASSWORD,
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


async def _settings(visit: Visit) -> Options:
    return {"json": (await visit.me.client.get("/server-settings")).json()}


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
            _json(lambda visit: {"password": _NEW_PASSWORD, "current_password": PASSWORD}),
        ),
        ("PUT", "/users/me/email", _json(lambda visit: {"email": f"new.{visit.me.name}@example.org"})),
        ("PUT", "/server-settings", _settings),
        *(("PUT", f"{path}/photo", _picture) for path in ("/users/me", "/users/{user_id}")),
        ("PUT", "/server-settings/login-photo", _picture),
        ("DELETE", "/users/me/mfa/totp", _totp),
    )
}
