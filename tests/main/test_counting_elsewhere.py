"""Rate limits that are counted elsewhere: who waits there, up to two seconds, keeps the database from nobody."""

import re
from dataclasses import replace
from uuid import uuid4

import httpx
from limits.aio.storage import Storage

from tests.world import API, World
from tidings.kernel.db import Database
from tidings.kernel.rate_limits.memory import MemoryCounts
from tidings.kernel.rate_limits.types import Limit
from tidings.web.description import openapi_document

WITHOUT_END = {"/notifications/stream"}


class Elsewhere(Storage):
    """As Redis is: another machine, which may take its time. It notes who would wait with a connection in hand."""

    STORAGE_SCHEME = ["async+tidings-elsewhere"]  # noqa: RUF012 - the library asks for a list on the class

    def __init__(self, database: Database) -> None:
        super().__init__(wrap_exceptions=True)
        self.route = ""
        self.counted: set[str] = set()
        self.held: set[str] = set()
        self._database = database
        self._counts = MemoryCounts()

    @property
    def base_exceptions(self) -> type[Exception]:
        return OSError

    async def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        self.counted.add(f"{key.partition(':')[0]} {self.route}")
        if "Current Checked out connections: 0" not in self._database.engine.pool.status():
            self.held.add(self.route)
        return await self._counts.incr(key, expiry, amount)

    async def get(self, key: str) -> int:
        return await self._counts.get(key)

    async def get_expiry(self, key: str) -> float:
        return await self._counts.get_expiry(key)

    async def check(self) -> bool:
        return True

    async def reset(self) -> int | None:
        return await self._counts.reset()

    async def clear(self, key: str) -> None:
        await self._counts.clear(key)


async def test_no_route_holds_a_connection_while_its_request_is_counted(world: World) -> None:
    app, amount = world.tidings.app, 10_000
    elsewhere = Elsewhere(world.tidings.database)
    limits = {name: Limit(name, amount) for name in ("sign_in", "user", "key", "program", "upload")}
    app.state.rate_limits = replace(world.tidings.rate_limits, storage=elsewhere, **limits)
    for path, operations in openapi_document(app)["paths"].items():
        for method in {name.upper() for name in operations} & {"GET", "POST", "PUT", "PATCH", "DELETE"}:
            elsewhere.route = f"{method} {path.removeprefix(API)}"
            if path.removeprefix(API) not in WITHOUT_END:
                await asks(world, method, re.sub(r"\{\w+\}", str(uuid4()), path.removeprefix(API)))
    assert elsewhere.held == set()
    assert len({each for each in elsewhere.counted if each.startswith("user ")}) > 100
    assert {each for each in elsewhere.counted if each.startswith("upload ")} > {"upload POST /users/me/import"}


async def asks(world: World, method: str, path: str) -> httpx.Response:
    """As a program of somebody who may do anything, and who has not met this route before."""
    person = await world.make_person(uuid4().hex, admin=True)
    body: dict[str, str] | None = None if method in {"GET", "DELETE"} else {}
    return await person.client.request(method, path, headers={"Idempotency-Key": uuid4().hex}, json=body)
