"""One's identities: listed, linked, and taken away, but never the last way in."""

import asyncio

import pytest
from sqlalchemy import select, update

from tests.accounts.oidc import API, Sso
from tests.accounts.world import World, code
from tidings.accounts.audit.models import AuditEntry
from tidings.accounts.audit.types import AuditAction
from tidings.accounts.events import CredentialChanged
from tidings.accounts.mfa.models import Passkey
from tidings.accounts.models import User
from tidings.accounts.types import Scope
from tidings.kernel.ids import new_id

MINE = f"{API}/users/me/identities"


async def test_ones_identities_are_listed(sso: Sso, ada: User) -> None:
    identity = await sso.links(ada)
    await sso.tenant.behaves(user={"sub": "subject-1", "email": "Ada@club.example"})
    browser = sso.browser()
    await browser.signs_in()
    listed = (await browser.client.get(MINE)).json()["identities"]
    now = sso.world.clock.now().isoformat().replace("+00:00", "Z")
    assert listed == [
        {
            "id": str(identity.id),
            "provider": "club",
            "provider_name": "The Club",
            "issuer": sso.tenant.issuer,
            "subject": "subject-1",
            "email": "ada@club.example",
            "created_at": now,
            "last_used_at": now,
        }
    ]


async def test_a_link_is_made_counted_recorded_and_told(sso: Sso, ada: User) -> None:
    browser = sso.browser(await sso.world.cookie_of(ada))
    begun = await browser.client.post(MINE, json={"slug": "club", "next": "/settings?tab=sign-in"})
    landed = await browser.returns(await browser.visits(begun.json()["authorize_url"]))
    assert landed == "/settings?tab=sign-in"
    me = (await browser.client.get(f"{API}/users/me")).json()
    assert me["external_auth_count"] == 1
    async with sso.world.database.read() as session:
        linked = select(AuditEntry).where(AuditEntry.action == AuditAction.IDENTITY_LINKED)
        entry = (await session.scalars(linked)).one()
    assert (entry.actor_id, entry.target_id, entry.detail["provider"]) == (ada.id, ada.id, "club")
    assert CredentialChanged(ada.id, "identity", sso.world.clock.now()) in sso.world.heard


async def test_linking_again_changes_nothing(sso: Sso, ada: User) -> None:
    await sso.links(ada)
    browser = sso.browser(await sso.world.cookie_of(ada))
    begun = await browser.client.post(MINE, json={"slug": "club"})
    assert await browser.returns(await browser.visits(begun.json()["authorize_url"])) == "/security"
    assert len((await browser.client.get(MINE)).json()["identities"]) == 1


async def test_linking_needs_a_recent_sign_in(sso: Sso, ada: User) -> None:
    cookie = await sso.world.cookie_of(ada)
    sso.world.clock.advance(minutes=6)
    async with sso.world.client(cookie=cookie) as client:
        assert code(await client.post(MINE, json={"slug": "club"})) == (403, "confirmation_required")


async def test_linking_happens_in_a_browser(sso: Sso, ada: User) -> None:
    tokens = await sso.world.tokens_of(ada)
    async with sso.world.client(bearer=tokens.access_token) as client:
        assert code(await client.post(MINE, json={"slug": "club"})) == (403, "forbidden")


@pytest.mark.parametrize("slug", ["nobody", "CLUB"])
async def test_linking_an_unknown_provider_is_refused(sso: Sso, ada: User, slug: str) -> None:
    async with await sso.world.browser_of(ada) as client:
        assert code(await client.post(MINE, json={"slug": slug})) == (404, "identity_provider_not_found")


async def test_an_identity_is_taken_away_while_there_is_a_password(sso: Sso, ada: User) -> None:
    identity = await sso.links(ada)
    elsewhere = await sso.world.browser_of(ada)
    async with await sso.world.browser_of(ada) as here:
        assert (await here.delete(f"{MINE}/{identity.id}")).status_code == 204
        me = await here.get(f"{API}/users/me")
    assert me.json()["external_auth_count"] == 0
    assert (await elsewhere.get(f"{API}/users/me")).status_code == 401
    assert await sso.browser().signs_in() == "/sign-in?error=no_account"


async def test_the_last_way_in_stays(sso: Sso, ada: User) -> None:
    identity = await sso.links(ada)
    await without_password(sso.world, ada)
    async with await sso.world.browser_of(ada) as client:
        assert code(await client.delete(f"{MINE}/{identity.id}")) == (409, "last_way_in")
        assert len((await client.get(MINE)).json()["identities"]) == 1


async def test_a_password_is_no_way_in_where_nobody_signs_in_with_one(sso: Sso, ada: User) -> None:
    identity = await sso.links(ada)
    await sso.settings(local_login_enabled=False)
    async with await sso.world.browser_of(ada) as client:
        assert code(await client.delete(f"{MINE}/{identity.id}")) == (409, "last_way_in")


@pytest.mark.parametrize(("local_login_enabled", "status"), [(True, 204), (False, 409)])
async def test_a_passkey_is_a_way_in_like_a_password(
    sso: Sso, ada: User, local_login_enabled: bool, status: int
) -> None:
    identity = await sso.links(ada)
    await without_password(sso.world, ada)
    await sso.settings(local_login_enabled=local_login_enabled)
    async with sso.world.database.write() as session:
        session.add(
            Passkey(
                user_id=ada.id,
                id=new_id(),
                credential_id=b"x",
                public_key=b"x",
                sign_count=0,
                transports=[],
                is_backed_up=False,
                name="Key",
                created_at=sso.world.clock.now(),
            )
        )
    async with await sso.world.browser_of(ada) as client:
        assert (await client.delete(f"{MINE}/{identity.id}")).status_code == status


async def test_an_identity_at_a_provider_that_is_off_is_no_way_in(sso: Sso, ada: User) -> None:
    first, second = await sso.links(ada, "subject-1"), await sso.links(ada, "subject-2")
    await without_password(sso.world, ada)
    await sso.changes(enabled=False)
    async with await sso.world.browser_of(ada) as client:
        assert code(await client.delete(f"{MINE}/{first.id}")) == (409, "last_way_in")
        await sso.changes(enabled=True)
        assert (await client.delete(f"{MINE}/{first.id}")).status_code == 204
        assert code(await client.delete(f"{MINE}/{second.id}")) == (409, "last_way_in")


async def test_of_two_identities_taken_away_at_once_one_stays(sso: Sso, ada: User) -> None:
    identities = [await sso.links(ada, f"subject-{number}") for number in range(4)]
    await without_password(sso.world, ada)
    async with await sso.world.browser_of(ada) as client:
        answers = await asyncio.gather(*(client.delete(f"{MINE}/{identity.id}") for identity in identities))
    assert sorted(answer.status_code for answer in answers) == [204, 204, 204, 409]


async def test_taking_away_needs_a_recent_sign_in(sso: Sso, ada: User) -> None:
    identity = await sso.links(ada)
    cookie = await sso.world.cookie_of(ada)
    sso.world.clock.advance(minutes=6)
    async with sso.world.client(cookie=cookie) as client:
        assert code(await client.delete(f"{MINE}/{identity.id}")) == (403, "confirmation_required")


async def test_anothers_identity_is_as_good_as_none(sso: Sso, ada: User, grace: User) -> None:
    identity = await sso.links(grace)
    async with await sso.world.browser_of(ada) as client:
        assert code(await client.delete(f"{MINE}/{identity.id}")) == (404, "identity_not_found")
        assert code(await client.delete(f"{MINE}/{new_id()}")) == (404, "identity_not_found")


async def test_an_administrator_sees_and_takes_away_also_the_last(sso: Sso, ada: User, grace: User) -> None:
    identity = await sso.links(ada)
    await without_password(sso.world, ada)
    of_ada = f"{API}/users/{ada.id}/identities"
    adas = await sso.world.browser_of(ada)
    async with await sso.world.browser_of(grace) as client:
        assert [each["id"] for each in (await client.get(of_ada)).json()["identities"]] == [str(identity.id)]
        assert (await client.delete(f"{of_ada}/{identity.id}")).status_code == 204
        assert code(await client.delete(f"{of_ada}/{identity.id}")) == (404, "identity_not_found")
        assert code(await client.get(f"{API}/users/{new_id()}/identities")) == (404, "user_not_found")
    assert (await adas.get(f"{API}/users/me")).status_code == 401


async def test_taking_away_anothers_needs_an_administrator_in_person_and_a_recent_sign_in(
    sso: Sso, ada: User, grace: User
) -> None:
    one = f"{API}/users/{ada.id}/identities/{(await sso.links(ada)).id}"
    async with sso.world.client(bearer=await sso.world.key(Scope.ADMIN, owner=grace)) as server:
        assert code(await server.delete(one)) == (403, "forbidden")
    async with await sso.world.browser_of(grace) as client:
        sso.world.clock.advance(minutes=5, seconds=1)
        assert code(await client.delete(one)) == (403, "confirmation_required")
    user = await sso.world.user(ada.id)
    assert user is not None
    assert user.external_auth_count == 1


async def test_no_administrator_takes_away_the_last_way_in_of_all_of_them(sso: Sso, grace: User) -> None:
    identity = await sso.links(grace)
    await sso.settings(local_login_enabled=False)
    async with await sso.world.browser_of(grace) as client:
        answer = await client.delete(f"{API}/users/{grace.id}/identities/{identity.id}")
    assert code(answer) == (409, "no_way_in")


async def test_nobody_else_sees_them(sso: Sso, ada: User) -> None:
    await sso.links(ada)
    of_ada = f"{API}/users/{ada.id}/identities"
    async with await sso.world.browser_of(ada) as client:
        assert code(await client.get(of_ada)) == (403, "forbidden")
    async with sso.world.client(bearer=await sso.world.key(Scope.USERS_READ)) as client:
        assert code(await client.get(of_ada)) == (403, "insufficient_scope")


async def without_password(world: World, user: User) -> None:
    async with world.database.write() as session:
        await session.execute(update(User).where(User.id == user.id).values(password_hash=None))
