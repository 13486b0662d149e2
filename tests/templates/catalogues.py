"""Catalogues made for one test: of a few words, and of the house's words in a language that nobody speaks."""

import re
from collections.abc import Iterable
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from tidings.templates.catalogue import HOUSE, Catalogue, Forms
from tidings.templates.languages import locale_of

_JINJA = re.compile(r"(\{\{.*?\}\}|\{%.*?%\})")
_QUOTED = re.compile(r"(?<=default\(')[^']+(?=')")
_LETTERS = str.maketrans("aceinosuyACEINOSUY", "áçéíñóšúýÁÇÉÍÑÓŠÚÝ")


def write_catalogue(folder: Path, language: str, texts: Iterable[tuple[str, Forms]]) -> None:
    catalogue = Catalog(locale=locale_of(language))
    for key, forms in texts:
        several = len(forms) > 1
        catalogue.add((key, f"{key}s") if several else key, forms if several else forms[0], context=key)
    with (folder / f"{language}.po").open("wb") as file:
        write_po(file, catalogue)


def pseudo(text: str) -> str:
    """The text as the pseudo-language has it: `[Ñéw]` for `New`, what Jinja does with it untouched.

    Words outside brackets in a rendered text were not translated.
    """
    parts = _JINJA.split(text)
    return "".join(
        _QUOTED.sub(_accented, part) if index % 2 else _accented(part) if part.strip() else part
        for index, part in enumerate(parts)
    )


def _accented(words: str | re.Match[str]) -> str:
    return f"[{(words if isinstance(words, str) else words.group()).translate(_LETTERS)}]"


def untranslated(shown: str, data: Iterable[str] = ()) -> str:
    """What is left of a rendered text without its pseudo words and values: nothing, when all is translated."""
    rest = re.sub(r"\\?\[[^\]]*\]", "", shown)  # escaped where it was a value
    for value in data:
        rest = rest.replace(value, "")
    return rest.strip()


def pseudo_catalogue(folder: Path) -> Catalogue:
    """Every word of the house in the pseudo-language, for readers of English."""
    write_catalogue(
        folder, "us", [(key, tuple(pseudo(form) for form in forms)) for key, forms in HOUSE.texts("us").items()]
    )
    return Catalogue(folder)
