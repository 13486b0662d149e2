"""Code on a page works; docs/README.md says what each kind of block promises."""

import ast
import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, Block, blocks

SECONDS = 120


def test_every_block_names_its_language() -> None:
    assert [str(block) for block in blocks() if not block.words] == []


def test_no_block_asks_for_what_does_not_exist() -> None:
    """Else a misspelt `run` would go unnoticed."""
    known = {("python", "run"), ("bash", "run")}
    special = [block for block in blocks() if len(block.words) > 1 and block.words not in known]
    assert [str(block) for block in special if not (ROOT / block.words[-1]).is_file()] == []


@pytest.mark.parametrize("block", blocks(), ids=str)
def test_a_block_keeps_its_promise(block: Block, tmp_path: Path) -> None:
    match block.words:
        case (_, path) if path != "run":
            assert block.text in (ROOT / path).read_text(encoding="utf-8"), f"not what {path} says"
        case ("python", *run):
            compile(block.text, str(block), "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
            if run:
                succeed(tmp_path, sys.executable, "-W", "error", "-c", block.text)
        case ("bash", *run):
            succeed(tmp_path, "bash", "-n", "-c", block.text)
            if run:
                succeed(tmp_path, "bash", "-euo", "pipefail", "-c", block.text)
        case ("json",):
            json.loads(block.text)
        case ("toml",):
            tomllib.loads(block.text)


def succeed(folder: Path, *command: str) -> None:
    """Run a command in an empty folder, with a data directory of its own and none of our settings."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("TIDINGS_")}
    path = os.pathsep.join([str(ROOT / ".venv/bin"), os.environ.get("PATH", os.defpath)])
    environment = inherited | {"PATH": path, "TIDINGS_DATA_DIR": str(folder / "data")}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
