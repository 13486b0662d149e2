import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy.engine import make_url

from tests.services import embedded, postgres, run

ROOT = Path(__file__).parents[2]


@pytest.fixture
async def own_run(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[run.Run]:
    """A run inside this run, with services of its own."""
    monkeypatch.setenv("TIDINGS_TEST_RUN", "set back afterwards")
    inner = run.begin()
    yield inner
    await postgres.drop_databases(inner)
    run.end(inner)


async def test_the_bundled_server_starts_and_ends_with_its_run(own_run: run.Run) -> None:
    url = embedded.start(own_run)
    assert await ask(url, "SELECT upper('å') || current_user") == "Åpostgres"
    run.end(own_run)
    with pytest.raises(OSError, match="Connect"):
        await ask(url, "SELECT 1")
    assert not own_run.folder.exists()


async def test_the_bundled_server_does_not_outlive_a_killed_run() -> None:
    script = (
        "import os; from tests.services import embedded, run; this = run.begin(); "
        "print(this.folder, embedded.start(this), flush=True); os.kill(os.getpid(), 9)"
    )
    killed = subprocess.run([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    folder, url = killed.stdout.split()
    async with asyncio.timeout(20):
        while Path(folder).exists():  # by another process
            await asyncio.sleep(0.05)
    with pytest.raises(OSError, match="Connect"):
        await ask(url, "SELECT 1")


async def test_each_worker_has_a_migrated_database_of_its_own(own_run: run.Run) -> None:
    async with (
        postgres.database(own_run, "gw0", make_people) as one,
        postgres.database(own_run, "gw1", make_people) as other,
    ):
        await ask(one, "INSERT INTO people VALUES ('Ada')")
        assert await ask(one, "SELECT count(*) FROM people") == 1
        assert await ask(other, "SELECT count(*) FROM people") == 0


async def test_a_run_leaves_no_database_behind(own_run: run.Run) -> None:
    server = await postgres.server_url(own_run)
    mine = f"SELECT count(*) FROM pg_database WHERE datname LIKE 'tidings_test_{own_run.name}%'"
    async with postgres.database(own_run, "gw0", make_people):
        assert await ask(server, mine) == 2
    assert await ask(server, mine) == 1, "the template stays for the other workers"
    (own_run.folder / "postgres.pid").unlink(missing_ok=True)  # as on a server that stays
    await postgres.drop_databases(own_run)
    assert await ask(server, mine) == 0


async def test_databases_of_runs_long_ago_are_dropped(own_run: run.Run) -> None:
    server = await postgres.server_url(own_run)
    name = f"tidings_test_{own_run.name}_long_ago"
    await ask(server, f"CREATE DATABASE {name}")
    await ask(server, f"COMMENT ON DATABASE {name} IS '2001-01-01T00:00:00+00:00'")
    await postgres.drop_stale(server)
    assert await ask(server, f"SELECT count(*) FROM pg_database WHERE datname = '{name}'") == 0


async def test_a_server_that_is_named_but_unusable_is_an_error(
    own_run: run.Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(postgres.VARIABLE, "postgresql://ada@127.0.0.1:1/")
    with pytest.raises(postgres.NoPostgres, match=f"{postgres.VARIABLE} is set, but"):
        await postgres.server_url(own_run)


async def make_people(url: str) -> None:
    await ask(url, "CREATE TABLE people (name text)")


async def ask(url: str, statement: str) -> object:
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    connection = await asyncpg.connect(plain)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()
