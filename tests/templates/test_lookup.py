"""Finding a text: by key, by language, by number."""

from pathlib import Path

import pytest

from tests.templates.catalogues import write_catalogue
from tidings.templates.catalogue import Catalogue


@pytest.fixture
def shop(tmp_path: Path) -> Catalogue:
    """A shop's words: everything in English, some in German and Slovenian."""
    days = "{{ n }} day", "{{ n }} days"
    write_catalogue(tmp_path, "us", [("hello", ("Hello",)), ("bye", ("Bye",)), ("days", days)])
    write_catalogue(tmp_path, "de", [("hello", ("Guten Tag",)), ("bye", ("",))])
    write_catalogue(tmp_path, "sl", [("days", ("dan", "dneva", "dnevi", "dni"))])
    return Catalogue(tmp_path)


def test_a_text_is_found_in_its_language(shop: Catalogue) -> None:
    assert (shop.text("hello", "de"), shop.text("hello", "us")) == ("Guten Tag", "Hello")


@pytest.mark.parametrize(("key", "language"), [("bye", "de"), ("bye", "fr"), ("bye", "../us"), ("bye", "nonsense")])
def test_what_a_language_lacks_is_said_in_english(shop: Catalogue, key: str, language: str) -> None:
    assert shop.text(key, language) == "Bye"


def test_what_nobody_has_is_nothing(shop: Catalogue, tmp_path: Path) -> None:
    assert shop.text("thanks", "de") is None
    assert Catalogue(tmp_path / "nowhere").text("hello", "de") is None


@pytest.mark.parametrize(
    ("count", "word"), [(1, "dan"), (101, "dan"), (2, "dneva"), (3, "dnevi"), (104, "dnevi"), (5, "dni"), (None, "dni")]
)
def test_the_number_chooses_the_form(shop: Catalogue, count: int | None, word: str) -> None:
    assert shop.text("days", "sl", count) == word


def test_english_forms_follow_the_english_rule(shop: Catalogue) -> None:
    """The Slovenian catalogue would take another form for 101."""
    assert (shop.text("days", "de", 1), shop.text("days", "de", 101)) == ("{{ n }} day", "{{ n }} days")


def test_a_doubtful_translation_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "de.po").write_text('#, fuzzy\nmsgctxt "hello"\nmsgid "Hello"\nmsgstr "Hallo?"\n', encoding="utf-8")
    assert Catalogue(tmp_path).text("hello", "de") is None


def test_a_text_that_lacks_a_form_counts_as_untranslated(tmp_path: Path) -> None:
    write_catalogue(tmp_path, "sl", [("days", ("dan", "dneva", "", "dni"))])
    assert Catalogue(tmp_path).text("days", "sl", 1) is None


DAYS = """msgid ""
msgstr "Plural-Forms: nplurals={count}; plural={rule};\\n"

msgctxt "days"
msgid "day"
msgid_plural "days"
"""


@pytest.mark.parametrize(("count", "word"), [(1, "día"), (2, "días"), (1_000_000, "días"), (None, "días")])
def test_the_two_forms_of_most_tools_do_where_unicode_has_more(tmp_path: Path, count: int | None, word: str) -> None:
    file = DAYS.format(count=2, rule="(n != 1)") + 'msgstr[0] "día"\nmsgstr[1] "días"\n'
    (tmp_path / "es.po").write_text(file, encoding="utf-8")
    assert Catalogue(tmp_path).text("days", "es", count) == word


def test_forms_that_are_no_forms_of_the_language_are_refused(tmp_path: Path) -> None:
    file = DAYS.format(count=3, rule="n") + 'msgstr[0] "a"\nmsgstr[1] "b"\nmsgstr[2] "c"\n'
    (tmp_path / "sl.po").write_text(file, encoding="utf-8")
    with pytest.raises(ValueError, match=r"days needs the forms \('one', 'two', 'few', 'other'\)"):
        Catalogue(tmp_path).text("days", "sl", 2)


def test_a_language_is_read_once(shop: Catalogue, tmp_path: Path) -> None:
    assert shop.text("hello", "de") == "Guten Tag"
    (tmp_path / "de.po").unlink()
    assert shop.text("hello", "de") == "Guten Tag"
