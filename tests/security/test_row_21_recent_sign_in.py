"""A credential changes only in a session whose owner proved who they are within five minutes.

Every route that changes one is in tests/security/whole/test_row_21_step_up.py.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from sqlalchemy import event, update

from tests.accounts.factors import TOTP, totp_of
from tests.accounts.signing_in import API, ME, WRONG, confirm, letters
from tests.accounts.world import PASSWORD, World, code
from tests.clock import StoppedClock
from tests.waiting import until
from tidings.accounts.models import User
from tidings.accounts.passwords import hash_password
from tidings.accounts.types import Scope
from tidings.kernel.db import Database

NEW = "another long and winding one"
CHANGES = [
    ("PUT", f"{ME}/password", {"password": NEW, "current_password": PASSWORD}),
    ("PUT", f"{ME}/email", {"email": "new@example.org"}),
    ("POST", TOTP, None),
    ("POST", f"{ME}/passkeys/options", None),
]


async def change(client: httpx.AsyncClient, method: str, path: str, body: dict[str, str] | None) -> httpx.Response:
    return await client.request(method, path, json=body)


@pytest.mark.parametrize(("method", "path", "body"), CHANGES)
async def test_row_21_after_five_minutes_a_confirmation_is_asked(
    world: World, ada: User, clock: StoppedClock, method: str, path: str, body: dict[str, str] | None
) -> None:
    async with await world.browser_of(ada) as browser:
        clock.advance(minutes=5, seconds=1)
        assert code(await change(browser, method, path, body)) == (403, "confirmation_required")
        assert (await confirm(browser)).status_code == 200
        clock.advance(minutes=5)
        assert (await change(browser, method, path, body)).status_code in {200, 202}


async def test_row_21_a_wrong_proof_confirms_nothing(world: World, ada: User, clock: StoppedClock) -> None:
    async with await world.browser_of(ada) as browser:
        clock.advance(minutes=6)
        assert code(await confirm(browser, password=WRONG)) == (401, "invalid_credentials")
        assert code(await browser.put(f"{ME}/password", json=CHANGES[0][2])) == (403, "confirmation_required")


async def test_row_21_a_password_that_is_replaced_meanwhile_confirms_nothing(
    world: World, ada: User, clock: StoppedClock
) -> None:
    """Hashing takes its time, and whoever knew the old password must not come out of it as the owner."""
    new_hash = await hash_password(NEW)
    async with await world.browser_of(ada) as browser:
        clock.advance(minutes=6)
        async with world.database.write() as session:
            await session.execute(update(User).where(User.id == ada.id).values(password_hash=new_hash))
            with hashes_read(world.database) as read:
                confirming = asyncio.create_task(confirm(browser))

                async def old_one_is_read() -> bool:
                    return len(read) > 0

                await until(old_one_is_read)
        assert code(await confirming) == (503, "busy")
        assert code(await browser.put(f"{ME}/password", json=CHANGES[0][2])) == (403, "confirmation_required")
        assert (await confirm(browser, password=NEW)).status_code == 200


@contextmanager
def hashes_read(database: Database) -> Iterator[list[str]]:
    """The statements that read somebody's hash from now on."""
    read: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if statement.startswith("SELECT") and "password_hash" in statement:
            read.append(statement)

    event.listen(database.engine.sync_engine, "after_cursor_execute", note)
    yield read
    event.remove(database.engine.sync_engine, "after_cursor_execute", note)


async def test_row_21_a_code_confirms_and_is_used_up(world: World, ada: User, clock: StoppedClock) -> None:
    app = await totp_of(world, ada)
    async with await world.browser_of(ada) as browser:
        clock.advance(minutes=6)
        shown = app.at(clock.now())
        assert (await confirm(browser, code=shown)).status_code == 200
        assert (await browser.put(f"{ME}/password", json=CHANGES[0][2])).status_code == 200
        assert code(await confirm(browser, code=shown)) == (401, "invalid_credentials")


async def test_row_21_a_key_never_confirms(world: World, grace: User) -> None:
    async with world.client(bearer=await world.key(Scope.ADMIN, owner=grace)) as server:
        assert code(await confirm(server)) == (403, "forbidden")
        assert code(await server.put(f"{ME}/password", json=CHANGES[0][2])) == (403, "forbidden")


async def test_row_21_the_confirmation_of_one_session_is_not_that_of_another(
    world: World, ada: User, clock: StoppedClock
) -> None:
    async with await world.browser_of(ada) as confirmed, await world.browser_of(ada) as left_open:
        clock.advance(minutes=6)
        await confirm(confirmed)
        assert code(await left_open.put(f"{ME}/password", json=CHANGES[0][2])) == (403, "confirmation_required")


async def test_row_21_the_owner_is_told_of_a_new_password(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser:
        assert (await browser.put(f"{ME}/password", json=CHANGES[0][2])).status_code == 200
        assert (await browser.post(f"{API}/auth/logout")).status_code == 200
    assert await letters(world) == [("password_changed", "ada@example.org")]


async def test_row_21_a_new_password_takes_the_old_one_too(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser:
        body = {"password": NEW, "current_password": WRONG}
        assert code(await browser.put(f"{ME}/password", json=body)) == (401, "invalid_credentials")
