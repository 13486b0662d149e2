"""Users: made, listed, read, suspended and removed."""

import asyncio
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.accounts.racing import open_connections, somebody_waits
from tests.accounts.world import PASSWORD, World, code
from tests.waiting import until
from tidings.accounts.audit.types import SERVER
from tidings.accounts.events import UserDeleting, UsersCreated
from tidings.accounts.models import User
from tidings.accounts.types import AccessType, AccountState, Scope
from tidings.accounts.users import change_access_type, delete_user, locked_user, suspend_user
from tidings.kernel.errors import Conflict, TidingsError

USERS = "/api/v1/users"
LINUS = {"name": "Linus", "username": "Linus", "email": "Linus@Example.org"}
PUBLIC_FIELDS = {"id", "name", "username", "photo_url"}
SECRETS = ("password_hash", "argon2", "digest", "sealed")


async def test_one_s_own_profile_has_the_documented_fields(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser:
        me = (await browser.get(f"{USERS}/me")).json()
    assert me["active"] is True
    assert (me["preferred_language"], me["units"], me["currency"], me["first_day_of_week"]) == (
        "us",
        "metric",
        "euro",
        "monday",
    )
    assert me["photo_url"] is None
    assert me["created_at"].endswith("Z")


async def test_an_administrator_makes_a_user_who_must_change_the_password(world: World, grace: User) -> None:
    async with await world.browser_of(grace) as browser:
        made = await browser.post(USERS, json={**LINUS, "password": PASSWORD, "preferred_language": "de"})
    async with world.client() as theirs:
        answer = await theirs.post("/api/v1/auth/login", json={"login": "linus", "password": PASSWORD})
    assert made.status_code == 201
    assert (made.json()["username"], made.json()["email"], made.json()["preferred_language"]) == (
        "linus",
        "linus@example.org",
        "de",
    )
    assert answer.json()["user"]["password_must_change"] is True
    assert any(isinstance(event, UsersCreated) and str(event.user_ids[0]) == made.json()["id"] for event in world.heard)


async def test_a_user_may_be_made_without_a_password(world: World) -> None:
    async with world.client(bearer=await world.key(Scope.USERS_WRITE)) as server:
        made = (await server.post(USERS, json=LINUS)).json()
    assert (made["state"], made["password_must_change"]) == ("active", False)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"username": "ADA"}, "username_taken"),
        ({"email": "ADA@example.org"}, "email_taken"),
        ({"external_id": "ada-1"}, "external_id_taken"),
    ],
)
async def test_a_name_that_is_taken_is_refused_where_it_stands(
    world: World, changes: dict[str, str], refusal: str
) -> None:
    await world.add("ada", external_id="ada-1")
    async with world.client(bearer=await world.key(Scope.USERS_WRITE)) as server:
        answer = await server.post(USERS, json=LINUS | changes)
    assert code(answer) == (422, refusal)
    assert answer.json()["errors"][0]["pointer"] == f"/{next(iter(changes))}"


async def test_a_value_that_names_a_constraint_is_only_text(world: World) -> None:
    for name in ("uq_tidings_users_username", "tidings_users.username"):
        await world.add(f"x{len(name)}", external_id=name)
        async with world.client(bearer=await world.key(Scope.USERS_WRITE)) as server:
            assert code(await server.post(USERS, json={**LINUS, "external_id": name})) == (422, "external_id_taken")


def long_address(length: int) -> str:
    """A well-formed address (RFC 5321 §4.5.3.1: no label over 63 characters)."""
    labels = ".".join(["b" * 60] * 3)
    return f"{'a' * 60}@{'c' * (length - len(labels) - 66)}.{labels}.org"


async def test_an_address_has_250_characters_at_most(world: World) -> None:
    async with world.client(bearer=await world.key(Scope.USERS_WRITE)) as server:
        answer = await server.post(USERS, json=LINUS | {"email": long_address(250)})
    assert (answer.status_code, answer.json()["email"]) == (201, long_address(250))


async def test_of_sixteen_who_want_one_username_one_gets_it(world: World) -> None:
    async with world.client(bearer=await world.key(Scope.USERS_WRITE)) as server:
        wanted = [LINUS | {"email": f"l{n}@example.org"} for n in range(16)]
        await open_connections(world.database)
        answers = await asyncio.gather(*(server.post(USERS, json=body) for body in wanted))
    assert sorted(answer.status_code for answer in answers) == [201, *[422] * 15]


@pytest.mark.parametrize(
    "changes",
    [
        {"username": "a b"},
        {"username": ""},
        {"username": "a" * 251},
        {"username": "lin\n"},
        {"email": "nobody"},
        {"email": "a@" + "b" * 250 + ".org"},
        {"email": long_address(251)},
        {"name": " "},
        {"name": "x" * 251},
        {"password": "1234567"},
        {"password": "x" * 251},
        {"external_id": ""},
        {"external_id": "x" * 251},
        {"height": 0},
        {"max_heart_rate": 251},
        {"preferred_language": "xx"},
        {"access_type": "root"},
        {"state": "active"},
        {"email_verified": True},
        {"password_hash": "x"},
        {"id": str(uuid4())},
        {"mfa_enabled": True},
    ],
)
async def test_a_field_out_of_shape_or_out_of_reach_is_refused(world: World, changes: dict[str, Any]) -> None:
    async with world.client(bearer=await world.key(Scope.ADMIN)) as server:
        assert code(await server.post(USERS, json=LINUS | changes)) == (422, "invalid_request")


async def test_only_an_administrator_in_person_makes_administrators(world: World, grace: User) -> None:
    async with world.client(bearer=await world.key(Scope.USERS_WRITE)) as server:
        assert code(await server.post(USERS, json={**LINUS, "access_type": "admin"})) == (403, "forbidden")
    async with await world.browser_of(grace) as browser:
        assert (await browser.post(USERS, json={**LINUS, "access_type": "admin"})).json()["access_type"] == "admin"


async def listed(client: httpx.AsyncClient, **query: Any) -> list[str]:
    answer = await client.get(USERS, params=query)
    assert answer.status_code == 200
    return [user["username"] or user["external_id"] for user in answer.json()["records"]]


async def test_an_administrator_finds_users_by_every_name(world: World, ada: User, grace: User, guest: User) -> None:
    async with await world.browser_of(grace) as browser:
        assert await listed(browser) == ["ada", "grace", "guest-1"]
        assert await listed(browser, search="ADA@EXAMPLE") == ["ada"]
        assert await listed(browser, search="est-1") == ["guest-1"]
        assert await listed(browser, state="recipient") == ["guest-1"]
        assert await listed(browser, access_type="admin") == ["grace"]


@pytest.mark.parametrize("search", ["%", "_", "a%a", "\\", "'", "%61da", '"'])
async def test_a_search_is_text_and_no_pattern(world: World, ada: User, grace: User, search: str) -> None:
    async with await world.browser_of(grace) as browser:
        assert await listed(browser, search=search) == []


async def test_a_search_finds_the_characters_of_patterns(world: World, grace: User) -> None:
    await world.add("x", external_id="100%_sure", state=AccountState.RECIPIENT)
    async with await world.browser_of(grace) as browser:
        assert await listed(browser, search="0%_s") == ["100%_sure"]


async def test_a_regular_person_sees_active_people_and_their_public_fields(
    world: World, ada: User, guest: User
) -> None:
    await world.add("eve", state=AccountState.SUSPENDED)
    async with await world.browser_of(ada) as browser:
        answer = (await browser.get(USERS)).json()
        assert await listed(browser, search="example.org") == []
    assert [set(user) for user in answer["records"]] == [PUBLIC_FIELDS]
    assert answer["total"] == 1


@pytest.mark.parametrize("query", ["state=suspended", "access_type=admin"])
async def test_a_regular_person_learns_no_states_or_access_types(world: World, ada: User, query: str) -> None:
    async with await world.browser_of(ada) as browser:
        assert code(await browser.get(f"{USERS}?{query}")) == (403, "forbidden")


async def test_pages_by_cursor_meet_every_user_once(world: World, grace: User) -> None:
    for number in range(5):
        await world.add(f"u{number}")
        await world.add(f"r{number}", external_id=f"r{number}", state=AccountState.RECIPIENT)
    seen, url = [], f"{USERS}?num_records=3"
    async with await world.browser_of(grace) as browser:
        while url:
            answer = await browser.get(url)
            seen += [user["username"] or user["external_id"] for user in answer.json()["records"]]
            await world.add(f"a{len(seen)}")  # before the position: must not shift the rest
            assert ("next" in answer.links) == (answer.json()["next_cursor"] is not None)
            url = answer.links.get("next", {}).get("url", "")
    assert seen == ["grace", *(f"u{n}" for n in range(5)), *(f"r{n}" for n in range(5))]


@pytest.mark.parametrize("asked", ["page_number=2&num_records=2", "page=2&page_size=2"])
async def test_pages_by_number_serve_older_clients(world: World, grace: User, asked: str) -> None:
    for name in ("ada", "bea", "cleo"):
        await world.add(name)
    async with await world.browser_of(grace) as browser:
        answer = (await browser.get(f"{USERS}?{asked}")).json()
    assert [user["username"] for user in answer["records"]] == ["cleo", "grace"]
    assert (answer["total"], answer["num_records"], answer["page_number"]) == (4, 2, 2)
    assert answer["next_cursor"] is None


async def test_a_numbered_page_leads_on_by_cursor(world: World, grace: User) -> None:
    for name in ("ada", "bea", "cleo"):
        await world.add(name)
    async with await world.browser_of(grace) as browser:
        first = await browser.get(f"{USERS}?page_number=1&num_records=2&state=active")
        second = await browser.get(first.links["next"]["url"])
    assert "page_number" not in first.links["next"]["url"]
    assert [user["username"] for user in second.json()["records"]] == ["cleo", "grace"]
    assert (second.json()["num_records"], second.json()["next_cursor"]) == (2, None)


@pytest.mark.parametrize(
    "query",
    ["page=0", "page_number=0", "num_records=0", "num_records=101", "page_size=101", "state=x", "page_number=99999999"],
)
async def test_a_page_out_of_bounds_is_refused(world: World, grace: User, query: str) -> None:
    async with await world.browser_of(grace) as browser:
        assert code(await browser.get(f"{USERS}?{query}")) == (422, "invalid_request")


async def test_a_cursor_of_another_list_is_refused(world: World, ada: User, grace: User) -> None:
    async with await world.browser_of(grace) as browser, await world.browser_of(ada) as other:
        cursor = (await browser.get(f"{USERS}?num_records=1")).json()["next_cursor"]
        for answer in (
            await browser.get(USERS, params={"cursor": cursor, "search": "a"}),
            await other.get(USERS, params={"cursor": cursor}),
            await browser.get(USERS, params={"cursor": "eyJ"}),
        ):
            assert code(answer) == (422, "invalid_cursor")
            assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/query/cursor"]


async def test_no_answer_carries_a_secret(world: World, ada: User, grace: User) -> None:
    async with await world.browser_of(grace) as browser:
        for path in (USERS, f"{USERS}/me", f"{USERS}/{ada.id}"):
            text = (await browser.get(path)).text
            assert not [secret for secret in SECRETS if secret in text]


async def test_an_unknown_user_is_not_found(world: World, grace: User) -> None:
    async with await world.browser_of(grace) as browser:
        for request in (browser.get(f"{USERS}/{uuid4()}"), browser.delete(f"{USERS}/{uuid4()}")):
            assert code(await request) == (404, "user_not_found")
        assert code(await browser.post(f"{USERS}/{uuid4()}/suspend")) == (404, "user_not_found")
        assert code(await browser.get(f"{USERS}/1")) == (422, "invalid_request")


async def test_suspension_bites_on_the_next_request_and_is_told(world: World, ada: User, grace: User) -> None:
    key = await world.key(Scope.NOTIFICATIONS_READ, owner=ada)
    async with await world.browser_of(ada) as theirs, await world.browser_of(grace) as browser:
        suspended = (await browser.post(f"{USERS}/{ada.id}/suspend")).json()
        assert (suspended["state"], suspended["active"]) == ("suspended", False)
        assert code(await theirs.get(f"{USERS}/me")) == (401, "not_authenticated")
        async with world.client(bearer=key) as server:
            assert code(await server.get(USERS)) == (401, "not_authenticated")
    assert [(event.user_id, event.reason) for event in world.ended] == [(ada.id, "suspended")]


async def test_reactivation_brings_no_old_session_back(world: World, ada: User, grace: User) -> None:
    async with await world.browser_of(ada) as theirs, await world.browser_of(grace) as browser:
        await browser.post(f"{USERS}/{ada.id}/suspend")
        assert (await browser.post(f"{USERS}/{ada.id}/reactivate")).json()["state"] == "active"
        assert code(await theirs.get(f"{USERS}/me")) == (401, "not_authenticated")
        answer = await theirs.post("/api/v1/auth/login", json={"login": "ada", "password": PASSWORD})
        assert answer.status_code == 200


async def test_a_move_that_does_not_exist_is_refused(world: World, ada: User, grace: User, guest: User) -> None:
    async with await world.browser_of(grace) as browser:
        assert code(await browser.post(f"{USERS}/{ada.id}/reactivate")) == (409, "invalid_transition")
        assert code(await browser.post(f"{USERS}/{guest.id}/suspend")) == (409, "invalid_transition")


async def test_a_removed_user_is_gone_with_every_way_in(world: World, ada: User, grace: User) -> None:
    tokens = await world.tokens_of(ada)
    async with await world.browser_of(grace) as browser, world.client(bearer=tokens.access_token) as app:
        assert (await browser.delete(f"{USERS}/{ada.id}")).status_code == 204
        assert code(await app.get(f"{USERS}/me")) == (401, "not_authenticated")
        assert code(await browser.get(f"{USERS}/{ada.id}")) == (404, "user_not_found")
    assert UserDeleting(ada.id) in world.heard
    assert [(event.user_id, event.reason) for event in world.ended] == [(ada.id, "deleted")]


@pytest.mark.parametrize("leave", ["delete", "suspend"])
async def test_the_last_administrator_cannot_leave(world: World, ada: User, grace: User, leave: str) -> None:
    async with await world.browser_of(grace) as browser:
        answer = await _leave(browser, grace, leave)
        assert code(answer) == (409, "last_admin")
        assert (await browser.get(f"{USERS}/me")).status_code == 200
    assert world.ended == []


@pytest.mark.parametrize("leave", ["delete", "suspend"])
async def test_sixteen_administrators_who_remove_each_other_at_once_leave_one(world: World, leave: str) -> None:
    admins = [await world.add(f"admin{number}", admin=True) for number in range(16)]
    async with world.client(bearer=await world.key(Scope.ADMIN)) as server:
        await open_connections(world.database)
        answers = await asyncio.gather(*(_leave(server, admin, leave) for admin in admins))
        left = await server.get(f"{USERS}?access_type=admin&state=active")
    assert sorted(answer.status_code for answer in answers) == [*[204 if leave == "delete" else 200] * 15, 409]
    assert left.json()["total"] == 1


@pytest.mark.parametrize("leave", ["delete", "suspend", "demote"])
async def test_whoever_is_no_administrator_leaves_without_waiting_for_them(
    world: World, ada: User, grace: User, leave: str
) -> None:
    """On PostgreSQL, where somebody can hold the administrators' rows and nobody else waits."""
    if world.database.is_sqlite:
        assert (await leaves(world, ada, leave)) is None
        return
    async with world.database.write() as session:
        await locked_user(session, grace.id)
        async with asyncio.timeout(10):
            await leaves(world, ada, leave)


@pytest.mark.parametrize("leave", ["delete", "suspend", "demote"])
async def test_whoever_is_made_an_administrator_at_that_moment_does_not_leave_unseen(
    world: World, ada: User, grace: User, leave: str
) -> None:
    """They might be the last one. On SQLite they leave, and have seen who is left."""
    async with world.database.write() as session:
        await change_access_type(session, ada.id, AccessType.ADMIN, by=SERVER, now=world.clock.now())
        leaving = asyncio.create_task(leaves(world, ada, leave))
        await until(lambda: somebody_waits(world.database))
    assert isinstance(await leaving, type(None) if world.database.is_sqlite else Conflict)
    assert await leaves(world, ada, leave) is None or world.database.is_sqlite


async def leaves(world: World, user: User, how: str) -> TidingsError | None:
    """Remove this user, or what they may do; why not, if so."""
    try:
        async with world.database.write() as session:
            if how == "delete":
                await delete_user(session, user.id, by=SERVER, now=world.clock.now())
            elif how == "suspend":
                await suspend_user(session, user.id, by=SERVER, now=world.clock.now())
            else:
                await change_access_type(session, user.id, AccessType.REGULAR, by=SERVER, now=world.clock.now())
    except TidingsError as error:
        return error
    return None


async def test_a_suspended_administrator_does_not_count_as_one_left(world: World, grace: User) -> None:
    await world.add("idle", admin=True, state=AccountState.SUSPENDED)
    async with await world.browser_of(grace) as browser:
        assert code(await browser.delete(f"{USERS}/{grace.id}")) == (409, "last_admin")


async def _leave(client: httpx.AsyncClient, user: User, leave: str) -> httpx.Response:
    if leave == "delete":
        return await client.delete(f"{USERS}/{user.id}")
    return await client.post(f"{USERS}/{user.id}/suspend")
