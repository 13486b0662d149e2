"""Fill a text template with plain values."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from jinja2 import Template, TemplateError

from tidings.templates.metering import Meter
from tidings.templates.sandbox import METER, Sandbox

MAX_SOURCE_LENGTH = 16_384
MAX_RENDERED_LENGTH = 16_384

_sandbox = Sandbox()


class TemplateFailed(ValueError):
    """A template could not be filled; the message says why."""


def render_text(source: str, values: Mapping[str, Any]) -> str:  # Any: templates see plain JSON values
    """The template's text with `values` filled in, cut off at MAX_RENDERED_LENGTH.

    Raises TemplateFailed on a missing value, on a bad template, and on one that does too much.
    """
    try:
        return _rendered(_compiled(source), values)
    except (  # what Jinja, Python's compiler, and operators and methods of plain values can raise
        TemplateError,
        ArithmeticError,
        AssertionError,
        AttributeError,
        LookupError,
        MemoryError,
        NameError,
        RuntimeError,
        SyntaxError,
        TypeError,
        ValueError,
    ) as error:
        raise TemplateFailed(f"{type(error).__name__}: {error}") from error


def _rendered(template: Template, values: Mapping[str, Any]) -> str:
    """Piece by piece: what lies behind the cut is never made."""
    pieces, length = [], 0
    for piece in template.generate({**values, METER: Meter()}):
        pieces.append(piece)
        length += len(piece)
        if length >= MAX_RENDERED_LENGTH:
            break
    return "".join(pieces)[:MAX_RENDERED_LENGTH]


@lru_cache(maxsize=1_000)
def _compiled(source: str) -> Template:
    if len(source) > MAX_SOURCE_LENGTH:
        raise ValueError(f"a template has at most {MAX_SOURCE_LENGTH} characters")
    return _sandbox.from_string(source)
