"""Which text speaks: of one type and part, on one channel, in one language. Language comes before channel."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Literal

from tidings.templates.catalogue import Catalogue
from tidings.templates.languages import DEFAULT
from tidings.templates.render import TemplateFailed, render_message, render_text

Part = Literal["title", "message", "why", "button"]


def find_text(
    catalogue: Catalogue,
    key: str,
    part: Part,
    *,
    language: str,
    channel: str | None = None,
    count: float | Decimal | None = None,
) -> str | None:
    """The template for a part of a type's text, None when the catalogue has none.

    The reader's language, then the default one; within each the channel's own text, `kind.<key>.<channel>.<part>`,
    before the one for all channels, `kind.<key>.<part>`. Raises BrokenCatalogue.
    """
    names = [f"kind.{key}.{part}"] if channel is None else [f"kind.{key}.{channel}.{part}", f"kind.{key}.{part}"]
    for each in dict.fromkeys((language, DEFAULT)):
        for name in names:
            text = catalogue.text_in(name, each, count)
            if text is not None:
                return text
    return None


def fill_text(
    template: str, values: Mapping[str, Any], *, key: str, part: Part, channel: str | None, language: str
) -> str:
    """The template filled in; a message is small Markdown, in which values are never marks. Any: plain JSON values.

    Raises TemplateFailed, which names the text for its author.
    """
    render = render_message if part == "message" else render_text
    try:
        return render(template, {**values, "language": language})
    except TemplateFailed as error:
        where = "every channel" if channel is None else f"the channel {channel}"
        raise TemplateFailed(f"The {part} of {key} for {where} in the language {language}: {error}") from error
