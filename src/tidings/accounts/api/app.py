"""What these routes need of the app they run in."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request

from tidings.accounts.callers import CurrentCaller
from tidings.accounts.cookies import cookie_name
from tidings.accounts.errors import NotAuthenticated
from tidings.accounts.sessions import Device
from tidings.kernel.crypto import Keyring as KernelKeyring
from tidings.kernel.db import Database as KernelDatabase


def _database(request: Request) -> KernelDatabase:
    database: KernelDatabase = request.app.state.database
    return database


def _keyring(request: Request) -> KernelKeyring:
    keyring: KernelKeyring = request.app.state.keyring
    return keyring


def _base_url(request: Request) -> str:
    base_url: str = request.app.state.settings.base_url
    return base_url


def _person(caller: CurrentCaller) -> UUID:
    if caller.user_id is None:  # the route's policy lets persons through, and each is somebody
        raise NotAuthenticated()
    return caller.user_id


def _device(request: Request) -> Device:
    return Device(request.headers.get("user-agent"), request.client.host if request.client else None)


def _session_cookie(request: Request) -> str | None:
    return request.cookies.get(cookie_name(_base_url(request)))


Database = Annotated[KernelDatabase, Depends(_database)]
Keyring = Annotated[KernelKeyring, Depends(_keyring)]
BaseUrl = Annotated[str, Depends(_base_url)]
PersonId = Annotated[UUID, Depends(_person)]
FromDevice = Annotated[Device, Depends(_device)]
SessionCookie = Annotated[str | None, Depends(_session_cookie)]
