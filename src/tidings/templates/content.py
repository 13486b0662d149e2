"""A letter's content, clean and complete, as its two writers take it."""

from dataclasses import dataclass

from tidings.templates.markdown import Paragraph


@dataclass(frozen=True, slots=True)
class Link:
    """Where a label leads, an absolute address that may be followed; `before_address` is the label with its colon."""

    label: str
    url: str
    before_address: str


@dataclass(frozen=True, slots=True)
class Fact:
    """A label and a value, and both as one line of text."""

    label: str
    value: str
    line: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """Everything is plain text on one line; empty means absent. `links` stand at the foot, `sent_by` after them."""

    language: str
    house: str
    subject: str
    greeting: str
    paragraphs: tuple[Paragraph, ...]
    facts: tuple[Fact, ...]
    button: Link | None
    in_browser: str
    why: str
    links: tuple[Link, ...]
    sent_by: Link
