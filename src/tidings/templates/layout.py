"""A letter as HTML: one layout of ours, its styles inlined once, everything in it escaped."""

from functools import cache
from pathlib import Path

from jinja2 import Environment, StrictUndefined, Template

from tidings.templates.content import Content
from tidings.templates.languages import locale_of, tag_of

_SOURCE = Path(__file__).with_name("layout.html")
_PREHEADER_LENGTH = 140


def write(content: Content) -> str:
    """A whole document for a mail: no script, no picture, nothing that is fetched."""
    return _layout().render(
        letter=content,
        tag=tag_of(content.language),
        direction=locale_of(content.language).text_direction,
        preheader=_preheader(content),
    )


def _preheader(content: Content) -> str:
    """What a list of mails shows beside the subject."""
    lines = ("".join(piece.text for piece in line) for paragraph in content.paragraphs for line in paragraph)
    return " ".join(lines)[:_PREHEADER_LENGTH]


@cache
def _layout() -> Template:
    """The layout's commands are HTML comments, so that styles can be inlined before anything is filled in."""
    from css_inline import CSSInliner  # noqa: PLC0415 - a browser's reader of HTML: 3 MiB, for this one call

    inliner = CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        block_start_string="<!--%",
        block_end_string="%-->",
        comment_start_string="<!--#",
        comment_end_string="#-->",
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.from_string(inliner.inline(_SOURCE.read_text(encoding="utf-8")))
