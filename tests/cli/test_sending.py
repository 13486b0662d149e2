"""`tidings send`, and what people see of it."""

import asyncio
import json

from tests.cli.terminal import PASSWORD, Terminal, asked
from tests.devices import WebSocketDevice
from tests.server import serving
from tidings import Tidings
from tidings.settings import Settings


def titles(terminal: Terminal, user: str) -> list[str]:
    """What somebody's inbox shows."""
    key = terminal.makes_key("notifications:read")
    found = asked("GET", f"/notifications?user={user}", token=key).json()
    return [entry["title"] for entry in found["notifications"]]


def test_what_is_sent_is_in_the_inbox(any_terminal: Terminal) -> None:
    user_id = any_terminal.makes_user("ada")
    any_terminal.does("send", "--to", "ada", "--type", "system", "--title", "Hello", "--message", "It works.")
    assert titles(any_terminal, user_id) == ["Hello"]


def test_people_are_known_by_id_external_id_and_user_name(terminal: Terminal) -> None:
    user_id = terminal.makes_user("ada")
    terminal.does("send", "--to", "guest", "--title", "First", "--create-missing")
    sent = terminal.does("send", "--to", user_id, "--to", "ada", "--to", "guest", "--title", "Again", "--json")
    assert json.loads(sent.out)["accepted"] == 2
    assert titles(terminal, "guest") == ["Again", "First"]


def test_nothing_is_sent_when_one_recipient_is_unknown(terminal: Terminal) -> None:
    user_id = terminal.makes_user("ada")
    assert terminal.run("send", "--to", "ada", "--to", "nobody", "--title", "Hello").code == 1
    assert titles(terminal, user_id) == []


def test_a_dedupe_key_sends_once(terminal: Terminal) -> None:
    user_id = terminal.makes_user("ada")
    once = ("send", "--to", "ada", "--title", "Hello", "--dedupe-key", "order-17", "--json")
    first, second = (json.loads(terminal.does(*once).out) for _ in range(2))
    assert first["event_id"] == second["event_id"]
    assert titles(terminal, user_id) == ["Hello"]


def test_programs_read_which_event_it_was(terminal: Terminal) -> None:
    terminal.makes_user("ada")
    sent = json.loads(terminal.does("send", "--to", "ada", "--title", "Hello", "--json").out)
    key = terminal.makes_key("admin")
    assert asked("GET", f"/events/{sent['event_id']}", token=key).json()["id"] == sent["event_id"]
    assert sent["accepted"] == 1


async def test_what_is_sent_arrives_live_at_a_server_that_runs(any_terminal: Terminal) -> None:
    await asyncio.to_thread(any_terminal.makes_user, "ada")
    login = {"login": "ada", "password": PASSWORD}
    token = (await asyncio.to_thread(asked, "POST", "/auth/token", json=login)).json()["access_token"]
    async with serving(Tidings(settings=Settings())) as live:
        device: WebSocketDevice = await live.websocket(token=token)
        await device.next()
        await asyncio.to_thread(any_terminal.does, "send", "--to", "ada", "--title", "Hello")
        assert (await device.next())["data"]["title"] == "Hello"
