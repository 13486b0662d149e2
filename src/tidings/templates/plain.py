"""A letter as plain text: what the HTML says, with every link written out."""

import textwrap
from collections.abc import Iterator

from tidings.templates.content import Content, Link
from tidings.templates.markdown import Line, Piece

WIDTH = 72
_SIGNATURE = "-- "  # RFC 3676 §4.3: what follows is the foot


def write(content: Content) -> str:
    """Lines of at most 72 characters where the words allow it; an address is never broken."""
    return "\n".join([*_body(content), _SIGNATURE, *_foot(content), ""])


def _body(content: Content) -> Iterator[str]:
    if content.greeting:
        yield from (*_wrapped(content.greeting), "")
    for paragraph in content.paragraphs:
        for line in paragraph:
            yield from _wrapped(_written_out(line))
        yield ""
    if content.facts:
        for fact in content.facts:
            yield from _wrapped(fact.line)
        yield ""
    if content.button:
        yield from (*_address(content.button), "")


def _foot(content: Content) -> Iterator[str]:
    if content.why:
        yield from _wrapped(content.why)
    for link in content.links:
        yield from _address(link)
    yield from _address(content.sent_by)


def _address(link: Link) -> tuple[str, str]:
    return link.before_address, link.url


def _written_out(line: Line) -> str:
    return "".join(map(_piece, line))


def _piece(piece: Piece) -> str:
    is_said_already = piece.href.removeprefix("mailto:").rstrip("/") == piece.text.rstrip("/")
    return f"{piece.text} ({piece.href})" if piece.href and not is_said_already else piece.text


def _wrapped(line: str) -> list[str]:
    return textwrap.wrap(line, WIDTH, break_long_words=False, break_on_hyphens=False) or [""]
