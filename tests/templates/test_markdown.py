"""The small Markdown of messages, and the links in it."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.docs.pages import ROOT
from tidings.templates.links import FOLLOWED, is_web_address, safe_link
from tidings.templates.markdown import MARKS, Piece, paragraphs

BASE = "https://tidings.example"
ELEMENTS = ROOT / "frontend/src/elements"


CORPUS = json.loads(Path(__file__).with_name("marks.json").read_text(encoding="utf-8"))


def pieces(text: str) -> list[list[str]]:
    """What a message of one line is made of: kind, text, and where a link leads."""
    ((line,),) = paragraphs(text, BASE)
    found: list[list[str]] = []
    for piece in line:
        if piece.kind == "text" and found and found[-1][0] == "text":
            found[-1][1] += piece.text
        else:
            found.append([piece.kind, piece.text, *([piece.href] if piece.href else [])])
    return found


@pytest.mark.parametrize("line", CORPUS, ids=lambda line: line["text"])
def test_a_line_reads_as_on_the_web_pages(line: dict[str, Any]) -> None:
    assert pieces(line["text"]) == line["pieces"]  # inline-markdown.test.ts reads the same lines


def test_blank_lines_part_paragraphs_and_a_line_break_stays() -> None:
    read = paragraphs("\n\none\ntwo\n \n\n\nthree\n", BASE)
    assert [[line[0].text for line in paragraph] for paragraph in read] == [["one", "two"], ["three"]]


def test_an_empty_message_has_no_paragraph() -> None:
    assert paragraphs(" \n\n ", BASE) == ()


@pytest.mark.parametrize(
    "target", ["javascript:alert", "data:text/html,x", "vbscript:x", "file:///etc/passwd", "http:"]
)
def test_what_must_not_be_followed_is_its_label(target: str) -> None:
    assert pieces(f"see [this]({target})") == [["text", "see this"]]


def test_a_link_is_absolute() -> None:
    assert paragraphs("[a](/notes?x=1#y)", BASE) == (((Piece("link", "a", f"{BASE}/notes?x=1#y"),),),)


@pytest.mark.parametrize(
    ("target", "address"),
    [
        ("https://shop.example/a?b=c&d=e#f", "https://shop.example/a?b=c&d=e#f"),
        ("mailto:ada@example.org", "mailto:ada@example.org"),
        ("notes", f"{BASE}/notes"),
        ("//other.example/x", "https://other.example/x"),
        (" \t/a\nb ", f"{BASE}/ab"),
        ("HTTPS://Shop.example", "https://Shop.example"),
        ('/a"b<c> d', f"{BASE}/a%22b%3Cc%3E%20d"),
        ("/straße", f"{BASE}/stra%C3%9Fe"),
        ("https://bücher.example:8443/", "https://xn--bcher-kva.example:8443/"),
        ("javascript:alert(1)", None),
        (" JAVA\nSCRIPT:alert(1)", None),
        ("\1javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("https://", None),
        ("https://[half", None),
        ("https://shop.example:0/", None),
        ("https://shop.example:http/", None),
        ("https://ex\u200bample.org:x:y/\ud800", None),
        ("", None),
        (" ", None),
    ],
)
def test_an_address_is_followed(target: str, address: str | None) -> None:
    assert safe_link(target, BASE) == address


@pytest.mark.parametrize("url", ["/notes", "mailto:ada@example.org", "javascript:alert(1)", "https://a.example/ b", ""])
def test_a_web_address_is_absolute_and_clean(url: str) -> None:
    assert not is_web_address(url)


def test_the_web_pages_read_the_same_marks() -> None:
    source = (ELEMENTS / "inline-markdown.ts").read_text(encoding="utf-8")
    found = re.search(r"^const MARKS =\s+/(.*)/g;$", source, re.MULTILINE)
    assert found is not None
    assert found[1] == MARKS


def test_the_web_pages_follow_the_same_addresses() -> None:
    source = (ELEMENTS / "safe-link.ts").read_text(encoding="utf-8")
    found = re.search(r"\[(.*?)\]\.includes\(url\.protocol\)", source)
    assert found is not None
    assert tuple(re.findall(r"'(\w+):'", found[1])) == FOLLOWED
