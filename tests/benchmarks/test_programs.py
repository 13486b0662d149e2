"""Programs that are measured: when one fails, the error says which, and what it said itself."""

from pathlib import Path

import pytest

from benchmarks.load.http import Answered, Load
from benchmarks.programs import ProgramFailed, ask, serving
from benchmarks.references import pattern_n

NOWHERE = "postgresql+psycopg://nobody@127.0.0.1:1/none"


async def test_what_a_server_said_stands_in_the_error_of_whoever_asked_it(tmp_path: Path) -> None:
    app = ("--factory", "benchmarks.references.pattern_n:create_app", "--port", "{port}", "--log-level", "warning")
    environment = {pattern_n.DATABASE: NOWHERE, pattern_n.CONNECTIONS: "1"}
    with pytest.raises(ProgramFailed) as failed:
        async with serving(tmp_path, "uvicorn", *app, ready="/ready", environment=environment) as server:
            await ask("benchmarks.load.http", Load(port=server.port, path="/notifications?user_id=1"), Answered)
    assert "500 Internal Server Error" in str(failed.value)
    assert f"uvicorn on port {server.port} had said:" in str(failed.value)
    assert "onnection refused" in str(failed.value)


async def test_a_server_that_does_not_start_says_why(tmp_path: Path) -> None:
    with pytest.raises(ProgramFailed, match=r"(?s)did not start.*No module named"):
        async with serving(tmp_path, "benchmarks.no_such_program", ready="/"):
            pass
