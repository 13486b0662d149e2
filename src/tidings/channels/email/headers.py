"""Header lines: pure, and written here rather than by the standard library.

Its folding has let line breaks through (CVE-2024-6923) and encodes inside addresses; what is needed here is small.
"""

import base64
import re
import unicodedata
from collections.abc import Iterable, Iterator

from tidings.channels.base import Address
from tidings.channels.email.addresses import mailbox
from tidings.channels.email.errors import CannotCompose

MAX_LINE = 998
"""Octets in a line without its CRLF: RFC 5322 §2.1.1."""
_LINE = 76  # a line with an encoded word, RFC 2047 §2
_WORD_OCTETS = 36  # what one encoded word carries: 60 characters with its frame, beside a field name
_PLAIN = re.compile(r"[\x20-\x7e]*")
_PLAIN_URL = re.compile(r"https?://[\x21\x23-\x3b=\x3f-\x5b\x5d\x5f\x61-\x7a\x7e]+")  # RFC 3986, without < > " etc.
_LIST_LABEL = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*")
MAX_LIST_ID = 255  # RFC 2919 §2


def one_line(text: str) -> str:
    """The text without what ends a line, hides or is no character: each such run is one space, none at the ends.

    Controls (Cc), line and paragraph separators, and lone surrogates, which no encoding can carry.
    """
    kept = "".join(" " if unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} else c for c in text)
    return re.sub(r" {2,}", " ", kept).strip(" ")


def text_line(name: str, text: str) -> str:
    """`Subject` and the like: plain when short ASCII, else encoded words (RFC 2047 §5 (1))."""
    value = one_line(text)
    if _is_plain(value) and len(name) + 2 + len(value) <= _LINE:
        return f"{name}: {value}"
    return _folded(name, encoded_words(value))


def address_line(name: str, address: Address) -> str:
    """`From` or `To` with one address; the name quoted or encoded, the address never (RFC 2047 §5 (3)).

    A local part beyond ASCII stands as UTF-8 (RFC 6532). Raises CannotCompose when the address is none.
    """
    target, shown = f"<{mailbox(address.value)}>", one_line(address.name)
    if not shown:
        return _folded(name, [target])
    quoted = '"' + re.sub(r'(["\\])', r"\\\1", shown) + '"'
    if _is_plain(shown) and len(name) + 2 + len(quoted) <= _LINE:
        return _folded(name, [quoted, target])
    return _folded(name, [*encoded_words(shown), target])


def url_line(name: str, url: str) -> str:
    """`List-Unsubscribe` with one http(s) address (RFC 2369 §2). Raises CannotCompose for any other text."""
    if not _PLAIN_URL.fullmatch(url) or len(f"{name}: <{url}>") > MAX_LINE:
        raise CannotCompose(f"{name} wants an http or https address in ASCII")
    return _folded(name, [f"<{url}>"])


def list_id_line(label: str, domain: str) -> str:
    """`List-Id: <label.domain>` (RFC 2919 §2). Raises CannotCompose for a label that is not dots and words."""
    list_id = f"{label}.{domain}"
    if not _LIST_LABEL.fullmatch(label) or len(list_id) > MAX_LIST_ID:
        raise CannotCompose("a list's label has letters, digits, hyphens, underscores and single dots")
    return _folded("List-Id", [f"<{list_id}>"])


def encoded_words(text: str) -> Iterator[str]:
    """RFC 2047 encoded words of whole characters; a reader joins them without the white space between."""
    word = b""
    for character in text:
        octets = character.encode()
        if len(word) + len(octets) > _WORD_OCTETS:
            yield _encoded(word)
            word = b""
        word += octets
    if word:
        yield _encoded(word)


def _encoded(octets: bytes) -> str:
    return f"=?utf-8?b?{base64.b64encode(octets).decode()}?="


def _is_plain(text: str) -> bool:
    """Whether it can stand as it is, and no reader would take part of it for an encoded word."""
    return _PLAIN.fullmatch(text) is not None and "=?" not in text


def _folded(name: str, parts: Iterable[str]) -> str:
    """Words on lines of at most 76 characters where they fit, each further line led by a space (RFC 5322 §2.2.3)."""
    lines, line = [], f"{name}:"
    for part in parts:
        if len(line) + 1 + len(part) > _LINE and line != f"{name}:":
            lines.append(line)
            line = ""
        line += f" {part}"
    return "\r\n".join([*lines, line])
