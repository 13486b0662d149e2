"""What administrators decide for the whole server."""

from typing import Any

import pytest
from sqlalchemy import select

from tests.accounts.world import World, code
from tidings.accounts.audit.models import AuditEntry
from tidings.accounts.audit.types import AuditAction
from tidings.accounts.identities.models import Identity
from tidings.accounts.identity_providers.models import IdentityProvider
from tidings.accounts.models import User
from tidings.kernel.ids import new_id

ADDRESS = "/api/v1/server-settings"
PUBLIC = "/api/v1/public/server-settings"


async def changed(world: World, who: User, **changes: Any) -> tuple[int, dict[str, Any]]:  # Any: JSON
    async with await world.browser_of(who) as browser:
        now = (await browser.get(ADDRESS)).json()
        answer = await browser.put(ADDRESS, json=now | changes)
        return answer.status_code, answer.json()


async def test_the_defaults_are_closed(world: World, grace: User) -> None:
    async with await world.browser_of(grace) as browser:
        assert (await browser.get(ADDRESS)).json() == {
            "units": "metric",
            "currency": "euro",
            "num_records_per_page": 25,
            "public_shareable_links": False,
            "public_shareable_links_user_info": False,
            "signup_enabled": False,
            "signup_require_admin_approval": True,
            "signup_require_email_verification": True,
            "sso_enabled": False,
            "local_login_enabled": True,
            "sso_auto_redirect": False,
            "mfa_required": False,
            "password_type": "nist",
            "password_length_regular_users": 15,
            "password_length_admin_users": 15,
        }


async def test_what_get_gives_put_takes_back_unchanged(world: World, grace: User) -> None:
    async with await world.browser_of(grace) as browser:
        given = (await browser.get(ADDRESS)).json()
        answer = await browser.put(ADDRESS, json=given)
        assert (answer.status_code, answer.json()) == (200, given)
        assert (await browser.get(ADDRESS)).json() == given


async def test_a_decision_holds_at_once_and_is_recorded_by_name(world: World, grace: User) -> None:
    status, settings = await changed(world, grace, signup_enabled=True, password_type="strict")
    assert (status, settings["signup_enabled"], settings["password_type"]) == (200, True, "strict")
    async with world.database.read() as session:
        found = select(AuditEntry).where(AuditEntry.action == AuditAction.SETTINGS_CHANGED)
        (entry,) = (await session.scalars(found)).all()
    assert (entry.actor_id, sorted(entry.detail["changed"])) == (grace.id, ["password_type", "signup_enabled"])


async def test_a_decision_left_out_is_refused(world: World, grace: User) -> None:
    async with await world.browser_of(grace) as browser:
        given = (await browser.get(ADDRESS)).json()
        del given["sso_auto_redirect"]
        assert code(await browser.put(ADDRESS, json=given)) == (422, "invalid_request")


@pytest.mark.parametrize(
    "change",
    [
        {"units": "furlong"},
        {"num_records_per_page": 0},
        {"num_records_per_page": 101},
        {"password_length_regular_users": 7},
        {"password_length_admin_users": 65},
        {"id": 2},
        {"login_photo_id": None},
    ],
)
async def test_what_cannot_be_decided_is_refused(world: World, grace: User, change: dict[str, Any]) -> None:
    status, problem = await changed(world, grace, **change)
    assert (status, problem["code"]) == (422, "invalid_request")


async def test_nobody_is_led_to_a_provider_that_is_off(world: World, grace: User) -> None:
    status, problem = await changed(world, grace, sso_auto_redirect=True)
    assert (status, problem["code"]) == (422, "sso_not_enabled")


async def test_passwords_cannot_be_switched_off_while_nothing_else_lets_an_administrator_in(
    world: World, grace: User
) -> None:
    for also in ({}, {"sso_enabled": True}):
        status, problem = await changed(world, grace, local_login_enabled=False, **also)
        assert (status, problem["code"]) == (409, "no_way_in")
    async with await world.browser_of(grace) as browser:
        assert (await browser.get(ADDRESS)).json()["local_login_enabled"]


@pytest.mark.parametrize("is_enabled", [True, False])
async def test_passwords_can_be_switched_off_once_an_administrator_is_linked_to_an_enabled_provider(
    world: World, grace: User, is_enabled: bool
) -> None:
    now = world.clock.now()
    async with world.database.write() as session:
        provider = IdentityProvider(
            id=new_id(), slug="house", name="House", issuer="https://id.example", client_id="tidings", scopes=[]
        )
        provider.enabled, provider.auto_create, provider.trust_email, provider.sync_profile = (
            is_enabled,
            False,
            False,
            False,
        )
        provider.position, provider.created_at, provider.updated_at = 1, now, now
        session.add(provider)
        await session.flush()
        session.add(
            Identity(
                user_id=grace.id,
                id=new_id(),
                provider_id=provider.id,
                issuer=provider.issuer,
                subject="1",
                created_at=now,
            )
        )
    status, answer = await changed(world, grace, local_login_enabled=False, sso_enabled=True)
    assert (status, answer.get("code")) == ((200, None) if is_enabled else (409, "no_way_in"))


async def test_only_administrators_decide(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser:
        assert code(await browser.get(ADDRESS)) == (403, "forbidden")
        assert code(await browser.put(ADDRESS, json={})) == (403, "forbidden")


async def test_everybody_may_know_what_a_sign_in_page_needs_and_no_more(world: World, grace: User) -> None:
    await changed(world, grace, signup_enabled=True)
    async with world.client() as nobody:
        answer = await nobody.get(PUBLIC)
    assert answer.status_code == 200
    assert answer.json()["signup_enabled"] is True
    assert not {"mfa_required", "num_records_per_page"} & set(answer.json())


@pytest.mark.parametrize(("password_type", "lengths"), [("nist", (15, 15, 8)), ("length_only", (10, 20, None))])
async def test_the_lengths_that_everybody_is_told_are_those_that_hold(
    world: World, grace: User, password_type: str, lengths: tuple[int, int, int | None]
) -> None:
    await changed(
        world,
        grace,
        password_type=password_type,
        password_length_regular_users=10,
        password_length_admin_users=20,
    )
    async with world.client() as nobody:
        told = (await nobody.get(PUBLIC)).json()
    assert (
        told["password_length_regular_users"],
        told["password_length_admin_users"],
        told["password_length_with_mfa"],
    ) == lengths
