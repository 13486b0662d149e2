"""Access and refresh tokens for apps."""

import asyncio

import httpx
import pytest

from tests.accounts.world import PASSWORD, World, code
from tests.clock import StoppedClock
from tidings.accounts.audit.types import SERVER
from tidings.accounts.models import User
from tidings.accounts.users import suspend_user

ME = "/api/v1/users/me"


async def refresh(client: httpx.AsyncClient, token: str) -> httpx.Response:
    return await client.post("/api/v1/auth/refresh", json={"refresh_token": token})


async def test_an_app_signs_in_with_json(world: World, ada: User) -> None:
    async with world.client() as app:
        answer = await app.post("/api/v1/auth/token", json={"login": "ada", "password": PASSWORD})
        tokens = answer.json()
        me = await app.get(ME, headers={"Authorization": f"bearer {tokens['access_token']}"})
    assert me.json()["username"] == "ada"
    assert (tokens["token_type"], tokens["expires_in"]) == ("Bearer", 900)
    assert "tidings" not in answer.cookies


async def test_an_app_signs_in_with_the_password_form(world: World, ada: User) -> None:
    form = {"grant_type": "password", "username": "ada", "password": PASSWORD, "scope": ""}
    async with world.client() as app:
        answer = await app.post("/api/v1/auth/token", data=form)
    assert set(answer.json()) == {
        *("access_token", "refresh_token", "token_type", "expires_in", "session_id"),
        "device_token",
    }


@pytest.mark.parametrize(
    ("form", "refusal"),
    [
        ({"username": "ada"}, (422, "invalid_request")),
        ({"grant_type": "client_credentials", "username": "ada", "password": PASSWORD}, (422, "invalid_request")),
        ({"username": "a\0da", "password": PASSWORD}, (422, "invalid_character")),
        ({"username": "ada", "password": "wrong"}, (401, "invalid_credentials")),
        ({}, (415, "unsupported_media_type")),
    ],
)
async def test_a_form_of_another_shape_is_refused(
    world: World, ada: User, form: dict[str, str], refusal: tuple[int, str]
) -> None:
    async with world.client() as app:
        assert code(await app.post("/api/v1/auth/token", data=form)) == refusal


async def test_a_form_s_fault_is_pointed_at_by_the_form_s_own_name(world: World) -> None:
    async with world.client() as app:
        answer = await app.post("/api/v1/auth/token", data={"password": PASSWORD})
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/username"]


async def test_a_file_is_no_password(world: World) -> None:
    async with world.client() as app:
        answer = await app.post("/api/v1/auth/token", files={"password": b"x"}, data={"username": "ada"})
    assert code(answer) == (415, "unsupported_media_type")


async def test_an_access_token_lasts_fifteen_minutes(world: World, ada: User, clock: StoppedClock) -> None:
    async with world.client(bearer=(await world.tokens_of(ada)).access_token) as app:
        clock.advance(minutes=14, seconds=59)
        assert (await app.get(ME)).status_code == 200
        clock.advance(seconds=1)
        assert code(await app.get(ME)) == (401, "not_authenticated")


async def test_a_refresh_token_is_no_access_token(world: World, ada: User) -> None:
    async with world.client(bearer=(await world.tokens_of(ada)).refresh_token) as app:
        assert code(await app.get(ME)) == (401, "not_authenticated")


async def test_a_refresh_gives_new_tokens_of_the_same_session(world: World, ada: User) -> None:
    tokens = await world.tokens_of(ada)
    async with world.client() as app:
        fresh = (await refresh(app, tokens.refresh_token)).json()
        me = await app.get(ME, headers={"Authorization": f"Bearer {fresh['access_token']}"})
    assert me.status_code == 200
    assert fresh["session_id"] == str(tokens.session_id)
    assert fresh["refresh_token"] != tokens.refresh_token


async def test_sixteen_refreshes_at_once_get_the_same_successor(world: World, ada: User) -> None:
    tokens = await world.tokens_of(ada)
    async with world.client() as app:
        answers = await asyncio.gather(*(refresh(app, tokens.refresh_token) for _ in range(16)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    assert world.ended == []


async def test_a_lost_answer_can_be_asked_for_again_within_thirty_seconds(
    world: World, ada: User, clock: StoppedClock
) -> None:
    tokens = await world.tokens_of(ada)
    async with world.client() as app:
        first = (await refresh(app, tokens.refresh_token)).json()
        clock.advance(seconds=30)
        again = (await refresh(app, tokens.refresh_token)).json()
    assert again == first | {"expires_in": 870}


async def test_a_later_replay_ends_the_family(world: World, ada: User, clock: StoppedClock) -> None:
    tokens = await world.tokens_of(ada)
    async with world.client() as app:
        fresh = (await refresh(app, tokens.refresh_token)).json()
        clock.advance(seconds=31)
        assert code(await refresh(app, tokens.refresh_token)) == (401, "refresh_token_replayed")
        assert code(await refresh(app, fresh["refresh_token"])) == (401, "invalid_refresh_token")
        bearer = {"Authorization": f"Bearer {fresh['access_token']}"}
        assert code(await app.get(ME, headers=bearer)) == (401, "not_authenticated")
    assert [(event.session_ids, event.reason) for event in world.ended] == [((tokens.session_id,), "replayed")]


async def test_a_replay_from_generations_ago_ends_the_family(world: World, ada: User, clock: StoppedClock) -> None:
    tokens = await world.tokens_of(ada)
    token = tokens.refresh_token
    async with world.client() as app:
        for _ in range(3):
            token = (await refresh(app, token)).json()["refresh_token"]
            clock.advance(minutes=10)
        assert code(await refresh(app, tokens.refresh_token)) == (401, "refresh_token_replayed")
        assert code(await refresh(app, token)) == (401, "invalid_refresh_token")


async def test_a_replay_leaves_other_sessions_alone(world: World, ada: User, clock: StoppedClock) -> None:
    tokens, others = await world.tokens_of(ada), await world.tokens_of(ada)
    async with world.client() as app:
        await refresh(app, tokens.refresh_token)
        clock.advance(minutes=1)
        await refresh(app, tokens.refresh_token)
        assert (await refresh(app, others.refresh_token)).status_code == 200


async def test_a_chain_of_refreshes_has_an_absolute_end(world: World, ada: User, clock: StoppedClock) -> None:
    token = (await world.tokens_of(ada)).refresh_token
    async with world.client() as app:
        for _ in range(9):
            answer = await refresh(app, token)
            token = answer.json()["refresh_token"]
            clock.advance(days=10)
        assert code(await refresh(app, token)) == (401, "invalid_refresh_token")


async def test_signing_out_ends_the_family(world: World, ada: User) -> None:
    tokens = await world.tokens_of(ada)
    async with world.client(bearer=tokens.access_token) as app:
        assert (await app.post("/api/v1/auth/logout")).status_code == 200
        assert code(await refresh(app, tokens.refresh_token)) == (401, "invalid_refresh_token")


async def test_signing_out_and_refreshing_at_once_leave_no_way_in(world: World, ada: User) -> None:
    for _ in range(8):
        tokens = await world.tokens_of(ada)
        async with world.client(bearer=tokens.access_token) as app:
            out, fresh = await asyncio.gather(app.post("/api/v1/auth/logout"), refresh(app, tokens.refresh_token))
            assert out.status_code == 200
            assert fresh.status_code in {200, 401}
            assert code(await app.get(ME)) == (401, "not_authenticated")
            if fresh.status_code == 200:
                assert (await refresh(app, fresh.json()["refresh_token"])).status_code == 401


async def test_a_suspended_user_refreshes_nothing(world: World, ada: User, grace: User) -> None:
    tokens = await world.tokens_of(ada)
    async with world.database.write() as session:
        await suspend_user(session, ada.id, by=SERVER, now=world.clock.now())
    async with world.client() as app:
        assert code(await refresh(app, tokens.refresh_token)) == (401, "invalid_refresh_token")


@pytest.mark.parametrize("token", ["x", "tdr_unknown", "é" * 900])
async def test_an_unknown_refresh_token_is_refused(world: World, token: str) -> None:
    async with world.client() as app:
        assert code(await refresh(app, token)) == (401, "invalid_refresh_token")
