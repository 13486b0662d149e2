"""Row 33: every column that keeps a secret holds one, and no answer shows it to anybody, nor does an export."""

import zipfile
from io import BytesIO

import httpx
import pytest

from tests.accounts.mailbox import newest
from tests.security.whole.routes import STREAMS, Route, every_route
from tests.security.whole.secrets import kept_secrets, plant, secret_columns
from tests.waiting import until
from tests.world import Person, World
from tidings.accounts.types import Scope

EXPORT = "/users/me/export"
OPENED = {"nobody": 2, "regular": 15, "admin": 30, "key": 20}
"""How many routes answer each of them with something at least, so that there is something to look into."""


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
            told = answer.content + str(answer.headers.raw).encode()
            shown += [(address, secret) for secret in secrets if secret in told]
            opened |= {route.path} if answer.is_success else set()
    assert shown == []
    assert len(opened) >= OPENED[who], sorted(opened)


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
