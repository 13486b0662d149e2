"""Values as a language writes them."""

import pytest

from tidings.templates.render import TemplateFailed, render_text


@pytest.mark.parametrize(
    ("language", "shown"),
    [("us", "12,345.5"), ("de", "12.345,5"), ("fr", "12\u202f345,5"), ("pt", "12\u00a0345,5"), ("cn", "12,345.5")],
)
def test_numbers(language: str, shown: str) -> None:
    assert render_text("{{ 12345.5 | number }}", {"language": language}) == shown


@pytest.mark.parametrize(
    ("language", "shown"),
    [("us", "March 9, 2026"), ("de", "9. März 2026"), ("pt", "9 de março de 2026"), ("tw", "2026年3月9日")],
)
@pytest.mark.parametrize("day", ["2026-03-09", "2026-03-09T23:59:00Z", "2026-03-09T00:10:00+02:00"])
def test_dates(language: str, shown: str, day: str) -> None:
    assert render_text("{{ day | date }}", {"language": language, "day": day}) == shown


def test_a_date_may_be_short() -> None:
    assert render_text("{{ '2026-03-09' | date('short') }}", {"language": "de"}) == "09.03.26"


@pytest.mark.parametrize(
    ("language", "shown"),
    [("us", "a, b, and c"), ("de", "a, b und c"), ("sl", "a, b in c"), ("cn", "a、b和c"), ("nl", "a, b en c")],
)
def test_lists(language: str, shown: str) -> None:
    assert render_text("{{ things | listed }}", {"language": language, "things": ["a", "b", "c"]}) == shown


@pytest.mark.parametrize(("things", "shown"), [("a badge", "a badge"), (5, "5"), (["x"], "x"), ([], "")])
def test_a_list_of_one(things: object, shown: str) -> None:
    assert render_text("{{ things | listed }}", {"language": "us", "things": things}) == shown


def test_without_a_language_it_is_the_default() -> None:
    assert render_text("{{ 1234 | number }}", {}) == "1,234"


@pytest.mark.parametrize(
    "source",
    [
        "{{ 'x' | number }}",
        "{{ true | number }}",
        "{{ none | number }}",
        "{{ 'soon' | date }}",
        "{{ 5 | date }}",
        "{{ '2026-03-09' | date('yyyy') }}",
        "{{ range(101) | list | listed }}",
    ],
)
def test_what_is_no_such_value_is_refused(source: str) -> None:
    with pytest.raises(TemplateFailed):
        render_text(source, {"language": "us"})
