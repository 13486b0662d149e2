"""A host makes people known by its own names for them."""

import asyncio
from urllib.parse import quote

import httpx
import pytest

from tests.accounts.world import World, code
from tidings.accounts.events import UsersCreated
from tidings.accounts.models import User
from tidings.accounts.types import AccountState, Scope


@pytest.fixture
async def server(world: World) -> httpx.AsyncClient:
    return world.client(bearer=await world.key(Scope.USERS_WRITE))


async def put(server: httpx.AsyncClient, external_id: str, **body: object) -> httpx.Response:
    return await server.put(f"/api/v1/users/by-external-id/{quote(external_id, safe='')}", json=body)


async def test_the_first_put_makes_a_recipient_and_the_next_changes_them(
    world: World, server: httpx.AsyncClient
) -> None:
    made = await put(server, "user_1", name="Ada", email="Ada@example.org")
    changed = await put(server, "user_1", name="Ada L.")
    assert (made.status_code, changed.status_code) == (201, 200)
    assert (made.json()["state"], made.json()["external_id"]) == ("recipient", "user_1")
    assert (changed.json()["id"], changed.json()["name"]) == (made.json()["id"], "Ada L.")
    assert changed.json()["email"] == "ada@example.org"
    assert [event for event in world.heard if isinstance(event, UsersCreated)][-1].user_ids[0].hex in made.json()[
        "id"
    ].replace("-", "")


async def test_null_clears_a_field(server: httpx.AsyncClient) -> None:
    await put(server, "user_1", email="ada@example.org")
    assert (await put(server, "user_1", email=None)).json()["email"] is None


@pytest.mark.parametrize("external_id", ["a/b", "../x", "100%", "é", "a b", "x" * 250])
async def test_any_text_may_be_an_external_id(server: httpx.AsyncClient, external_id: str) -> None:
    assert (await put(server, external_id)).json()["external_id"] == external_id


async def test_an_external_id_has_at_most_250_characters(server: httpx.AsyncClient) -> None:
    assert code(await put(server, "x" * 251)) == (422, "invalid_request")


@pytest.mark.parametrize("state", [state for state in AccountState if state is not AccountState.RECIPIENT])
async def test_nobody_with_a_credential_of_their_own_is_changed(
    world: World, server: httpx.AsyncClient, state: AccountState
) -> None:
    ada = await world.add("ada", external_id="ada-1", state=state)
    assert code(await put(server, "ada-1", name="Mallory")) == (422, "recipient_is_account")
    unchanged = await world.user(ada.id)
    assert unchanged is not None
    assert unchanged.name == "Ada"


async def test_an_address_that_is_taken_is_refused(server: httpx.AsyncClient, ada: User) -> None:
    assert code(await put(server, "new", email="ada@example.org")) == (422, "email_taken")
    await put(server, "known")
    assert code(await put(server, "known", email="ada@example.org")) == (422, "email_taken")


@pytest.mark.parametrize(
    "body",
    [{"username": "ada"}, {"password": "correct horse"}, {"access_type": "admin"}, {"state": "active"}, {"name": ""}],
)
async def test_a_host_sets_nothing_else(server: httpx.AsyncClient, body: dict[str, str]) -> None:
    assert code(await put(server, "user_1", **body)) == (422, "invalid_request")


async def test_sixteen_at_once_make_one_recipient(server: httpx.AsyncClient) -> None:
    answers = await asyncio.gather(*(put(server, "user_1", name=f"Ada {number}") for number in range(16)))
    assert sorted(answer.status_code for answer in answers) == [*[200] * 15, 201]
    assert len({answer.json()["id"] for answer in answers}) == 1
