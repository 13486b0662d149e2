"""A whole Tidings with an event loop of its own, for machines that hypothesis drives step by step."""

import asyncio
import os
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import httpx
from hypothesis import HealthCheck, settings
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.clock import StoppedClock
from tests.world import API, BASE_URL, empty
from tidings import Tidings
from tidings.kernel.crypto import new_key_text
from tidings.kernel.db import open_database
from tidings.settings import Settings

Result = TypeVar("Result")
_IS_LONG = os.environ.get("TIDINGS_TEST_PROFILE") == "long"
BOUNDS = settings(
    max_examples=500 if _IS_LONG else 6,
    stateful_step_count=40 if _IS_LONG else 25,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
"""How far a machine goes: not far in every run, far in the long one."""


class Stage:
    """Where a machine plays: emptied before each of its lives."""

    def __init__(self, runner: asyncio.Runner, url: str, configuration: Settings) -> None:
        self.runner = runner
        self.clock = StoppedClock()
        self.database = open_database(url)
        self.tidings = Tidings(self.database.engine, settings=configuration, clock=self.clock)
        self.client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=self.tidings.app),
            base_url=BASE_URL + API,
            headers={"Origin": BASE_URL},
        )

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Do this to the end."""
        return self.runner.run(work)

    def clear(self) -> None:
        """Begin anew."""
        self.client.cookies.clear()
        self.run(empty(self.tidings.database))

    async def close(self) -> None:
        await self.client.aclose()
        await self.database.engine.dispose()


@contextmanager
def a_stage(engine: AsyncEngine, folder: Path) -> Iterator[Stage]:
    """A stage on the database of this engine."""
    url = engine.url.render_as_string(hide_password=False)
    configuration = Settings(data_dir=folder, secret_keys=new_key_text(), base_url=BASE_URL, rate_limit_sign_in=0)
    with asyncio.Runner() as runner:
        stage = Stage(runner, url, configuration)
        try:
            yield stage
        finally:
            runner.run(stage.close())
