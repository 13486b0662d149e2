"""The page on parity names every test of it, and no test that is not there."""

import ast
import re

from tests.docs.pages import ROOT
from tests.docs.reference import listed, page

PARITY = page("parity.md")


def test_every_test_of_parity_stands_under_an_item_and_every_item_has_one() -> None:
    said = [row["shown by"] for row in listed(PARITY, "item").values()]
    tests = _tests()
    shown = {name: [test for test in tests if test.startswith(name.removesuffix("…"))] for name in said}
    assert [name for name in said if not shown[name]] == []
    assert sorted(set(tests) - {test for found in shown.values() for test in found}) == []


def test_every_documented_schema_is_one_of_ours() -> None:
    schemas = {re.split("[,:]", row["here"])[0] for row in listed(PARITY, "schema").values()}
    assert sorted(schemas - _classes()) == []


def _tests() -> list[str]:
    trees = (ast.parse(path.read_text(encoding="utf-8")) for path in (ROOT / "tests/parity").glob("test_*.py"))
    functions = (node for tree in trees for node in tree.body if isinstance(node, ast.AsyncFunctionDef))
    return [function.name for function in functions if function.name.startswith("test_")]


def _classes() -> set[str]:
    paths = (path for folder in ("accounts", "notifications") for path in (ROOT / "src/tidings" / folder).rglob("*.py"))
    trees = (ast.parse(path.read_text(encoding="utf-8")) for path in paths)
    return {node.name for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}
