"""Writes into docs/security.md which tests show each promise. `python -m tests.security.page`"""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.docs.pages import ROOT

PAGE = ROOT / "docs" / "security.md"
TESTS = ROOT / "tests"
NOT_SHOWN = "not shown yet"
_PROMISE = re.compile(r"^\| (?P<row>\d+) \| (?P<said>.*) \| (?P<shown>[^|]*) \|$", re.MULTILINE)
_TEST = re.compile(r"test_row_(\d+)_")


def current(text: str) -> str:
    """The page with the tests that there are now in the last column of its promises."""
    found = shown_by()
    return _PROMISE.sub(
        lambda match: f"| {match['row']} | {match['said']} | {_named(found, int(match['row']))} |", text
    )


def promised(text: str) -> list[int]:
    """The rows of the page."""
    return [int(match["row"]) for match in _PROMISE.finditer(text)]


def not_shown(text: str) -> list[int]:
    """The promises that no test carries the number of."""
    found = shown_by()
    return [row for row in promised(text) if row not in found]


def shown_by() -> Mapping[int, set[str]]:
    """The files, below tests/, that hold a test with a row's number in its name."""
    found: defaultdict[int, set[str]] = defaultdict(set)
    for path in TESTS.rglob("test_*.py"):
        for row in _rows(path):
            found[row].add(path.relative_to(TESTS).as_posix())
    return dict(found)


def _rows(path: Path) -> Iterator[int]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (match := _TEST.match(node.name)):
            yield int(match[1])


def _named(found: Mapping[int, set[str]], row: int) -> str:
    return ", ".join(f"`{file}`" for file in sorted(found.get(row, ()))) or NOT_SHOWN


if __name__ == "__main__":
    PAGE.write_text(current(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
