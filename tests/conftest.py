"""What every test has: a run with its services, and a network that ends at this machine."""

import asyncio
from collections.abc import Iterator

import pytest

from tests.services import postgres, run
from tests.services.network import loopback_only


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        run.begin()


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        this_run = run.current()
        asyncio.run(postgres.drop_databases(this_run))
        run.end(this_run)


@pytest.fixture(scope="session", autouse=True)
def only_this_machine() -> Iterator[None]:
    with loopback_only():
        yield


@pytest.fixture(scope="session")
def test_run() -> run.Run:
    return run.current()
