"""Accounts with a password, and what is posted by people of whom a server knows nothing yet."""

import json
from collections.abc import Sequence

from benchmarks.places import Place
from benchmarks.programs import Server
from tidings.accounts.audit.types import SERVER
from tidings.accounts.passwords import hash_password
from tidings.accounts.server_settings.changing import change_server_settings
from tidings.accounts.types import AccessType, AccountState
from tidings.accounts.users import create_user

AUTH = "/api/v1/auth"
PASSWORD, WRONG = "correct horse battery staple", "not the password at all"
_AT_ONCE = 250


async def accounts(place: Place, count: int) -> list[str]:
    """New accounts whose password is `PASSWORD`; their user names, all of one length."""
    names = [f"account-{number:06d}" for number in range(count)]
    stored = await hash_password(PASSWORD)  # of all of them: what a sign-in costs does not depend on the salt
    for start in range(0, count, _AT_ONCE):
        async with place.tidings.database.write() as session:
            for name in names[start : start + _AT_ONCE]:
                await create_user(
                    session,
                    username=name,
                    email=address(name),
                    name=name,
                    password_hash=stored,
                    access_type=AccessType.REGULAR,
                    state=AccountState.ACTIVE,
                    by=SERVER,
                    now=place.tidings.clock.now(),
                )
    return names


async def open_sign_up(place: Place) -> None:
    """Let strangers ask for an account; an administrator approves."""
    async with place.tidings.database.write() as session:
        values = {"signup_enabled": True, "sso_enabled": False, "sso_auto_redirect": False}
        await change_server_settings(session, values, by=SERVER, now=place.tidings.clock.now())


def address(name: str) -> str:
    """Where somebody of this name has their mail."""
    return f"{name}@example.org"


def of_our_own_pages(server: Server) -> dict[str, str]:
    """The headers of a browser that shows the server's own pages."""
    return {"Origin": f"http://127.0.0.1:{server.port}"}


def signing_in(names: Sequence[str], password: str) -> list[str]:
    """A sign-in for each of these names."""
    return [json.dumps({"login": name, "password": password}) for name in names]


def asking_for_a_reset(names: Sequence[str]) -> list[str]:
    """A request of a new password for each of these names."""
    return [json.dumps({"email": address(name)}) for name in names]


def signing_up(names: Sequence[str], username: str) -> list[str]:
    """A sign-up with the address of each of these names, under user names that begin with `username`."""
    return [
        json.dumps({"email": address(name), "username": f"{username}.{number}", "name": "New", "password": PASSWORD})
        for number, name in enumerate(names)
    ]
