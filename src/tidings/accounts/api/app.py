"""What these routes need of the app they run in."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request

from tidings.accounts import acting
from tidings.accounts.callers import CurrentCaller
from tidings.accounts.cookies import cookie_name, device_cookie_name
from tidings.accounts.errors import NotAuthenticated
from tidings.accounts.password_policy import PasswordHouse
from tidings.accounts.sessions import Device
from tidings.kernel.crypto import Keyring as KernelKeyring
from tidings.kernel.db import Database as KernelDatabase
from tidings.kernel.http.addresses import client_address


async def _database(request: Request) -> KernelDatabase:
    database: KernelDatabase = request.app.state.database
    return database


async def _keyring(request: Request) -> KernelKeyring:
    keyring: KernelKeyring = request.app.state.keyring
    return keyring


async def _base_url(request: Request) -> str:
    base_url: str = request.app.state.settings.base_url
    return base_url


async def _person(caller: CurrentCaller) -> UUID:
    if caller.user_id is None:  # the route's policy lets persons through, and each is somebody
        raise NotAuthenticated()
    return caller.user_id


BaseUrl = Annotated[str, Depends(_base_url)]


async def _password_house(request: Request, base_url: BaseUrl) -> PasswordHouse:
    return PasswordHouse(base_url=base_url, breached=request.app.state.settings.breached_passwords)


DEVICE_HEADER: dict[str, Any] = {  # Any: a piece of an OpenAPI document
    "name": "Tidings-Device",
    "in": "header",
    "required": False,
    "description": "The device_token of an earlier sign-in: by it an app is known again, as a browser is by a cookie.",
    "schema": {"type": "string"},
}


async def _device(request: Request, base_url: BaseUrl) -> Device:
    return Device(
        user_agent=request.headers.get("user-agent"),
        ip=client_address(request, trusted_proxies=request.app.state.settings.trusted_proxies),
        token=request.headers.get(DEVICE_HEADER["name"]) or request.cookies.get(device_cookie_name(base_url)),
    )


House = Annotated[PasswordHouse, Depends(_password_house)]
FromDevice = Annotated[Device, Depends(_device)]


async def _session_cookie(request: Request, base_url: BaseUrl) -> str | None:
    return request.cookies.get(cookie_name(base_url))


Database = Annotated[KernelDatabase, Depends(_database)]
Keyring = Annotated[KernelKeyring, Depends(_keyring)]
PersonId = Annotated[UUID, Depends(_person)]
By = acting.By
SessionCookie = Annotated[str | None, Depends(_session_cookie)]
