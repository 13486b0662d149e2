"""Sentences of the house, filled."""

from collections.abc import Mapping
from decimal import Decimal

from tidings.templates.catalogue import HOUSE, Catalogue
from tidings.templates.render import render_text


def phrase(
    key: str,
    language: str,
    values: Mapping[str, object],
    *,
    count: float | Decimal | None = None,
    catalogue: Catalogue = HOUSE,
) -> str:
    """What the house says under a key in this language, else in the default one; of so many, where that matters.

    Raises KeyError for a key that no catalogue has, and TemplateFailed.
    """
    template = catalogue.text(key, language, count)
    if template is None:
        raise KeyError(key)
    return render_text(template, {**values, "language": language})
