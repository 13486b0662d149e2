"""Row 26 over real connections: what takes somebody's access away closes their open streams, whatever carries them."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias

import httpx
import pyotp
import pytest
from sqlalchemy import update

from tests.accounts.world import HASH, PASSWORD
from tests.devices import Device, tokens_of
from tests.server import Live
from tests.world import BASE_URL, App, Person
from tidings.accounts.cookies import cookie_name
from tidings.accounts.models import User
from tidings.accounts.sessions import Device as Machine
from tidings.accounts.sessions import start_browser_session

AT_ONCE_S = 5.0
"""The second that is promised, and room for a machine that does much else; no heartbeat comes within it."""


@dataclass(frozen=True, slots=True)
class Scene:
    """Ada, whose streams are open; another browser of hers; and Grace, the administrator."""

    ada: Person
    elsewhere: httpx.AsyncClient
    grace: Person


Ending: TypeAlias = Callable[[Scene], Awaitable[httpx.Response]]


async def ends_one_s_other_sessions(scene: Scene) -> httpx.Response:
    return await scene.elsewhere.delete("/users/me/sessions")


async def an_administrator_ends_them(scene: Scene) -> httpx.Response:
    return await scene.grace.client.delete(f"/users/{scene.ada.id}/sessions")


async def is_suspended(scene: Scene) -> httpx.Response:
    return await scene.grace.client.post(f"/users/{scene.ada.id}/suspend")


async def is_deleted(scene: Scene) -> httpx.Response:
    return await scene.grace.client.delete(f"/users/{scene.ada.id}")


async def deletes_their_account(scene: Scene) -> httpx.Response:
    return await scene.elsewhere.delete("/users/me")


async def gets_other_rights(scene: Scene) -> httpx.Response:
    return await scene.grace.client.patch(f"/users/{scene.ada.id}", json={"access_type": "admin"})


async def changes_the_password(scene: Scene) -> httpx.Response:
    body = {"password": "another horse, another staple", "current_password": PASSWORD}
    return await scene.elsewhere.put("/users/me/password", json=body)


async def sets_up_a_second_factor(scene: Scene) -> httpx.Response:
    secret = (await scene.elsewhere.post("/users/me/mfa/totp")).json()["secret"]
    code = pyotp.TOTP(secret).at(scene.ada.world.clock.now())
    return await scene.elsewhere.post("/users/me/mfa/totp/confirm", json={"code": code})


ENDINGS: tuple[Ending, ...] = (
    *(ends_one_s_other_sessions, an_administrator_ends_them, is_suspended, is_deleted, deletes_their_account),
    *(gets_other_rights, changes_the_password, sets_up_a_second_factor),
)


@pytest.mark.parametrize("ending", ENDINGS)
async def test_row_26_every_open_stream_closes_and_none_opens_again(
    live: Live, ada: Person, grace: Person, ending: Ending
) -> None:
    scene = Scene(ada, await another_browser(ada), grace)
    token = (await tokens_of(ada)).access_token
    sockets = [await live.websocket(ada), await live.websocket(token=token)]
    events = [await live.events(ada), await live.events(token=token)]
    hers = await live.websocket(grace)
    opened: tuple[Device, ...] = (*sockets, *events, hers)
    for device in opened:
        await connected(device)
    assert (answer := await ending(scene)).is_success, answer.text
    async with asyncio.timeout(AT_ONCE_S):
        assert [await device.ended() for device in sockets] == [4503, 4503]
        assert [await stream.ended() for stream in events] == [None, None]
    await none_opens(live, ada, token)
    await grace.receives(title="Still here")
    assert await comes(hers, "Still here")


@pytest.mark.parametrize("ending", [an_administrator_ends_them, gets_other_rights])
async def test_row_26_who_signs_in_again_keeps_the_new_stream(
    live: Live, app: App, ada: Person, grace: Person, ending: Ending
) -> None:
    assert (await ending(Scene(ada, await another_browser(ada), grace))).is_success
    token = (await tokens_of(ada)).access_token  # by a session that began afterwards
    device = await live.websocket(token=token)
    await connected(device)
    said = await app.client.post("/streams/send", json={"user_id": "ada", "data": {"read": "afterwards"}})
    assert said.is_success
    assert (await device.next())["data"] == {"read": "afterwards"}


async def another_browser(person: Person) -> httpx.AsyncClient:
    """Somewhere else the same person is signed in, with a password."""
    now = person.world.clock.now()
    async with person.world.tidings.database.write() as session:
        await session.execute(update(User).where(User.id == person.id).values(password_hash=HASH))
        cookie = await start_browser_session(session, person.id, device=Machine(), now=now)
    return person.world.client(cookies={cookie_name(BASE_URL): cookie})


async def connected(device: Device) -> None:
    assert (await device.next())["type"] == "connected"


async def none_opens(live: Live, person: Person, token: str) -> None:
    assert await (await live.websocket(person)).ended() == 4500
    assert await (await live.websocket(token=token)).ended() == 4500
    with pytest.raises(httpx.HTTPStatusError, match="401"):
        await live.events(person)
    with pytest.raises(httpx.HTTPStatusError, match="401"):
        await live.events(token=token)


async def comes(device: Device, title: str) -> bool:
    """Whether a notification with this title comes, whatever comes before it."""
    while (await device.next()).get("data", {}).get("title") != title:
        pass
    return True
