"""`tidings user suspend`, `reactivate`, `approve`, `reject` and `reset`."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.cli.terminal import PASSWORD, Terminal, asked
from tidings import Tidings
from tidings.accounts.audit.types import SERVER
from tidings.accounts.governing import govern
from tidings.accounts.identities.linking import link_identity
from tidings.accounts.identity_providers.changing import create_provider
from tidings.accounts.identity_providers.types import ProvenIdentity
from tidings.cli.people import user_named
from tidings.settings import Settings

LOGIN = {"login": "ada", "password": PASSWORD}


@pytest.fixture
def with_ada(any_terminal: Terminal) -> Terminal:
    """A terminal at which Grace, the administrator, and Ada were made."""
    any_terminal.makes_user("grace", "--admin")
    any_terminal.makes_user("ada")
    return any_terminal


def test_somebody_suspended_cannot_sign_in_until_reactivated(with_ada: Terminal) -> None:
    assert "ada is suspended" in with_ada.does("user", "suspend", "ada").told
    assert asked("POST", "/auth/token", json=LOGIN).status_code == 401
    assert "ada is active again" in with_ada.does("user", "reactivate", "ada").told
    assert asked("POST", "/auth/token", json=LOGIN).status_code == 200


def test_programs_read_what_became_of_somebody(with_ada: Terminal) -> None:
    told = json.loads(with_ada.does("user", "suspend", "Ada", "--json").out)
    assert (told["username"], told["state"]) == ("ada", "suspended")
    by_id = json.loads(with_ada.does("user", "reactivate", told["id"], "--json").out)
    assert by_id == {**told, "state": "active"}


def test_the_last_administrator_stays(with_ada: Terminal) -> None:
    refused = with_ada.run("user", "suspend", "grace")
    assert (refused.code, refused.out) == (1, "")
    assert "last active administrator" in refused.told


async def leave_the_provider_of(username: str) -> None:
    """From now on nobody signs in with a password, and of the administrators this one alone comes in otherwise."""
    tidings = Tidings(settings=Settings())
    how: dict[str, Any] = {"by": SERVER, "now": tidings.clock.now()}
    names = {"slug": "club", "name": "Club", "template": None, "issuer": "https://club.example", "client_id": "tidings"}
    rules = {"enabled": True, "auto_create": False, "trust_email": False, "sync_profile": False, "position": 0}
    switches = {"local_login_enabled": False, "sso_enabled": True, "sso_auto_redirect": False}
    async with tidings.database.write() as session:
        values = {**names, **rules, "scopes": ["openid"]}
        provider = await create_provider(session, values, client_secret=None, keyring=tidings.keyring, **how)
        user_id = await user_named(session, username)
        await link_identity(session, user_id, ProvenIdentity(issuer=provider.issuer, subject="1"), provider, **how)
        await govern(session, switches, keyring=tidings.keyring, **how)
    await tidings.database.engine.dispose()


def test_the_only_administrator_who_can_sign_in_stays(with_ada: Terminal) -> None:
    with_ada.makes_user("linus", "--admin")
    with ThreadPoolExecutor(1) as thread:  # an event loop of its own, as a command has
        thread.submit(asyncio.run, leave_the_provider_of("grace")).result()
    refused = with_ada.run("user", "suspend", "grace")
    assert (refused.code, refused.out) == (1, "")
    with_ada.does("user", "suspend", "linus")


def test_who_did_not_sign_up_is_neither_approved_nor_rejected(with_ada: Terminal) -> None:
    for decision in ("approve", "reject"):
        refused = with_ada.run("user", decision, "ada")
        assert refused.code == 1
        assert "cannot become" in refused.told


def test_who_is_approved_before_their_address_is_verified_is_said_to_wait(with_ada: Terminal) -> None:
    key = with_ada.makes_key("admin")
    settings = asked("GET", "/server-settings", token=key).json()
    open_to_all = {"signup_enabled": True, "signup_require_admin_approval": True}
    for needs_verification, said in ((True, "can sign in once they have verified"), (False, "is approved")):
        asked_for = open_to_all | {"signup_require_email_verification": needs_verification}
        assert asked("PUT", "/server-settings", token=key, json=settings | asked_for).status_code == 200
        name = "linus" if needs_verification else "mary"
        stranger = {"name": name, "username": name, "email": f"{name}@example.org", "password": PASSWORD}
        assert asked("POST", "/auth/sign-up", json=stranger).status_code == 202
        waiting = json.loads(with_ada.does("user", "list", "--state", "registered", "--json").out)
        assert [user["username"] for user in waiting] == [name]
        told = with_ada.does("user", "approve", name).told
        assert said in told
        assert ("once" in told) == needs_verification


def test_a_reset_is_a_letter(with_ada: Terminal) -> None:
    told = with_ada.does("user", "reset", "ada", "--factors")
    assert "ada is sent a letter" in told.told
    assert PASSWORD not in told.told


def test_nobody_is_found_by_a_name_nobody_has(terminal: Terminal) -> None:
    refused = terminal.run("user", "suspend", "nobody")
    assert (refused.code, refused.out) == (1, "")
    assert "tidings user list" in refused.told
