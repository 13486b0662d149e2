"""Fill a text template with plain values: as plain text, or as a message, in which they are never marks."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from jinja2 import Template, TemplateError, TemplateSyntaxError, UndefinedError

from tidings.templates.framing import escaped, unframed
from tidings.templates.metering import Meter, TooMuchWork
from tidings.templates.sandbox import METER, Sandbox, TooDeep

MAX_SOURCE_LENGTH = 16_384
MAX_RENDERED_LENGTH = 16_384
MAX_MESSAGE_LENGTH = 4_000  # of which a reader sees all; reading marks takes the square of it at worst

_sandbox = Sandbox()
_LACKING = re.compile(r"(?:has no attribute |^)'(\w+)'(?: is undefined)?$")


class TemplateFailed(ValueError):
    """A template could not be filled; the message says why."""


def render_text(source: str, values: Mapping[str, Any]) -> str:  # Any: templates see plain JSON values
    """The template's text with `values` filled in as they are, cut off at MAX_RENDERED_LENGTH.

    Raises TemplateFailed on a missing value, on a bad template, and on one that does too much.
    """
    return unframed(_filled(source, values))[:MAX_RENDERED_LENGTH]


def render_message(source: str, values: Mapping[str, Any]) -> str:
    """The same as small Markdown: the marks are the template's own, and those of values it calls `safe`.

    Every other value is escaped, so that whoever reads the marks sees it as it is. Cut off at MAX_MESSAGE_LENGTH.
    """
    return escaped(_filled(source, values), length=MAX_MESSAGE_LENGTH)


def _filled(source: str, values: Mapping[str, Any]) -> str:
    """With every value in its frame."""
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
        raise TemplateFailed(_reason(error)) from error


def _reason(error: Exception) -> str:
    """What to change, for somebody who writes texts and does not program."""
    said = str(error)
    if isinstance(error, UndefinedError):
        lacking = _LACKING.search(said)
        return f"there is no value {lacking[1]!r}" if lacking else f"a value is missing: {said}"
    if isinstance(error, TemplateSyntaxError):
        return f"line {error.lineno} cannot be read: {said}"
    if isinstance(error, TooMuchWork | TooDeep):
        return said[:1].lower() + said[1:].rstrip(".")
    return f"{type(error).__name__}: {said}"


def _rendered(template: Template, values: Mapping[str, Any]) -> str:
    """Piece by piece: what lies behind the cut is never made."""
    pieces, length = [], 0
    for piece in template.generate({**values, METER: Meter()}):
        pieces.append(piece)
        length += len(unframed(piece))
        if length >= MAX_RENDERED_LENGTH:
            break
    return "".join(pieces)


@lru_cache(maxsize=1_000)
def _compiled(source: str) -> Template:
    if len(source) > MAX_SOURCE_LENGTH:
        raise ValueError(f"a template has at most {MAX_SOURCE_LENGTH} characters")
    return _sandbox.from_string(source)
