"""The small Markdown of messages as pieces: code, links, strong, emphasis; never HTML.

The rule of the web pages' `inline-markdown.ts`, so that a message reads the same in the inbox and in mail. A backslash
before a mark, or before another one, makes it a character like any other, everywhere.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from tidings.templates.links import safe_link

# Marks count only when they touch a word, so that "3 * 4 * 5" and snake_case_names stay as written.
MARKS = (
    r"`([^`\n]+)`|\[([^\]\n]+)\]\(([^)\s]+)\)|\*\*(?=\S)([^\n]+?)(?<=\S)\*\*"
    r"|(?<![\w*])[*_](?=[^\s*_])([^\n]+?)(?<=[^\s*_])[*_](?![\w*])"
)
LABEL, TARGET = 2, 3
MARKED = "\\`*_[]"
"""What can be escaped."""

# What JavaScript means by \w and \s.
_SPACES = r"\t-\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
READ = re.compile(MARKS.replace(r"\w", "A-Za-z0-9_").replace(r"\S", r"[^\s]").replace(r"\s", _SPACES))
"""The marks of a text whose escapes are hidden."""

# Escapes become single characters that are no marks: noncharacters, which no text may hold (Unicode 23.7).
_ESCAPE = re.compile(r"\\([\\`*_[\]])")
_HIDDEN = {mark: chr(0xFDD0 + number) for number, mark in enumerate(MARKED)}
ESCAPES = {ord(hidden): f"\\{mark}" for mark, hidden in _HIDDEN.items()}
"""Writes what `hide_escapes` has hidden again, for `str.translate`."""
_SHOWN = {ord(hidden): mark for mark, hidden in _HIDDEN.items()}
_BLANK_LINES = re.compile(r"\n[ \t]*\n\s*")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of one line; `href` is there for a link only, and may be followed."""

    kind: Literal["text", "code", "link", "strong", "emphasis"]
    text: str
    href: str = ""


Line = tuple[Piece, ...]
Paragraph = tuple[Line, ...]


@lru_cache(maxsize=1_000)
def paragraphs(text: str, base: str) -> tuple[Paragraph, ...]:
    """A message as paragraphs of lines: blank lines part paragraphs, a line break stays one.

    Kept, because one message goes to many: marks that open and never close make the worst of 4,000 characters take
    some 50 ms.
    """
    return tuple(
        tuple(tuple(_pieces(line.rstrip(), base)) for line in paragraph.split("\n"))
        for paragraph in _BLANK_LINES.split(text.strip("\n"))
        if paragraph.strip()
    )


def hide_escapes(text: str) -> str:
    """The text with a character for each escape, so that no escaped mark is one."""
    return _ESCAPE.sub(lambda found: _HIDDEN[found[1]], text)


def _pieces(line: str, base: str) -> Iterator[Piece]:
    line, end = hide_escapes(line), 0
    for found in READ.finditer(line):
        if found.start() > end:
            yield Piece("text", _shown(line[end : found.start()]))
        yield _marked(found, base)
        end = found.end()
    if end < len(line):
        yield Piece("text", _shown(line[end:]))


def _marked(found: re.Match[str], base: str) -> Piece:
    code, label, target, strong, emphasis = (group and _shown(group) for group in found.groups())
    if code is not None:
        return Piece("code", code)
    if label is not None:
        href = safe_link(target, base)
        return Piece("link", label, href) if href else Piece("text", label)
    return Piece("emphasis", emphasis) if strong is None else Piece("strong", strong)


def _shown(text: str) -> str:
    return text.translate(_SHOWN)
