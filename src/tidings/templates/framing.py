"""Values apart from the words around them (docs/decisions/0013-values-are-not-marks.md).

While a text is filled, each value stands between two frames. Once the text is whole, the frames go, and in text that is
read for marks every value is escaped: as little as its place allows, because some programs show messages unread.
"""

import re
from itertools import accumulate
from urllib.parse import quote

from tidings.templates.cleaning import cleaned
from tidings.templates.markdown import ESCAPES, LABEL, READ, TARGET, hide_escapes

FRAME = "\ufdd8"  # a noncharacter, and so free for use inside of a program (Unicode 23.7)

_INTERNAL = re.compile("[\ufdd0-\ufdef]")
_SPACES = re.compile(r"\s+")
_NOT_A_LETTER = re.compile("[^A-Za-z0-9]")
_ENDS_A_TARGET = re.compile(r"[)\s\ufeff]")
# An underscore within a word is no mark, and a bracket closes a label only where an address follows.
_UNDERSCORES = r"(?<![A-Za-z0-9_])_+|_+(?![A-Za-z0-9_])"
_AS_TEXT = re.compile(rf"[\\`*\[]|{_UNDERSCORES}|\](?=\(|\Z)")
_IN_MARKS = re.compile(rf"[\\`*\[\]]|{_UNDERSCORES}")
_CLOSING = re.compile(r"\](?=\()")


class Words(str):
    """What a template itself wrote, a value's text to any filter; `framed` still tells its own values apart."""

    __slots__ = ("framed",)
    framed: str

    def __new__(cls, framed: str) -> "Words":
        made = super().__new__(cls, unframed(framed))
        made.framed = framed
        return made


def own(text: str) -> str:
    """Text in which nothing looks like a frame."""
    return _INTERNAL.sub("", text)


def framed(text: str) -> str:
    """A value as it stands in a text that is being filled."""
    text = own(text)
    return f"{FRAME}{text}{FRAME}" if text else ""


def unframed(text: str) -> str:
    """A filled text, as it is."""
    return text.replace(FRAME, "")


def escaped(text: str, *, length: int) -> str:
    """The beginning of a filled text as small Markdown, whose marks are its template's alone, whatever values hold.

    Read, it shows each value as it is; within marks on one line, and without white space where it touches them.
    """
    parts = _cut(text.split(FRAME), length)
    parts[::2] = map(hide_escapes, parts[::2])
    starts = list(accumulate(map(len, parts), initial=0))
    marks = _Marks("".join(_NOT_A_LETTER.sub(FRAME, part) if n % 2 else part for n, part in enumerate(parts)))
    whole = "".join(parts)
    meets_an_address = any(found.start() not in marks.closings for found in _CLOSING.finditer(whole))
    brackets = {at for at, each in enumerate(whole) if each == "["} - marks.openings if meets_an_address else set()
    return "".join(
        marks.value(part, at) if n % 2 else _written(part, at, brackets, is_last=at + len(part) == len(whole))
        for n, (part, at) in enumerate(zip(parts, starts, strict=False))
    )[:length]


def _cut(parts: list[str], length: int) -> list[str]:
    starts = accumulate(map(len, parts), initial=0)
    return [part[: max(0, length - at)] for part, at in zip(parts, starts, strict=False)]


def _written(part: str, at: int, brackets: set[int], *, is_last: bool) -> str:
    """A template's own words, so that they make no mark of the value behind them: `\\` an escape, `[a]` a link."""
    kept = "".join(f"\\{each}" if at + n in brackets else each for n, each in enumerate(part)) if brackets else part
    return kept.translate(ESCAPES) + ("\\" if part.endswith("\\") and not is_last else "")


class _Marks:
    """Where a text has marks while no value has any."""

    def __init__(self, text: str) -> None:
        found = list(READ.finditer(text))
        self._contents = [each.span(each.lastindex or 0) for each in found if each[LABEL] is None]
        labelled = [each for each in found if each[LABEL] is not None]
        self._contents += [each.span(LABEL) for each in labelled]
        self._targets = [each.span(TARGET) for each in labelled]
        self.openings = {each.start() for each in labelled}
        self.closings = {each.end(LABEL) for each in labelled}

    def value(self, value: str, at: int) -> str:
        """What stands for the value that begins here."""
        if any(start <= at < end for start, end in self._targets):
            return _escape(_AS_TEXT, _ENDS_A_TARGET.sub(lambda found: quote(found[0], safe=""), value))
        for start, end in self._contents:
            if start <= at < end:
                line = _SPACES.sub(" ", cleaned(value))
                line = line.lstrip() if at == start else line
                return _escape(_IN_MARKS, line.rstrip() if at + len(value) == end else line)
        return _escape(_AS_TEXT, value)


def _escape(marks: re.Pattern[str], text: str) -> str:
    return marks.sub(lambda found: "".join(f"\\{mark}" for mark in found[0]), text)
