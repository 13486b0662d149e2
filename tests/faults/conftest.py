"""A post office on each database."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tests.faults.office import Office, opened
from tests.services.run import Run


@pytest.fixture(autouse=True)
def logs() -> Iterator[None]:
    """What this process logs is not drawn; the programs it starts write logs of their own."""
    with capture_logs():
        yield


@pytest.fixture(params=["sqlite", "postgresql"])
async def office(
    request: pytest.FixtureRequest, test_run: Run, worker_id: str, tmp_path: Path
) -> AsyncIterator[Office]:
    async with opened(request.param, test_run, f"{worker_id}_office", tmp_path) as office:
        yield office
