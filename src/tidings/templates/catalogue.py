"""Message catalogues: one gettext file a language, found by key."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path

from babel.messages.catalog import Message
from babel.messages.pofile import PoFileError, read_po

from tidings.templates.languages import DEFAULT, LOCALES, can_choose, locale_of, plural_categories, plural_form
from tidings.templates.render import TemplateFailed

Forms = tuple[str, ...]
"""The texts of one key: a single one, or one for each plural category of the language."""


class BrokenCatalogue(TemplateFailed):
    """A catalogue's file could not be read; the message names the file and says why."""


class Catalogue:
    """The texts of one folder, `<language>.po`; a language is read when it is first asked for, and then kept.

    The key of a text is its `msgctxt`, its English wording the `msgid`. Texts are template sources.
    """

    def __init__(self, folder: Path | str) -> None:
        self._folder = Path(folder)
        self._read: dict[str, Mapping[str, Forms]] = {}

    def text(self, key: str, language: str, count: float | Decimal | None = None) -> str | None:
        """The text of a key in a language, else in the default language; None when neither has it.

        Of a text with plural forms, the one for `count`. Raises BrokenCatalogue.
        """
        for each in dict.fromkeys((language, DEFAULT)):
            text = self.text_in(key, each, count)
            if text is not None:
                return text
        return None

    def text_in(self, key: str, language: str, count: float | Decimal | None = None) -> str | None:
        """The text of a key in this very language, None when it has none. Raises BrokenCatalogue."""
        forms = self.texts(language).get(key)
        if forms is None:
            return None
        return forms[plural_form(language, count, len(forms))] if len(forms) > 1 else forms[0]

    def texts(self, language: str) -> Mapping[str, Forms]:
        """Everything that is translated into a language, by key; nothing for a language without a file.

        Raises BrokenCatalogue.
        """
        if language not in self._read:
            path = self._folder / f"{language}.po"
            there = language in LOCALES and path.is_file()
            try:
                self._read[language] = dict(_messages(path, language)) if there else {}
            except (PoFileError, ValueError) as error:
                raise BrokenCatalogue(f"{path.name}: {error}") from error
        return self._read[language]


def _messages(path: Path, language: str) -> Iterator[tuple[str, Forms]]:
    with path.open("rb") as file:
        catalogue = read_po(file, locale=locale_of(language), abort_invalid=True)
    for message in catalogue:
        if message.context is not None and not message.fuzzy:
            forms = _forms(message)
            if message.pluralizable and not can_choose(language, len(forms)):
                raise ValueError(f"{message.context} needs the forms {plural_categories(language)}")
            if all(forms) and forms:
                yield message.context, forms


def _forms(message: Message) -> Forms:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ())


HOUSE = Catalogue(Path(__file__).with_name("locales"))
"""What Tidings itself says."""
