from pathlib import Path

import pytest

from tests.docs.pages import ROOT, anchors

RECORDS = sorted((ROOT / "docs/decisions").glob("*.md"))


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.name)
def test_a_record_says_why_and_what_else_was_possible(record: Path) -> None:
    assert anchors(record) >= {"context", "decision", "consequences", "alternatives"}


def test_records_are_numbered_without_gaps() -> None:
    assert [int(record.name[:4]) for record in RECORDS] == list(range(1, len(RECORDS) + 1))
