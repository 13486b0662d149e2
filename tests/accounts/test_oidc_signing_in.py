"""Signing in with a provider, from the button to the inbox."""

import asyncio
from collections.abc import Sequence
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest
from sqlalchemy import func, select

from tests.accounts.oidc import API, Sso, query_of
from tests.accounts.world import World, code
from tidings.accounts.audit.models import AuditEntry
from tidings.accounts.audit.summing import ONE_BY_ONE
from tidings.accounts.audit.types import SERVER, AuditAction
from tidings.accounts.events import ApprovalRequested
from tidings.accounts.identities.flows import purge_flows
from tidings.accounts.identities.models import Identity, OidcState
from tidings.accounts.identity_providers.models import IdentityProvider
from tidings.accounts.mfa.models import Totp
from tidings.accounts.models import User
from tidings.accounts.types import AccountState, Language
from tidings.accounts.users import suspend_user
from tidings.kernel.crypto import new_key_text, parse_keys

ADA = {"sub": "subject-1", "email": "ada.l@club.example", "email_verified": True, "name": "Ada L", "locale": "de-AT"}


async def test_a_linked_identity_signs_in(sso: Sso, ada: User) -> None:
    await sso.links(ada)
    browser = sso.browser()
    assert await browser.signs_in() == "/inbox"
    assert await browser.username() == "ada"


@pytest.mark.parametrize("algorithm", ["RS256", "PS256", "ES256", "EdDSA"])
async def test_every_algorithm_of_the_list_signs_in(sso: Sso, ada: User, algorithm: str) -> None:
    await sso.links(ada)
    await sso.tenant.behaves(algorithm=algorithm)
    assert await sso.browser().signs_in() == "/inbox"


async def test_the_request_carries_what_the_flow_needs(sso: Sso) -> None:
    sent = query_of(await sso.browser().leaves())
    assert sent["response_type"] == "code"
    assert sent["redirect_uri"] == f"http://tidings.example{API}/auth/oidc/club/callback"
    assert sent["scope"] == "openid email profile"
    assert sent["code_challenge_method"] == "S256"
    assert len({sent["state"], sent["nonce"], sent["code_challenge"]}) == 3


async def test_the_host_header_does_not_choose_where_people_come_back(sso: Sso) -> None:
    browser = sso.browser()
    answer = await browser.client.get(f"{API}/auth/oidc/club/start", headers={"Host": "evil.example"})
    assert query_of(answer.headers["location"])["redirect_uri"].startswith("http://tidings.example/")


@pytest.mark.parametrize(
    ("asked", "path"),
    [
        ("/inbox?unread=1", "/inbox?unread=1"),
        ("//evil.example/", "/inbox"),
        ("https://evil.example/", "/inbox"),
        ("/\\evil.example", "/inbox"),
        ("/\t/evil.example", "/inbox"),
        ("javascript:alert(1)", "/inbox"),
        ("/" + "a" * 600, "/inbox"),
    ],
)
async def test_one_comes_back_to_a_path_of_this_site(sso: Sso, ada: User, asked: str, path: str) -> None:
    await sso.links(ada)
    assert await sso.browser().signs_in(next=asked) == path


async def test_two_tabs_of_a_browser_both_come_back(sso: Sso, ada: User) -> None:
    await sso.links(ada)
    browser = sso.browser()
    first, second = await browser.leaves(), await browser.leaves()
    assert await browser.returns(await browser.visits(first)) == "/inbox"
    assert await browser.returns(await browser.visits(second)) == "/inbox"


async def test_the_session_that_was_there_ends(sso: Sso, ada: User, grace: User) -> None:
    await sso.links(ada)
    old = await sso.world.cookie_of(grace)
    browser = sso.browser(cookie=old)
    await browser.signs_in()
    assert not await sso.browser(cookie=old).is_signed_in()


async def test_a_second_factor_is_still_asked_for(sso: Sso, ada: User) -> None:
    secret = await with_totp(sso.world, ada)
    await sso.links(ada)
    browser = sso.browser()
    landed = urlsplit(await browser.signs_in(next="/inbox?page=2"))
    half = {name: values[0] for name, values in parse_qs(landed.fragment).items()}
    assert (landed.path, landed.query, half["methods"]) == ("/sign-in", "next=%2Finbox%3Fpage%3D2", "totp")
    assert not await browser.is_signed_in()
    code = pyotp.TOTP(secret).at(int(sso.world.clock.now().timestamp()))
    finished = await browser.client.post(f"{API}/auth/mfa", json={"mfa_token": half["mfa_token"], "code": code})
    assert finished.status_code == 200
    assert await browser.is_signed_in()


async def test_a_suspended_account_does_not_come_in(sso: Sso, ada: User) -> None:
    await sso.links(ada)
    async with sso.world.database.write() as session:
        await suspend_user(session, ada.id, by=SERVER, now=sso.world.clock.now())
    browser = sso.browser()
    assert await browser.signs_in() == "/sign-in?error=account_closed"
    assert not await browser.is_signed_in()


async def test_a_stranger_gets_no_account_unless_both_switches_say_so(sso: Sso) -> None:
    await sso.tenant.behaves(user=ADA)
    browser = sso.browser()
    assert await browser.signs_in() == "/sign-in?error=no_account"
    await sso.settings(signup_enabled=True)
    assert await browser.signs_in() == "/sign-in?error=no_account"
    await sso.settings(signup_enabled=False)
    await sso.changes(auto_create=True)
    assert await browser.signs_in() == "/sign-in?error=no_account"
    assert await count(sso.world, User) == 0


async def test_a_newcomer_gets_an_account_with_what_the_provider_knows(sso: Sso) -> None:
    await sso.opens(user={**ADA, "preferred_username": "Ada.Lovelace"})
    browser = sso.browser()
    assert await browser.signs_in() == "/inbox"
    me = (await browser.client.get(f"{API}/users/me")).json()
    assert (me["username"], me["name"], me["email"]) == ("ada.lovelace", "Ada L", "ada.l@club.example")
    assert (me["preferred_language"], me["email_verified"], me["external_auth_count"]) == ("de", True, 1)
    assert (me["access_type"], me["state"]) == ("regular", "active")


async def test_what_only_the_userinfo_endpoint_tells_is_asked_for(sso: Sso) -> None:
    await sso.opens(user={"sub": "subject-1"}, in_userinfo={"email": "new@club.example", "email_verified": True})
    assert await sso.browser().signs_in() == "/inbox"


async def test_userinfo_about_somebody_else_is_not_believed(sso: Sso) -> None:
    await sso.opens(in_userinfo={"sub": "subject-2", "email": "new@club.example", "email_verified": True})
    assert await sso.browser().signs_in() == "/sign-in?error=identity_unproven"


async def test_a_newcomer_finds_another_user_name_when_theirs_is_taken(sso: Sso, ada: User) -> None:
    await sso.opens(user={**ADA, "preferred_username": "ada"})
    browser = sso.browser()
    await browser.signs_in()
    assert await browser.username() == "ada2"


async def test_a_newcomer_waits_for_approval_where_that_is_asked(sso: Sso) -> None:
    await sso.opens(user=ADA)
    await sso.settings(signup_require_admin_approval=True)
    browser = sso.browser()
    assert await browser.signs_in() == "/sign-in?error=awaiting_approval"
    assert await browser.signs_in() == "/sign-in?error=awaiting_approval"
    async with sso.world.database.read() as session:
        user = (await session.scalars(select(User))).one()
    assert (user.state, user.pending_admin_approval) == (AccountState.REGISTERED, True)
    assert len([event for event in sso.world.heard if isinstance(event, ApprovalRequested)]) == 1


async def test_an_address_nobody_vouches_for_makes_no_account(sso: Sso) -> None:
    await sso.opens(user={**ADA, "email_verified": False})
    assert await sso.browser().signs_in() == "/sign-in?error=provider_email_unverified"
    await sso.changes(trust_email=True)
    assert await sso.browser().signs_in() == "/inbox"


@pytest.mark.parametrize("email", [None, "no address", "a@b@c"])
async def test_no_address_makes_no_account(sso: Sso, email: str | None) -> None:
    await sso.opens(user={"sub": "subject-1", "email": email, "email_verified": True})
    assert await sso.browser().signs_in() == "/sign-in?error=provider_email_unverified"


async def test_one_newcomer_in_two_tabs_is_one_account(sso: Sso) -> None:
    await sso.opens(user=ADA)
    browser = sso.browser()
    answers = [await browser.visits(await browser.leaves()) for _ in range(4)]
    landed = await asyncio.gather(*(browser.returns(answer) for answer in answers))
    assert set(landed) == {"/inbox"}
    assert (await count(sso.world, User), await count(sso.world, Identity)) == (1, 1)


async def test_the_profile_follows_the_provider_only_where_that_is_wanted(sso: Sso, ada: User) -> None:
    await sso.links(ada)
    await sso.tenant.behaves(user={**ADA, "access_type": "admin", "is_admin": True})
    await sso.browser().signs_in()
    assert (await known(sso.world, ada)).name == "Ada"
    await sso.changes(sync_profile=True)
    await sso.browser().signs_in()
    user = await known(sso.world, ada)
    assert (user.name, user.preferred_language) == ("Ada L", Language.GERMAN)
    assert (user.email, user.access_type) == ("ada@example.org", ada.access_type)


async def test_a_sign_in_and_a_refusal_are_recorded(sso: Sso, ada: User) -> None:
    await sso.browser().signs_in()
    await sso.links(ada)
    await sso.browser().signs_in()
    async with sso.world.database.read() as session:
        entries = (await session.scalars(select(AuditEntry).order_by(AuditEntry.id))).all()
    recorded = [(entry.action, entry.target_id) for entry in entries]
    assert (AuditAction.SIGN_IN_FAILED, sso.provider.id) in recorded
    assert (AuditAction.SIGN_IN_SUCCEEDED, ada.id) in recorded


async def test_what_strangers_fail_at_is_counted_after_so_many_in_an_hour(sso: Sso) -> None:
    browser = sso.browser()
    for _ in range(ONE_BY_ONE + 3):
        assert await browser.signs_in() == "/sign-in?error=no_account"
    assert len(await entries(sso, AuditAction.SIGN_IN_FAILED)) == ONE_BY_ONE


async def test_a_link_that_fails_is_recorded_as_one_with_whose_it_would_have_been(
    sso: Sso, ada: User, grace: User
) -> None:
    await sso.links(grace)
    browser = sso.browser(await sso.world.cookie_of(ada))
    for _ in range(ONE_BY_ONE + 3):
        begun = await browser.client.post(f"{API}/users/me/identities", json={"slug": "club"})
        landed = await browser.returns(await browser.visits(begun.json()["authorize_url"]))
        assert landed == "/security?error=identity_taken"
    found = await entries(sso, AuditAction.IDENTITY_LINK_FAILED)
    assert [(entry.target_id, entry.detail) for entry in found] == [
        (ada.id, {"provider": "club", "code": "identity_taken"})
    ] * ONE_BY_ONE
    assert await entries(sso, AuditAction.SIGN_IN_FAILED) == []


async def entries(sso: Sso, action: AuditAction) -> Sequence[AuditEntry]:
    async with sso.world.database.read() as session:
        return (await session.scalars(select(AuditEntry).where(AuditEntry.action == action))).all()


async def test_a_client_secret_whose_key_is_gone_is_the_providers_failure(sso: Sso, ada: User) -> None:
    await sso.links(ada)
    under_way, browser = sso.browser(), sso.browser()
    came = await under_way.visits(await under_way.leaves())
    async with sso.world.database.write() as session:
        provider = await session.get_one(IdentityProvider, sso.provider.id)
        provider.sealed = parse_keys(new_key_text()).seal(b"secret", place=provider.place)
    assert await browser.leaves() == "/sign-in?error=provider_unusable"
    assert await under_way.returns(came) == "/sign-in?error=provider_unusable"
    async with await sso.world.browser_of(ada) as client:
        answer = await client.post(f"{API}/users/me/identities", json={"slug": "club"})
    assert code(answer) == (422, "provider_unusable")


async def test_nothing_works_while_signing_in_with_providers_is_off(sso: Sso, ada: User) -> None:
    await sso.links(ada)
    browser = sso.browser()
    answer = await browser.visits(await browser.leaves())
    await sso.settings(sso_enabled=False)
    assert await browser.returns(answer) == "/sign-in?error=sso_disabled"
    assert await browser.leaves() == "/sign-in?error=sso_disabled"
    shown = (await browser.client.get(f"{API}/auth/providers")).json()
    assert shown == {"providers": [], "auto_redirect": False}


async def test_a_provider_that_is_switched_off_signs_nobody_in(sso: Sso, ada: User) -> None:
    await sso.links(ada)
    browser = sso.browser()
    answer = await browser.visits(await browser.leaves())
    await sso.changes(enabled=False)
    assert await browser.returns(answer) == "/sign-in?error=identity_provider_not_found"
    assert await browser.leaves() == "/sign-in?error=identity_provider_not_found"


async def test_the_sign_in_page_learns_whom_to_offer(sso: Sso) -> None:
    async with sso.world.client() as client:
        shown = await client.get(f"{API}/auth/providers")
        assert shown.json() == {
            "providers": [{"slug": "club", "name": "The Club", "icon": None}],
            "auto_redirect": False,
        }
        await sso.settings(sso_auto_redirect=True)
        assert (await client.get(f"{API}/auth/providers")).json()["auto_redirect"] is True


async def test_saying_no_at_the_provider_ends_at_the_sign_in_page(sso: Sso) -> None:
    await sso.tenant.behaves(refuses=True)
    assert await sso.browser().signs_in() == "/sign-in?error=provider_refused"


async def test_a_client_secret_that_changed_is_refused_by_the_provider(sso: Sso, ada: User) -> None:
    await sso.links(ada)
    wrong = sso.world.keyring.seal(b"wrong", place=sso.provider.place)
    await sso.changes(sealed=wrong)
    assert await sso.browser().signs_in() == "/sign-in?error=identity_unproven"


async def test_a_provider_that_takes_secrets_in_the_body_alone_gets_it_there(sso: Sso, ada: User) -> None:
    await sso.links(ada)
    await sso.tenant.behaves(discovery={"token_endpoint_auth_methods_supported": ["client_secret_post"]})
    assert await sso.browser().signs_in() == "/inbox"


async def test_trips_nobody_came_back_from_are_forgotten(sso: Sso) -> None:
    await sso.browser().leaves()
    sso.world.clock.advance(minutes=9)
    async with sso.world.database.write() as session:
        assert await purge_flows(session, now=sso.world.clock.now()) == 0
    sso.world.clock.advance(minutes=1)
    async with sso.world.database.write() as session:
        assert await purge_flows(session, now=sso.world.clock.now()) == 1
    assert await count(sso.world, OidcState) == 0


async def with_totp(world: World, user: User) -> str:
    secret = pyotp.random_base32()
    row = Totp(user_id=user.id, last_step=0, created_at=world.clock.now(), confirmed_at=world.clock.now())
    row.sealed = world.keyring.seal(secret.encode(), place=row.place)
    async with world.database.write() as session:
        session.add(row)
        (await session.get_one(User, user.id)).mfa_enabled = True
    return secret


async def known(world: World, user: User) -> User:
    found = await world.user(user.id)
    assert found is not None
    return found


async def count(world: World, table: type[User | Identity | OidcState]) -> int:
    async with world.database.read() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0
