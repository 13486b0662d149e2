"""docs/security.md says what the tests show, no more and no less."""

from tests.security.page import PAGE, current, promised, shown_by

ELSEWHERE = {51, 53, 54}
"""Promises about push, mail and templates, which have no row on the page yet."""


def test_the_page_is_current() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert text == current(text), "run `python -m tests.security.page`"


def test_every_row_is_promised_once() -> None:
    rows = promised(PAGE.read_text(encoding="utf-8"))
    assert rows == [row for row in range(1, 69) if row not in ELSEWHERE]


def test_no_test_is_for_a_row_there_is_not() -> None:
    assert set(shown_by()) <= set(range(1, 69))


def test_a_promise_without_a_test_is_said_to_be_not_shown() -> None:
    assert (
        current("| 999 | The moon is green | 1.1 | `made_up.py` |")
        == "| 999 | The moon is green | 1.1 | not shown yet |"
    )
