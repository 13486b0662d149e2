"""What the repository must not say. No pattern here matches itself."""

import re
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, files

HOME_OF_ONE_MACHINE = re.compile(r"(?<![\w.-])/(?:work|root)/")
REGISTRY = re.compile(r"\b(?:pypi[.]org|files[.]pythonhosted[.]org|registry[.]npmjs[.]org)\b")
UNFINISHED = re.compile(r"\b(?:TOD[O]|FIXM[E]|XX[X])\b")


def test_no_file_depends_on_where_it_was_written() -> None:
    assert matches(HOME_OF_ONE_MACHINE, files()) == []


def test_no_file_names_a_package_registry() -> None:
    """A lock file that does would bypass whatever mirror an installation uses."""
    assert matches(REGISTRY, files()) == []


@pytest.mark.parametrize("folder", ["src", "tests", "frontend/src"])
def test_nothing_is_left_unfinished(folder: str) -> None:
    assert matches(UNFINISHED, [path for path in files() if path.is_relative_to(ROOT / folder)]) == []


def matches(pattern: re.Pattern[str], paths: list[Path]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:120]}"
        for path in paths
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        if pattern.search(line)
    ]
