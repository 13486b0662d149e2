"""Row 68: the packages Tidings runs with are listed in CycloneDX, as they are locked, and installed by their hashes."""

import json
import re
import sys
import zipfile
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packaging.version import Version

import setup
from locked import PythonPackage, pages_packages, python_packages
from sbom import NAME, Facts, document, installed_or_noted, noted, reached
from tests.docs.pages import ROOT

TEXT = (ROOT / NAME).read_text(encoding="utf-8")
SHIPPED = json.loads((ROOT / "frontend/package.json").read_text(encoding="utf-8"))["dependencies"]
IMPORT = re.compile(r"""(?:\bfrom|^import|\bimport\()\s*["']([@\w][\w@/.-]*)["']""", re.MULTILINE)


def parts(kind: str) -> list[dict[str, Any]]:
    return [part for part in json.loads(TEXT)["components"] if part["purl"].startswith(f"pkg:{kind}/")]


def test_row_68_the_list_is_what_the_locks_say() -> None:
    assert document(ROOT, installed_or_noted(ROOT)) == TEXT, "run `make sbom`"


def test_row_68_the_list_is_the_same_where_nothing_is_installed() -> None:
    notes = noted(ROOT / NAME)
    assert document(ROOT, lambda package: notes[package.name, str(package.version)]) == TEXT


def test_row_68_the_list_is_cyclonedx() -> None:
    assert JsonStrictValidator(SchemaVersion.V1_7).validate_str(TEXT) is None


def test_row_68_each_part_has_its_version_digests_and_licence() -> None:
    lock = {(package.name, str(package.version)): package for package in python_packages(ROOT / "requirements.lock")}
    for part in parts("pypi"):
        digests = {digest["content"] for digest in part["hashes"] if digest["alg"] == "SHA-256"}
        assert digests == set(lock[part["name"], part["version"]].sha256)
        assert part["purl"] == f"pkg:pypi/{part['name']}@{part['version']}"
    assert [part["name"] for part in (*parts("pypi"), *parts("npm")) if not part["licenses"]] == []


def test_row_68_whatever_runs_is_listed_and_nothing_that_only_tests() -> None:
    """What Tidings was installed with, as this Python's own metadata has it."""
    needed = {re.split(r"[^\w.-]", line)[0].lower() for line in metadata.requires("tidings") or ()}
    listed = {part["name"] for part in parts("pypi")}
    assert len(needed) > 30
    assert needed <= listed
    assert listed & {"pytest", "ruff", "mypy", "schemathesis", "pip-audit", "cyclonedx-python-lib"} == set()


def test_row_68_the_pages_import_nothing_that_is_not_listed() -> None:
    sources = [path for path in (ROOT / "frontend/src").rglob("*.ts") if ".test." not in path.name]
    shipped = [path for path in sources if path.name != "testing.ts"]
    imported = {name for path in shipped for name in IMPORT.findall(path.read_text(encoding="utf-8"))}
    assert {"/".join(name.split("/")[: 2 if name.startswith("@") else 1]) for name in imported} == set(SHIPPED)
    in_lock = {(package.name, package.version) for package in pages_packages(ROOT / "frontend/package-lock.json")}
    listed = {("/".join(filter(None, (part.get("group"), part["name"]))), part["version"]) for part in parts("npm")}
    assert listed == in_lock
    assert set(SHIPPED.items()) <= listed


def locked(name: str, version: str = "1.0") -> PythonPackage:
    return PythonPackage(name=name, version=Version(version), marker="", sha256=("0" * 64,))


def names_reached(*lines: str, **requires: list[str]) -> set[str]:
    lock = [locked(name) for name in requires]
    return {
        package.name
        for package in reached(lines, lock, lambda one: Facts(licence="", requires=tuple(requires[one.name])))
    }


def test_row_68_a_part_is_found_through_others_and_through_extras() -> None:
    assert names_reached(
        "web[fast]",
        web=["core", "loop; extra == 'fast'", "other; extra == 'slow'"],
        core=[],
        loop=[],
        other=[],
        unused=[],
    ) == {"web", "core", "loop"}


def test_row_68_what_only_another_system_needs_is_listed() -> None:
    assert names_reached(
        "web", web=["windows; sys_platform == 'win32'", "old; python_version < '3'"], windows=[], old=[]
    ) == {"web", "windows"}


def test_row_68_a_requirement_that_the_lock_lacks_is_an_error() -> None:
    with pytest.raises(ValueError, match="nothing for core>=2"):
        names_reached("web", web=["core>=2"], core=[])


@pytest.mark.parametrize("line", ["idna==3.20\n", "idna>=3 --hash=sha256:" + "0" * 64])
def test_row_68_a_line_without_an_exact_version_and_a_hash_is_no_lock(tmp_path: Path, line: str) -> None:
    (tmp_path / "requirements.lock").write_text(line)
    with pytest.raises(ValueError, match="not a pinned package"):
        python_packages(tmp_path / "requirements.lock")


def test_row_68_setup_installs_nothing_without_a_locked_hash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wheel = tmp_path / "made_up-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("made_up-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: made-up\nVersion: 1.0\n")
        archive.writestr(
            "made_up-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr("made_up-1.0.dist-info/RECORD", "")
    lock = tmp_path / "requirements.lock"
    lock.write_text("made-up==1.0\n")
    monkeypatch.setattr(setup, "LOCK", lock)
    monkeypatch.setattr(setup, "PYTHON", Path(sys.executable))
    settings = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path), "PIP_TARGET": str(tmp_path / "installed")}
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit, match="Hashes are required"):
        setup.install_packages()
    assert not (tmp_path / "installed").exists()
