"""HTML as its reader's program takes it: elements, attributes and text."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset({"meta", "br"})
Shape = list[tuple[str, tuple[str, ...]]]


@dataclass
class Document(HTMLParser):
    """What a document is made of. `shape` is every element in order, with the names of its attributes."""

    source: str
    shape: Shape = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    styles: list[str] = field(default_factory=list)
    attributes: list[tuple[str, str, str]] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.shape.append((tag, tuple(name for name, _ in attrs)))
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        self.links += [value or "" for name, value in attrs if name == "href"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        (self.styles if self.open[-1:] == ["style"] else self.pieces).append(data)

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)

    @property
    def text(self) -> str:
        """Everything that is to be read, white space as single spaces."""
        return " ".join("".join(self.pieces).split())

    def __hash__(self) -> int:
        return id(self)
