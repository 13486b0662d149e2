"""Locales and plural rules."""

import pytest

from tidings.accounts.types import Language
from tidings.templates.languages import LOCALES, locale_of, plural_categories, plural_form


@pytest.mark.parametrize("language", list(Language))
def test_a_language_is_written_as_its_tag_says(language: Language) -> None:
    assert locale_of(language).language == language.tag.partition("-")[0]


def test_an_unknown_language_is_the_default() -> None:
    assert locale_of("nonsense") == locale_of("us")


@pytest.mark.parametrize(
    ("language", "categories"),
    [
        ("cn", ("other",)),
        ("de", ("one", "other")),
        ("fr", ("one", "many", "other")),
        ("sl", ("one", "two", "few", "other")),
    ],
)
def test_forms_stand_in_the_order_of_unicode(language: str, categories: tuple[str, ...]) -> None:
    assert plural_categories(language) == categories


@pytest.mark.parametrize("language", sorted(LOCALES))
def test_an_unknown_count_takes_the_last_form(language: str) -> None:
    forms = len(plural_categories(language))
    assert plural_form(language, None, forms) == forms - 1


def test_fractions_have_a_form_too() -> None:
    assert (plural_form("us", 1.5, 2), plural_form("fr", 1.5, 3), plural_form("sl", 1.5, 4)) == (1, 0, 2)
