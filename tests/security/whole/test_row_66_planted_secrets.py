"""Secrets are planted wherever the database keeps any: no answer, log line or error shows one."""

import base64
import io
import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

import httpx
import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import LargeBinary, select

from tests.accounts.world import PASSWORD as THEIRS
from tests.security.whole.asking import open_every_door, without_limits
from tests.security.whole.inhabitants import CLIENT_SECRET
from tests.security.whole.routes import STREAMS, every_route
from tests.security.whole.sound import NEW_PASSWORD, answers_to_writes
from tests.world import Person, World
from tidings.accounts.passwords import hash_password
from tidings.kernel.crypto import new_token
from tidings.kernel.db import Base
from tidings.kernel.logging import REDACTED, configure_logging, redact
from tidings.notifications.unsubscribing import Unsubscription, make_token
from tidings.settings import Settings

PASSWORD = "a planted password, quite long"
SECRET_COLUMNS = {"password_hash", "sealed", "successor", "secret", "nonce"}


Stream = TypeVar("Stream", bound=io.StringIO)
HOSTILE = [
    pytest.param('x\r\n{"event": "made up", "level": "info"}', id="a_line_of_json"),
    pytest.param("x\n2026-01-01T00:00:00.000000Z [info     ] made up", id="a_line_of_a_terminal"),
    pytest.param("x\x1b[2K\x1b[1Gmade up", id="a_cursor_that_goes_back"),
    pytest.param("x\x9b2Kmade up", id="a_cursor_in_one_character"),
    pytest.param("x\x85made up", id="next_line"),
    pytest.param("x\u2028made up", id="line_separator"),
    pytest.param("x\u202epu edam", id="right_to_left"),
]
_TOKEN = re.compile(r"td[a-z]_[\w-]{43}")
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_ACTS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
_BEGINS = re.compile(r"\d{4}-\d\d-\d\dT\S+ \[|  ")
"""A line of a terminal: its time, or a traceback set in."""


class Terminal(io.StringIO):
    """A log that somebody watches."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return without_limits(tmp_path)


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything that is logged, at the most talkative level."""
    with logging_to(io.StringIO()) as stream:
        yield stream


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    """The same for people."""
    with logging_to(Terminal()) as stream:
        yield stream


@contextmanager
def logging_to(stream: Stream) -> Iterator[Stream]:
    root = logging.getLogger()
    handlers, level, configuration = root.handlers[:], root.level, structlog.get_config()
    configure_logging(level="DEBUG", stream=stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.configure(**configuration)


async def test_row_66_no_planted_secret_is_shown_by_any_route_or_log(
    world: World, grace: Person, log: io.StringIO
) -> None:
    shown_once = await plant(world, grace)
    kept = await stored_secrets(world)
    assert len(kept) > 10
    for route in every_route(world.tidings.app):
        if route.method == "GET" and route.path not in STREAMS:
            for values in [{}, *await objects(world, route.places)]:
                answer = await grace.client.get(route.at(**values))
                assert [secret for secret in {*shown_once, *kept} if secret in answer.text] == [], route
    logged = log.getvalue()
    assert "request" in logged
    assert [secret for secret in {*shown_once, *kept, PASSWORD} if secret in logged] == []


async def test_row_66_nor_by_a_write(world: World, grace: Person, log: io.StringIO) -> None:
    """What a write hands out, once, is for its answer alone; what is kept is for nobody."""
    await open_every_door(grace)
    answers = [answer async for _, answer in answers_to_writes(world, "admin")]
    kept = {*await stored_secrets(world), PASSWORD, THEIRS, NEW_PASSWORD, CLIENT_SECRET}
    told = "\n".join(f"{answer.text}\n{answer.headers}" for answer in answers)
    assert [secret for secret in kept if secret in told] == []
    handed_out = {*_TOKEN.findall(told), *(text_at(each, "secret") for each in answers if '"secret":' in each.text)}
    assert {token[:4] for token in handed_out if _TOKEN.match(token)} >= {"tda_", "tdr_", "tdk_", "tdb_", "tds_"}
    assert [secret for secret in handed_out | kept if secret in log.getvalue()] == []


async def plant(world: World, grace: Person) -> set[str]:
    """Make one of everything that is shown once; what was shown."""
    made = {"username": "planted", "email": "planted@example.org", "name": "Planted", "password": PASSWORD}
    (await grace.client.post("/users", json=made)).raise_for_status()
    tokens = await grace.client.post("/auth/token", json={"login": "planted", "password": PASSWORD})
    tokens.raise_for_status()
    refreshed = await grace.client.post("/auth/refresh", json={"refresh_token": tokens.json()["refresh_token"]})
    key = await grace.client.post("/api-keys", json={"name": "planted", "scopes": ["admin"]})
    secret = await grace.client.post("/signing-secrets", json={"name": "planted"})
    totp = await grace.client.post("/users/me/mfa/totp", json={})
    ticket = await grace.client.post("/notifications/ws/ticket")
    answers = {
        "access_token": tokens,
        "refresh_token": refreshed,
        "key": key,
        "secret": secret,
        "ticket": ticket,
    }
    shown = {text_at(answer, name) for name, answer in answers.items()}
    await grace.client.post("/auth/password-reset/request", json={"email": "planted@example.org"})
    return {*shown, text_at(totp, "secret"), *grace.client.cookies.values()}


def text_at(answer: httpx.Response, name: str) -> str:
    answer.raise_for_status()
    text: str = answer.json()[name]
    return text


async def stored_secrets(world: World) -> set[str]:
    """Every digest and every sealed value in the database, as text in any of the usual forms."""
    found: set[str] = set()
    async with world.tidings.database.read() as session:
        for table in Base.metadata.sorted_tables:
            if table.name.startswith(("tidings_audit", "tidings_idempotency", "tidings_photos", "tidings_export")):
                continue  # hashes of the log are no secret; the others hold what their owners may see
            for column in table.c:
                if isinstance(column.type, LargeBinary) or column.name in SECRET_COLUMNS:
                    for value in await session.scalars(select(column).where(column.is_not(None))):
                        found |= forms(value)
    return found


def forms(value: bytes | str) -> set[str]:
    if isinstance(value, str):
        return {value}
    return {value.hex(), base64.b64encode(value).decode(), base64.urlsafe_b64encode(value).decode().rstrip("=")}


async def objects(world: World, places: list[str]) -> list[dict[str, str]]:
    """Values for a path: ids of what there is, for every place alike."""
    if not places:
        return []
    ids: set[str] = set()
    async with world.tidings.database.read() as session:
        for table in Base.metadata.sorted_tables:
            if "id" in table.c:
                ids |= {str(each) for each in await session.scalars(select(table.c.id).limit(3))}
    return [dict.fromkeys(places, each) for each in sorted(ids)]


async def test_row_66_an_error_repeats_no_secret(world: World, grace: Person, log: io.StringIO) -> None:
    token = new_token("tda_")
    refused = [
        await grace.client.post("/auth/login", json={"login": "x" * 300, "password": PASSWORD}),
        await grace.client.post("/users", json={"username": "a b", "password": PASSWORD}),
        await grace.client.post("/auth/login", content=f'{{"password": "{PASSWORD}"'),
        await world.client(headers={"Authorization": f"Bearer {token}"}).get("/users/me"),
        await world.client().get(f"/notifications/stream?token={token}"),
    ]
    assert all(400 <= answer.status_code < 500 for answer in refused)
    for told in (*(answer.text for answer in refused), log.getvalue()):
        assert PASSWORD not in told
        assert token not in told


async def test_row_66_a_link_to_unsubscribe_is_not_kept(world: World, ada: Person, log: io.StringIO) -> None:
    token = make_token(world.tidings.keyring, Unsubscription(ada.id, "insight"))
    for _ in range(2):
        assert (await world.client().post(f"/notifications/unsubscribe/{token}")).status_code == 200
    assert "/notifications/unsubscribe/[redacted]" in log.getvalue()
    assert token not in log.getvalue()


@pytest.mark.parametrize("text", HOSTILE)
async def test_row_66_a_line_of_the_log_cannot_be_made_up(world: World, log: io.StringIO, text: str) -> None:
    await says(world, text)
    lines = [json.loads(line) for line in log.getvalue().splitlines()]  # a line that begins in a value would not parse
    assert {"request", "request failed", "a fault"} <= {line["event"] for line in lines}
    assert not [line for line in lines if line["event"] == "made up"]


@pytest.mark.parametrize("text", HOSTILE)
async def test_row_66_nor_one_of_a_terminal(world: World, terminal: Terminal, text: str) -> None:
    await says(world, text)
    shown = _COLOUR.sub("", terminal.getvalue())
    assert "made up" in shown or "pu edam" in shown
    assert _ACTS.findall(shown) == []
    assert [line for line in shown.splitlines() if _BEGINS.match(line) is None] == []
    assert not [line for line in shown.splitlines() if line.startswith("2026-01-01T00:00:00.000000Z")]


async def says(world: World, text: str) -> None:
    """A stranger puts this wherever it might reach the log: addresses, headers, bodies, and what errors repeat."""
    raw = text.encode("latin-1", "replace")
    client = world.client()
    headers = {b"User-Agent": raw, b"X-Request-Id": raw, b"X-Forwarded-For": raw, b"Authorization": b"Bearer " + raw}
    await client.get(f"/nothing{quote(text)}?next={quote(text)}", headers=headers)
    await client.get("/users/me", headers={b"Host": raw, b"Origin": raw, b"Cookie": b"tidings=" + raw})
    await client.post("/auth/login", json={"login": text, "password": text}, headers=headers)
    await client.post("/auth/login", content=text.encode(), headers={"Content-Type": "application/json"})
    structlog.get_logger("test").error("request failed", path=text, exc_info=ValueError(text))
    logging.getLogger("library").warning("could not read %s", text)
    logging.getLogger("library").error("a fault", exc_info=LookupError({"name": text}))


@given(st.sampled_from(["tda_", "tdr_", "tdk_", "tdb_", "tds_"]), st.text(max_size=20), st.text(max_size=20))
def test_row_66_a_token_is_taken_out_of_any_text(prefix: str, before: str, after: str) -> None:
    token = new_token(prefix)
    assert token not in str(redact(f"{before} {token} {after}"))


@given(st.sampled_from(["password", "token", "secret", "code", "Authorization", "client_secret"]), st.text(min_size=1))
def test_row_66_a_value_is_taken_out_by_its_name(name: str, value: str) -> None:
    assert redact({"request": {name: value}}) == {"request": {name: REDACTED}}


async def test_row_66_a_hash_is_not_a_password() -> None:
    assert PASSWORD not in await hash_password(PASSWORD)
