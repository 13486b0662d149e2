"""The web pages are built when they must be, with Python's Node where there is no other."""

import json
import shutil
from pathlib import Path

import pytest

from ui import UiNotBuilt, build_ui

PACKAGE = {"name": "pages", "version": "1.0.0", "private": True, "scripts": {"build": "node build.mjs"}}
LOCK = {"name": "pages", "version": "1.0.0", "lockfileVersion": 3, "packages": {"": {"name": "pages"}}}
BUILD = """
import { appendFileSync, mkdirSync } from "node:fs";
mkdirSync("../src/tidings/web/static", { recursive: true });
appendFileSync("../src/tidings/web/static/app.js", "// built\\n");
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout whose build adds one line to app.js each time."""
    frontend = tmp_path / "frontend"
    frontend.mkdir()
    (frontend / "package.json").write_text(json.dumps(PACKAGE))
    (frontend / "package-lock.json").write_text(json.dumps(LOCK))
    (frontend / "build.mjs").write_text(BUILD)
    return tmp_path


def times_built(checkout: Path) -> int:
    return (checkout / "src/tidings/web/static/app.js").read_text().count("built")


def test_pages_are_built_again_only_when_a_source_changed(checkout: Path) -> None:
    assert build_ui(checkout)
    assert not build_ui(checkout)
    (checkout / "frontend/new.ts").write_text("export {}")
    assert build_ui(checkout)
    assert times_built(checkout) == 2


def test_pages_are_built_where_no_node_is_installed(
    checkout: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs = tmp_path_factory.mktemp("bin")
    for name in ("sh", "env"):
        (programs / name).symlink_to(shutil.which(name) or name)
    monkeypatch.setenv("PATH", str(programs))
    assert build_ui(checkout)


def test_built_pages_need_no_sources(tmp_path: Path) -> None:
    static = tmp_path / "src/tidings/web/static"
    static.mkdir(parents=True)
    (static / "app.js").touch()
    assert not build_ui(tmp_path)


def test_neither_pages_nor_sources_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UiNotBuilt, match="No web pages"):
        build_ui(tmp_path)


def test_a_failing_build_is_an_error_and_is_tried_again(checkout: Path) -> None:
    (checkout / "frontend/build.mjs").write_text("process.exit(3)")
    for _ in range(2):
        with pytest.raises(UiNotBuilt, match="npm run build"):
            build_ui(checkout)
