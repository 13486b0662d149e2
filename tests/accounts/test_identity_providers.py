"""Setting up identity providers."""

from typing import Any

import pytest
from sqlalchemy import select

from tests.accounts.oidc import API, Sso
from tests.accounts.world import code
from tests.services.oidc_provider import CLIENT_ID, CLIENT_SECRET
from tidings.accounts.audit.models import AuditEntry
from tidings.accounts.audit.types import AuditAction
from tidings.accounts.identity_providers.models import IdentityProvider
from tidings.accounts.identity_providers.templates import TEMPLATES
from tidings.accounts.models import User
from tidings.accounts.types import Scope
from tidings.kernel.ids import new_id

PROVIDERS = f"{API}/identity-providers"


def described(sso: Sso, **changes: Any) -> dict[str, Any]:
    secret = "another + secret"
    return {
        "slug": "second",
        "name": "Second",
        "issuer": sso.tenant.issuer,
        "client_id": "me",
        "client_secret": secret,
        **changes,
    }


async def test_a_provider_is_made_and_its_secret_never_shown(sso: Sso, grace: User) -> None:
    async with await sso.world.browser_of(grace) as client:
        made = await client.post(PROVIDERS, json=described(sso))
        listed = await client.get(PROVIDERS)
        one = await client.get(f"{PROVIDERS}/{made.json()['id']}")
    assert made.status_code == 201
    assert made.json()["has_client_secret"] is True
    assert made.json() in listed.json()["identity_providers"]
    assert one.json() == made.json()
    assert not any(secret in made.text + listed.text for secret in ("another + secret", CLIENT_SECRET, "sealed"))
    assert listed.json()["redirect_uri"] == f"http://tidings.example{API}/auth/oidc/{{slug}}/callback"
    assert {template["key"] for template in listed.json()["templates"]} == set(TEMPLATES)


async def test_the_secret_is_sealed_for_its_row(sso: Sso, grace: User) -> None:
    async with await sso.world.browser_of(grace) as client:
        made = (await client.post(PROVIDERS, json=described(sso))).json()
    async with sso.world.database.read() as session:
        row = (await session.scalars(select(IdentityProvider).where(IdentityProvider.slug == "second"))).one()
    assert str(row.id) == made["id"]
    assert sso.world.keyring.unseal(row.sealed or "", place=row.place) == b"another + secret"


async def test_a_provider_is_changed_and_a_public_client_has_no_secret(sso: Sso, grace: User) -> None:
    one = f"{PROVIDERS}/{sso.provider.id}"
    async with await sso.world.browser_of(grace) as client:
        changed = await client.patch(one, json={"name": "New", "client_secret": None, "position": 7})
        assert (changed.json()["name"], changed.json()["has_client_secret"]) == ("New", False)
        assert code(await client.patch(one, json={"name": None}))[0] == 422
        for fixed in ("slug", "issuer", "template", "id"):
            assert code(await client.patch(one, json={fixed: "x"}))[0] == 422
        assert code(await client.patch(f"{PROVIDERS}/{new_id()}", json={})) == (404, "identity_provider_not_found")
        assert code(await client.delete(f"{PROVIDERS}/{new_id()}")) == (404, "identity_provider_not_found")


async def test_what_is_done_is_recorded_without_secrets(sso: Sso, grace: User) -> None:
    async with await sso.world.browser_of(grace) as client:
        made = (await client.post(PROVIDERS, json=described(sso))).json()
        await client.patch(f"{PROVIDERS}/{made['id']}", json={"client_secret": "the newest secret"})
        await client.delete(f"{PROVIDERS}/{made['id']}")
    async with sso.world.database.read() as session:
        entries = (
            await session.scalars(select(AuditEntry).where(AuditEntry.actor_id == grace.id).order_by(AuditEntry.id))
        ).all()
    assert [entry.action for entry in entries] == [
        AuditAction.PROVIDER_CREATED,
        AuditAction.PROVIDER_CHANGED,
        AuditAction.PROVIDER_CHANGED,  # switched off, so that nobody comes in while it is removed
        AuditAction.PROVIDER_DELETED,
    ]
    assert [entry.detail.get("changed") for entry in entries] == [None, ["client_secret"], ["enabled"], None]
    assert "secret" not in str([entry.detail for entry in entries]).replace("client_secret", "")


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"slug": "club"}, "slug_taken"),
        ({"issuer": "ftp://id.example"}, "issuer_invalid"),
        ({"issuer": "https://id.example/?a=b"}, "issuer_invalid"),
        ({"issuer": "https://user@id.example/"}, "issuer_invalid"),
        ({"template": "nobody"}, "issuer_invalid"),
        ({"template": "google"}, "issuer_invalid"),
        ({"issuer": "https://127.0.0.2/"}, "provider_unusable"),
        ({"issuer": "http://169.254.169.254/latest"}, "provider_unusable"),
        ({"slug": "Second"}, "invalid_request"),
        ({"slug": "../admin"}, "invalid_request"),
        ({"scopes": ["email"]}, "invalid_request"),
        ({"scopes": ["openid", "with space"]}, "invalid_request"),
        ({"client_secret": "with\nline"}, "invalid_request"),
        ({"enabled": None}, "invalid_request"),
        ({"unknown": 1}, "invalid_request"),
    ],
)
async def test_a_provider_that_cannot_be_is_refused(
    sso: Sso, grace: User, changes: dict[str, Any], refusal: str
) -> None:
    async with await sso.world.browser_of(grace) as client:
        assert code(await client.post(PROVIDERS, json=described(sso, **changes))) == (422, refusal)


async def test_setting_up_is_for_administrators_in_person(sso: Sso, ada: User) -> None:
    async with await sso.world.browser_of(ada) as client:
        assert code(await client.get(PROVIDERS)) == (403, "forbidden")
        assert code(await client.post(PROVIDERS, json=described(sso))) == (403, "forbidden")
    async with sso.world.client(bearer=await sso.world.key(Scope.ADMIN)) as client:
        assert code(await client.post(PROVIDERS, json=described(sso))) == (403, "forbidden")
        assert code(await client.delete(f"{PROVIDERS}/{sso.provider.id}")) == (403, "forbidden")
    async with sso.world.client() as client:
        assert code(await client.get(PROVIDERS)) == (401, "not_authenticated")


async def test_setting_up_needs_a_recent_sign_in(sso: Sso, grace: User) -> None:
    """A provider says who somebody is: whoever writes one could become anybody."""
    one, asked = f"{PROVIDERS}/{sso.provider.id}", (403, "confirmation_required")
    async with await sso.world.browser_of(grace) as client:
        sso.world.clock.advance(minutes=5, seconds=1)
        assert code(await client.post(PROVIDERS, json=described(sso))) == asked
        assert code(await client.patch(one, json={"client_id": "me"})) == asked
        assert code(await client.delete(one)) == asked
        assert (await client.get(one)).json()["client_id"] == CLIENT_ID


async def test_the_provider_an_administrator_comes_in_with_stays_where_there_is_no_other_way(
    sso: Sso, grace: User
) -> None:
    await sso.links(grace)
    await sso.settings(local_login_enabled=False)
    one = f"{PROVIDERS}/{sso.provider.id}"
    async with await sso.world.browser_of(grace) as client:
        assert code(await client.delete(one)) == (409, "no_way_in")
        assert code(await client.patch(one, json={"enabled": False})) == (409, "no_way_in")
        assert (await client.get(one)).json()["enabled"] is True
        await sso.settings(local_login_enabled=True)
        assert (await client.delete(one)).status_code == 204


@pytest.mark.parametrize(
    ("template", "issuer", "fits"),
    [
        ("google", "https://accounts.google.com", True),
        ("google", "https://accounts.google.com/", False),
        ("google", "https://accounts.google.com.evil.example", False),
        ("microsoft", "https://login.microsoftonline.com/9188040d-6c67/v2.0", True),
        ("microsoft", "https://login.microsoftonline.com//v2.0", False),
        ("keycloak", "https://id.example:8443/realms/staff", True),
        ("keycloak", "https://id.example/auth/staff", False),
        ("authentik", "https://id.example/application/o/tidings/", True),
        ("authentik", "https://id.example/application/o/tidings", False),
        ("auth0", "https://staff.eu.auth0.com/", True),
        ("zitadel", "https://staff.zitadel.cloud", True),
        ("okta", "https://staff.okta.com", True),
        ("gitlab", "https://gitlab.com", True),
    ],
)
def test_a_template_knows_its_issuers(template: str, issuer: str, fits: bool) -> None:
    assert TEMPLATES[template].fits(issuer) is fits
