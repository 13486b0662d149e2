"""Filters that write values as the reader's language does. A rendering's language is its value `language`."""

import datetime
from decimal import Decimal
from typing import Literal

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.lists import format_list
from babel.numbers import format_decimal
from jinja2 import pass_context
from jinja2.runtime import Context

from tidings.templates.languages import DEFAULT, locale_of

DateLength = Literal["full", "long", "medium", "short"]
_LENGTHS = frozenset({"full", "long", "medium", "short"})
_LONGEST_LIST = 100


@pass_context
def number(context: Context, value: object) -> str:
    """`{{ data.steps | number }}`: 12,345 or 12.345. Raises TypeError for anything but a number."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise TypeError(f"not a number: {value!r}")
    return format_decimal(value, locale=_locale(context))


@pass_context
def date(context: Context, value: str | datetime.date, length: DateLength = "long") -> str:
    """`{{ data.day | date }}`: an ISO 8601 date, or the date of an ISO 8601 time as it is written."""
    if length not in _LENGTHS:
        raise ValueError(f"no length of a date: {length!r}")
    day = datetime.datetime.fromisoformat(value) if isinstance(value, str) else value
    return format_date(day, length, locale=_locale(context))


@pass_context
def listed(context: Context, values: object) -> str:
    """`{{ data.rewards | listed }}`: “a, b, and c” or „a, b und c“; a single value is itself."""
    shown = [str(value) for value in values] if isinstance(values, list | tuple) else [str(values)]
    if len(shown) > _LONGEST_LIST:
        raise ValueError(f"a list of more than {_LONGEST_LIST}")
    return format_list(shown, locale=_locale(context))


def moment(at: str | datetime.datetime, language: str) -> str:
    """A time as a language writes it, in UTC, which it names; an ISO 8601 text or an aware value."""
    value = datetime.datetime.fromisoformat(at) if isinstance(at, str) else at
    return format_datetime(value, "long", tzinfo=datetime.UTC, locale=locale_of(language))


def _locale(context: Context) -> Locale:
    return locale_of(str(context.get("language", DEFAULT)))
