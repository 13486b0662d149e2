"""A key is never worth more than what its maker may do now."""

from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from tests.accounts.world import World, code
from tidings.accounts.audit.types import SERVER
from tidings.accounts.authentication import prove
from tidings.accounts.keys import create_key
from tidings.accounts.models import ApiKey, User
from tidings.accounts.types import AccessType, AccountState, Scope

KEYS = "/api/v1/api-keys"
RIGHTS = {AccessType.ADMIN: set(Scope), AccessType.REGULAR: {Scope.NOTIFICATIONS_READ}}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    scopes=st.sets(st.sampled_from(Scope), min_size=1),
    became=st.sampled_from(AccessType),
    state=st.sampled_from(AccountState),
    is_revoked=st.booleans(),
    hours=st.none() | st.integers(1, 48),
)
async def test_row_36_a_key_may_do_what_it_was_given_and_its_maker_still_may(
    world: World,
    scopes: set[Scope],
    became: AccessType,
    state: AccountState,
    is_revoked: bool,
    hours: int | None,
) -> None:
    now, later = world.clock.now(), world.clock.now() + timedelta(hours=24)
    async with world.database.write() as session:
        maker = User(state=AccountState.ACTIVE, access_type=AccessType.ADMIN, created_at=now, updated_at=now)
        session.add(maker)
        await session.flush()
        row, key = await create_key(
            session,
            owner_id=maker.id,
            name="ci",
            scopes=sorted(scopes),
            expires_at=now + timedelta(hours=hours) if hours else None,
            by=SERVER,
            now=now,
        )
        await session.execute(update(User).where(User.id == maker.id).values(access_type=became, state=state))
        await session.execute(update(ApiKey).where(ApiKey.id == row.id).values(revoked_at=now if is_revoked else None))
    async with world.database.read() as session:
        proof = await prove(session, authorization=f"Bearer {key}", cookie=None, keyring=world.keyring, now=later)
    lives = state is AccountState.ACTIVE and not is_revoked and (hours is None or hours > 24)
    assert (proof is not None) == lives
    if proof is not None:
        assert proof.caller.scopes == scopes & RIGHTS[became]
        assert proof.caller.is_admin == (Scope.ADMIN in scopes and became is AccessType.ADMIN)


async def test_row_36_a_key_makes_changes_and_revokes_no_keys(world: World, grace: User) -> None:
    async with await world.browser_of(grace) as browser:
        made = (await browser.post(KEYS, json={"name": "ci", "scopes": ["admin"]})).json()
    async with world.client(bearer=made["key"]) as server:
        address = f"{KEYS}/{made['id']}"
        assert code(await server.post(KEYS, json={"name": "x", "scopes": ["admin"]})) == (403, "forbidden")
        assert code(await server.patch(address, json={"name": "x"})) == (403, "forbidden")
        assert code(await server.delete(address)) == (403, "forbidden")
        listed = await server.get(KEYS)
    assert listed.status_code == 200
    assert made["key"] not in listed.text


async def test_row_36_no_key_is_made_or_changed_without_a_recent_sign_in(world: World, grace: User) -> None:
    async with await world.browser_of(grace) as browser:
        made = (await browser.post(KEYS, json={"name": "ci", "scopes": ["admin"]})).json()
        world.clock.advance(minutes=6)
        refused = await browser.post(KEYS, json={"name": "more", "scopes": ["admin"]})
        assert code(refused) == (403, "confirmation_required")
        longer = await browser.patch(f"{KEYS}/{made['id']}", json={"expires_at": None})
        assert code(longer) == (403, "confirmation_required")
        assert (await browser.delete(f"{KEYS}/{made['id']}")).status_code == 204


async def test_row_36_an_end_can_be_brought_forward_and_bites(world: World, grace: User) -> None:
    async with await world.browser_of(grace) as browser:
        made = (await browser.post(KEYS, json={"name": "ci", "scopes": ["users:read"]})).json()
        soon = (world.clock.now() + timedelta(minutes=1)).isoformat()
        changed = await browser.patch(f"{KEYS}/{made['id']}", json={"name": "short", "expires_at": soon})
        assert (changed.status_code, changed.json()["name"]) == (200, "short")
        assert "key" not in changed.json()
        past = await browser.patch(f"{KEYS}/{made['id']}", json={"expires_at": world.clock.now().isoformat()})
        assert code(past) == (422, "invalid_request")
        assert code(await browser.patch(f"{KEYS}/{made['id']}", json={"scopes": ["admin"]})) == (422, "invalid_request")
        assert code(await browser.patch(f"{KEYS}/{made['id']}", json={"name": None})) == (422, "invalid_request")
    async with world.client(bearer=made["key"]) as server:
        assert (await server.get("/api/v1/users")).status_code == 200
        world.clock.advance(minutes=1)
        assert code(await server.get("/api/v1/users")) == (401, "not_authenticated")


async def test_row_36_anothers_key_is_changed_by_nobody_but_an_administrator(
    world: World, ada: User, grace: User
) -> None:
    async with await world.browser_of(ada) as browser:
        made = (await browser.post(KEYS, json={"name": "hers", "scopes": ["notifications:read"]})).json()
    eve = await world.add("eve")
    async with await world.browser_of(eve) as browser:
        foreign = await browser.patch(f"{KEYS}/{made['id']}", json={"name": "mine"})
        absent = await browser.patch(f"{KEYS}/{eve.id}", json={"name": "mine"})
    assert code(foreign) == code(absent) == (404, "api_key_not_found")
    async with await world.browser_of(grace) as browser:
        assert (await browser.patch(f"{KEYS}/{made['id']}", json={"name": "known"})).status_code == 200
