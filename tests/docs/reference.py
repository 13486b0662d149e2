"""Tables of the reference pages, as data: what a page says of each name it lists."""

from collections.abc import Iterator
from pathlib import Path

from markdown_it import MarkdownIt

from tests.docs.pages import ROOT

Row = dict[str, str]


def page(name: str) -> Path:
    """A page of the documentation."""
    return ROOT / "docs" / name


def tables(path: Path) -> Iterator[tuple[str, list[Row]]]:
    """Every table of a page with the heading it stands under; a row holds its cells' text by column."""
    heading = ""
    head: list[str] = []
    cells: list[str] = []
    rows: list[Row] = []
    tokens = MarkdownIt("commonmark").enable("table").parse(path.read_text(encoding="utf-8"))
    for token, following in zip(tokens, [*tokens[1:], tokens[-1]], strict=True):
        if token.type == "heading_open":
            heading = following.content.replace("`", "")
        elif token.type == "table_open":
            head, rows = [], []
        elif token.type in {"th_open", "td_open"}:
            cells.append(following.content.replace("`", ""))
        elif token.type == "tr_close":
            if head:
                rows.append(dict(zip(head, cells, strict=True)))
            else:
                head = cells
            cells = []
        elif token.type == "table_close":
            yield heading, rows


def listed(path: Path, column: str) -> dict[str, Row]:
    """The rows of every table on a page that has this column, by what stands there; nothing is listed twice."""
    found = [row for _, rows in tables(path) for row in rows if column in row]
    by_name = {row[column]: row for row in found}
    assert len(by_name) == len(found), f"{path.name} lists a {column} twice"
    return by_name


def under(path: Path, column: str) -> dict[str, set[str]]:
    """What stands in a column, by the heading it stands under."""
    return {heading: {row[column] for row in rows} for heading, rows in tables(path) if rows and column in rows[0]}


def headings(path: Path) -> list[str]:
    """The text of every heading of a page."""
    tokens = MarkdownIt("commonmark").parse(path.read_text(encoding="utf-8"))
    return [tokens[i + 1].content.replace("`", "") for i, token in enumerate(tokens) if token.type == "heading_open"]
