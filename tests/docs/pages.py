"""The repository's files and pages, as the tests of the documentation read them."""

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parents[2]
_NOT_OURS = {".git", ".venv", "node_modules", "build", "dist", "data", "static", "__pycache__"}


@dataclass(frozen=True)
class Block:
    """A fenced block of code: `words` are what follows the fence, the language first."""

    page: Path
    line: int
    words: tuple[str, ...]
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def files() -> list[Path]:
    """Every file of the repository, new ones included; without git, every file that looks like one."""
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        names = subprocess.run(listing, cwd=ROOT, capture_output=True, check=True).stdout.decode().split("\0")
        found = [ROOT / name for name in names if name]
    except (OSError, subprocess.CalledProcessError):
        found = [path for path in ROOT.rglob("*") if not _NOT_OURS & set(path.relative_to(ROOT).parts)]
    return sorted(path for path in found if path.is_file() and not path.is_symlink())


def pages() -> list[Path]:
    """Every Markdown page."""
    return [path for path in files() if path.suffix == ".md"]


def blocks() -> list[Block]:
    """Every fenced block of code on every page."""
    return [
        Block(page, token.map[0] + 1, tuple(token.info.split()), token.content)
        for page in pages()
        for token in _tokens(page)
        if token.type == "fence" and token.map
    ]


def links(page: Path) -> Iterator[tuple[str, str]]:
    """The path and the anchor of each link and image on a page that stays within the repository."""
    for token in _tokens(page):
        for child in token.children or ():
            target = str(child.attrs.get("href") or child.attrs.get("src") or "")
            if target and not re.match(r"[a-z]+:|//", target):
                path, _, anchor = target.partition("#")
                yield path, anchor


def code_spans(page: Path) -> Iterator[str]:
    """Each piece of code within a sentence."""
    for token in _tokens(page):
        for child in token.children or ():
            if child.type == "code_inline":
                yield " ".join(child.content.split())


def anchors(page: Path) -> set[str]:
    """What can follow `#` in a link to a page: its headings, written as GitHub writes them."""
    tokens = _tokens(page)
    titles = (tokens[index + 1].content for index, token in enumerate(tokens) if token.type == "heading_open")
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@cache
def _tokens(page: Path) -> list[Token]:
    return MarkdownIt("commonmark").enable("table").parse(page.read_text(encoding="utf-8"))
