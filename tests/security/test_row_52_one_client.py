"""Row 52: no other HTTP client is used beside the guarded one, because the linter says so."""

import subprocess
import sys
import tomllib

import pytest

from tests.docs.pages import ROOT

CLIENTS = [
    "import aiohttp",
    "import http.client",
    "from http.client import HTTPSConnection",
    "import httpcore",
    "import httpcore2",
    "import httpx",
    "from httpx import AsyncClient",
    "import httpx2",
    "import requests",
    "import urllib.request",
    "from urllib.request import urlopen",
    "import urllib3",
]


@pytest.mark.parametrize("line", CLIENTS)
@pytest.mark.parametrize("place", ["accounts/somewhere.py", "kernel/somewhere.py", "main/somewhere.py"])
def test_row_52_another_client_fails_the_linter(line: str, place: str) -> None:
    assert "TID251" in complaints(line, place)


def test_row_52_the_guarded_client_itself_may_import_one() -> None:
    assert complaints("import httpcore2", "kernel/outbound/client.py") == ""


def test_row_52_no_line_of_ours_is_excused() -> None:
    excused = [
        path.relative_to(ROOT) for path in (ROOT / "src").rglob("*.py") if "TID251" in path.read_text(encoding="utf-8")
    ]
    assert excused == []


def test_row_52_only_programs_that_are_not_the_server_are_exempt() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    ignores = settings["tool"]["ruff"]["lint"]["per-file-ignores"]
    assert {place for place, rules in ignores.items() if "TID251" in rules and place.startswith("src/")} == {
        "src/tidings/client/**",
        "src/tidings/kernel/outbound/**",
    }


def complaints(line: str, place: str) -> str:
    command = [sys.executable, "-m", "ruff", "check", "--select", "TID251", "--output-format", "concise", "--quiet"]
    named = ["--stdin-filename", str(ROOT / "src" / "tidings" / place), "-"]
    ran = subprocess.run([*command, *named], input=f"{line}\n", capture_output=True, text=True, cwd=ROOT, check=False)
    return ran.stdout
