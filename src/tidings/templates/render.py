"""Fill a text template with plain values."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

MAX_RENDERED_LENGTH = 16_384


class TemplateFailed(ValueError):
    """A template could not be filled; the message says why."""


# Plain text: nothing is escaped here, because every output escapes for its own medium.
_environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)


def render_text(source: str, values: Mapping[str, Any]) -> str:  # Any: templates see plain JSON values
    """The template's text with `values` filled in. Raises TemplateFailed on a missing value or a bad template."""
    try:
        text = _compiled(source).render(values)
    except (TemplateError, ArithmeticError, LookupError, TypeError, ValueError, AttributeError) as error:
        raise TemplateFailed(f"{type(error).__name__}: {error}") from error
    return text[:MAX_RENDERED_LENGTH]


@lru_cache(maxsize=1_000)
def _compiled(source: str) -> Template:
    return _environment.from_string(source)
