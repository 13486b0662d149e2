"""The shop, open for business on both databases."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.conftest import TEST_KEYS
from tests.examples.shop import Shop, opened_shop
from tests.services import postgres
from tests.services.run import Run


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
async def shop_url(
    request: pytest.FixtureRequest, test_run: Run, worker_id: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[str]:
    """A database of the shop's own; everything that asks for it runs on both kinds."""
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path_factory.mktemp('shop')}/shop.db"
    else:
        async with postgres.empty_database(test_run, f"shop_{worker_id}") as url:
            yield url


@pytest.fixture
def environment(shop_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The shop is configured as its owner does it."""
    monkeypatch.setenv("SHOP_DATABASE_URL", shop_url)
    monkeypatch.setenv("TIDINGS_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("TIDINGS_SECRET_KEYS", TEST_KEYS)


@pytest.fixture
async def shop(environment: None) -> AsyncIterator[Shop]:
    """The shop after its first start: nothing has been shipped yet."""
    async with opened_shop() as shop:
        yield shop
