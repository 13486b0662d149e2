"""What a language needs to be written well: its Unicode locale, and its plural rule."""

from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from types import MappingProxyType

from babel import Locale

DEFAULT = "us"
LOCALES: Mapping[str, str] = MappingProxyType(
    {
        "ca": "ca",
        "cn": "zh_Hans",
        "tw": "zh_Hant",
        "de": "de",
        "fr": "fr",
        "gl": "gl",
        "it": "it",
        "nl": "nl",
        "pt": "pt_PT",  # Unicode's bare "pt" is Brazilian
        "sl": "sl",
        "sv": "sv",
        "es": "es",
        "us": "en_US",
    }
)
"""The thirteen languages, by the codes that accounts use."""

_CATEGORIES = ("zero", "one", "two", "few", "many", "other")


def locale_of(language: str) -> Locale:
    """The locale of a language; of an unknown one, that of the default language."""
    return _parsed(LOCALES.get(language, LOCALES[DEFAULT]))


def tag_of(language: str) -> str:
    """The BCP 47 tag of a language, as HTML and mail name it; of an unknown one, that of the default language."""
    return LOCALES.get(language, LOCALES[DEFAULT]).replace("_", "-")


def plural_categories(language: str) -> tuple[str, ...]:
    """The plural categories of a language (Unicode TR 35), in the order in which catalogues list their forms."""
    tags = locale_of(language).plural_form.tags
    return tuple(category for category in _CATEGORIES if category in tags or category == "other")


def can_choose(language: str, forms: int) -> bool:
    """Whether `plural_form` knows what so many forms mean in a language."""
    return forms in (len(plural_categories(language)), 2)


def plural_form(language: str, count: float | Decimal | None, forms: int) -> int:
    """Which of its forms a language uses for a count; for an unknown count, the last.

    Two forms are one and other, also where Unicode has more: Spanish millions, for which most tools know no form.
    """
    category = "other" if count is None else locale_of(language).plural_form(count)
    categories = plural_categories(language)
    if forms == len(categories):
        return categories.index(category)
    return 0 if category == "one" else forms - 1


@cache
def _parsed(identifier: str) -> Locale:
    return Locale.parse(identifier)
