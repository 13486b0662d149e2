"""The shop's migrations and ours in one database: neither sees the other."""

import subprocess
import sys
from collections.abc import Callable

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, inspect
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from examples.shop.models import Base
from examples.shop.schema import config_on
from tests.docs.pages import ROOT
from tests.examples.shop import Shop
from tidings.migrations.applying import alembic_config
from tidings.migrations.upgrade import VERSION_TABLE, migrate

THEIRS = {*Base.metadata.tables, "alembic_version"}


async def tables(engine: AsyncEngine) -> set[str]:
    async with engine.connect() as connection:
        return set(await connection.run_sync(lambda inner: inspect(inner).get_table_names()))


async def run(engine: AsyncEngine, work: Callable[[Connection], None]) -> None:
    async with engine.begin() as connection:
        await connection.run_sync(work)


async def test_both_have_their_tables_in_one_database(shop: Shop) -> None:
    found = await tables(shop.tidings.database.engine)
    assert found >= THEIRS
    assert {name for name in found if not name.startswith("tidings_")} == THEIRS


async def test_alembic_check_of_the_shop_finds_nothing_to_do(shop: Shop, shop_url: str) -> None:
    alembic = [sys.executable, "-m", "alembic", "-c", "examples/shop/alembic.ini", "check"]
    done = subprocess.run(alembic, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "No new upgrade operations detected" in done.stdout


async def test_without_the_filter_alembic_would_drop_our_tables(shop: Shop) -> None:
    """So the filter is what the test above is about."""

    def dropped(connection: Connection) -> None:
        wanted = compare_metadata(MigrationContext.configure(connection), Base.metadata)
        assert VERSION_TABLE in {step[1].name for step in wanted if step[0] == "remove_table"}

    await run(shop.tidings.database.engine, dropped)


async def test_the_shop_goes_down_and_up_without_us(shop: Shop) -> None:
    engine = shop.tidings.database.engine
    ours = await tables(engine) - THEIRS
    before = await shop.told()
    await run(engine, lambda connection: command.downgrade(config_on(connection), "base"))
    assert await tables(engine) == {*ours, "alembic_version"}
    await run(engine, lambda connection: command.upgrade(config_on(connection), "head"))
    assert await tables(engine) == ours | THEIRS
    assert await shop.told() == before


async def test_we_go_down_and_up_without_the_shop(shop: Shop, shop_url: str) -> None:
    def downgrade(connection: Connection) -> None:
        config = alembic_config()
        config.attributes["connection"] = connection
        command.downgrade(config, "base")

    await shop.web.post("/orders/17/ship")
    ours = await tables(shop.tidings.database.engine) - THEIRS
    engine = create_async_engine(shop_url)
    await run(engine, downgrade)
    assert await tables(engine) == {*THEIRS, VERSION_TABLE}
    await migrate(shop.tidings.database)
    assert await tables(engine) == ours | THEIRS
    assert await shop.shipped() == [17]
    await engine.dispose()
