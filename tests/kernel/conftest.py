"""What tests of the kernel need: a database of each kind, and a server to ask."""

from collections.abc import AsyncIterator
from typing import TypeAlias

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.world import BASE_URL
from tidings import Tidings
from tidings.kernel.crypto import Keyring
from tidings.kernel.db import Database, database_on

Http: TypeAlias = httpx.AsyncClient


@pytest.fixture
def database(engine: AsyncEngine) -> Database:
    return database_on(engine)


@pytest.fixture
async def http(tidings: Tidings) -> AsyncIterator[Http]:
    """A program that asks, without a credential."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=tidings.app), base_url=BASE_URL) as client:
        yield client


@pytest.fixture
def keyring(tidings: Tidings) -> Keyring:
    return tidings.keyring
