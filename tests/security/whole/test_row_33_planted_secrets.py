"""Row 33: every column that keeps a secret holds one, and no answer shows it to anybody, nor does an export."""

import zipfile
from io import BytesIO
from pathlib import Path

import httpx
import pytest

from tests.accounts.mailbox import newest
from tests.accounts.world import PASSWORD
from tests.security.whole.asking import open_every_door, without_limits
from tests.security.whole.inhabitants import CLIENT_SECRET
from tests.security.whole.routes import STREAMS, Route, every_route
from tests.security.whole.secrets import kept_secrets, plant, secret_columns
from tests.security.whole.sound import NEW_PASSWORD, UNREACHED, answers_to_writes
from tests.waiting import until
from tests.world import Person, World
from tidings.accounts.types import Scope
from tidings.settings import Settings

EXPORT = "/users/me/export"
OPENED = {"nobody": 2, "regular": 15, "admin": 30, "key": 20}
"""How many routes answer each of them with something at least, so that there is something to look into."""
READS = {"GET /users/me/export/download"}
KEPT_BY_WRITES = {
    *("tidings_users.password_hash", "tidings_sessions.digest", "tidings_token_pairs.refresh_digest"),
    *("tidings_mail_tokens.digest", "tidings_api_keys.digest", "tidings_totp.sealed", "tidings_passkeys.public_key"),
    *("tidings_signing_secrets.sealed", "tidings_identity_providers.sealed"),
}
"""What the requests below leave in the database."""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return without_limits(tmp_path)


async def secrets_of(world: World, ada: Person) -> tuple[list[str], set[bytes]]:
    """Where to look, and what must be nowhere: all that the database keeps of secrets, and what only letters hold."""
    names, sealed = await plant(world, ada.id)
    await world.client().post("/auth/password-reset/request", json={"email": "ada@example.org"})
    mailed = (await newest(world.tidings, "password_reset")).token.encode()
    kept = await kept_secrets(world)
    assert {column for column, secrets in kept.items() if not secrets} == set()
    assert len(kept) > 20
    entry = await ada.receives("order.shipped", title="News")
    return [*names, entry["id"], entry["event_id"]], {
        mailed,
        *sealed,
        *(each for held in kept.values() for each in held),
    }


async def client_of(world: World, who: str, ada: Person, grace: Person) -> httpx.AsyncClient:
    known = {"nobody": world.client(), "regular": ada.client, "admin": grace.client}
    return known[who] if who in known else (await world.make_app(Scope.ADMIN)).client


def addresses(route: Route, ada: Person, names: list[str]) -> set[str]:
    """A read of Ada wherever the path names a user, and of everything planted wherever it names anything else."""
    others = {place for place in route.places if place != "user_id"}
    return {route.at(user_id=ada.id, **dict.fromkeys(others, name)) for name in (names if others else names[:1])}


def told(answer: httpx.Response) -> bytes:
    return answer.content + str(answer.headers.raw).encode()


@pytest.mark.parametrize("who", OPENED)
async def test_row_33_no_answer_shows_a_planted_secret(world: World, ada: Person, grace: Person, who: str) -> None:
    names, secrets = await secrets_of(world, ada)
    client = await client_of(world, who, ada, grace)
    query = {"user": str(ada.id)} if who == "key" else {}
    shown, opened = [], set()
    for route in every_route(world.tidings.app):
        if route.method != "GET" or route.path in STREAMS:
            continue
        for address in addresses(route, ada, names):
            answer = await client.get(address, params=query)
            shown += [(address, secret) for secret in secrets if secret in told(answer)]
            opened |= {route.path} if answer.is_success else set()
    assert shown == []
    assert len(opened) >= OPENED[who], sorted(opened)


async def test_row_33_nor_does_an_answer_to_a_write(world: World, grace: Person) -> None:
    """What is handed out once is a secret that the database does not hold: what it holds is nobody's to see."""
    await open_every_door(grace)
    answers = [each async for each in answers_to_writes(world, "admin")]
    kept = await kept_secrets(world)
    secrets = {each for held in kept.values() for each in held} | {
        each.encode() for each in (PASSWORD, NEW_PASSWORD, CLIENT_SECRET)
    }
    assert [(str(route), secret) for route, answer in answers for secret in secrets if secret in told(answer)] == []
    assert {column for column in KEPT_BY_WRITES if not kept[column]} == set()
    assert {str(route) for route, answer in answers if answer.is_error} == set(UNREACHED) - READS


async def test_row_33_an_export_holds_no_planted_secret(world: World, ada: Person) -> None:
    _, secrets = await secrets_of(world, ada)

    async def is_ready() -> bool:
        return bool((await ada.client.get(EXPORT)).json()["state"] == "ready")

    async with world.tidings.lifespan():
        assert (await ada.client.post(EXPORT)).status_code == 202
        await until(is_ready, patience_s=60)
    with zipfile.ZipFile(BytesIO((await ada.client.get(f"{EXPORT}/download")).content)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    assert str(ada.id).encode() in files["profile.json"]
    assert [(name, secret) for name, held in files.items() for secret in secrets if secret in held] == []


async def test_row_33_what_is_a_secret_is_found_from_the_tables() -> None:
    found = {str(column) for column in secret_columns()}
    assert {"tidings_users.password_hash", "tidings_totp.sealed", "tidings_token_pairs.refresh_digest"} <= found
