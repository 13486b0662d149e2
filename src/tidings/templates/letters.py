"""A letter: what a mail says, and how it looks. From plain values to the two bodies of a mail."""

from collections.abc import Iterator
from dataclasses import dataclass

from tidings.templates import layout, plain
from tidings.templates.catalogue import HOUSE, Catalogue
from tidings.templates.cleaning import cleaned, on_one_line
from tidings.templates.content import Content, Fact, Link
from tidings.templates.links import is_web_address, safe_link
from tidings.templates.markdown import paragraphs
from tidings.templates.phrases import phrase


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """Whom a letter is from: a name, and the address of the server without a slash at its end."""

    name: str = "Tidings"
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """The one thing a reader may do. `url` is absolute, http or https; ValueError otherwise."""

    label: str
    url: str

    def __post_init__(self) -> None:
        if not is_web_address(self.url):
            raise ValueError(f"a button leads to an absolute http or https address, not to {self.url!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What one person is written.

    `body` is text with the small Markdown of messages, so whatever strangers may choose (names, devices) belongs in
    `greeting` and `facts`, which are shown as they are. `why` says why the reader gets this.
    """

    language: str
    subject: str
    body: str
    greeting: str | None = None
    button: Button | None = None
    why: str | None = None
    unsubscribe_url: str | None = None
    preferences_url: str | None = None
    facts: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        for url in (self.unsubscribe_url, self.preferences_url):
            if url is not None and not is_web_address(url):
                raise ValueError(f"a letter links to absolute http or https addresses, not to {url!r}")


@dataclass(frozen=True, slots=True)
class Rendered:
    """A finished letter: the subject on one line, and the same content twice."""

    subject: str
    text: str
    html: str


def write_letter(letter: Letter, *, house: House, catalogue: Catalogue = HOUSE) -> Rendered:
    """The letter as a mail shows it. Whatever it holds is shown as text; nothing is fetched, nothing counts readers."""
    content = _content(letter, house, catalogue)
    return Rendered(content.subject, plain.write(content), layout.write(content))


def button_to(label: str, target: str, *, house: House) -> Button | None:
    """A button to an address of somebody's choice, resolved against the server; None if it must not be followed."""
    url = safe_link(target, house.url)
    return Button(label=label, url=url) if url is not None and is_web_address(url) else None


def default_label(language: str) -> str:
    """What a button says when nobody said it."""
    return phrase("letter.button", language, {})


def _content(letter: Letter, house: House, catalogue: Catalogue) -> Content:
    name = on_one_line(house.name)

    def said(key: str, **values: str) -> str:
        return phrase(f"letter.{key}", letter.language, values, catalogue=catalogue)

    def link(label: str, url: str) -> Link:
        return Link(label, url, said("link", label=label))

    def links() -> Iterator[Link]:
        if letter.preferences_url:
            yield link(said("preferences"), letter.preferences_url)
        if letter.unsubscribe_url:
            yield link(said("unsubscribe"), letter.unsubscribe_url)

    return Content(
        language=letter.language,
        subject=on_one_line(letter.subject),
        greeting=on_one_line(letter.greeting or ""),
        paragraphs=paragraphs(cleaned(letter.body), house.url),
        facts=tuple(Fact(*each, said("fact", label=each[0], value=each[1])) for each in map(_one_liners, letter.facts)),
        button=link(on_one_line(letter.button.label), letter.button.url) if letter.button else None,
        in_browser=said("browser") if letter.button else "",
        why=said("why", why=on_one_line(letter.why)) if letter.why else "",
        links=tuple(links()),
        house=name,
        sent_by=link(said("footer", house=name), house.url),
    )


def _one_liners(fact: tuple[str, str]) -> tuple[str, str]:
    return on_one_line(fact[0]), on_one_line(fact[1])
