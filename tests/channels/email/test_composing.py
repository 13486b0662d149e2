"""A mail as octets: what is in it, and that no content can change its shape."""

import email.header
import re
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32
from email.utils import parseaddr

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.channels.email.mails import ADA, NOON, SENDER, body, mail, parsed
from tidings.channels.base import Address
from tidings.channels.email.composing import Mail, compose, quoted_printable
from tidings.channels.email.errors import CannotCompose
from tidings.channels.email.headers import encoded_words, one_line

ANY_TEXT = st.text(st.characters(), max_size=200)  # surrogates and controls too
HOSTILE = st.one_of(
    ANY_TEXT,
    st.lists(
        st.sampled_from(
            (
                *("\r\n", "\n", "\r", "\0", "Bcc: eve@example.com", "=?utf-8?q?=0D=0A?=", "=?", "?=", '"', "\\"),
                *(",", "<", " ", ".", "--", "\u2028", "\x85", "ü", "漢字", "👩\u200d🚀", "\ud800", "x" * 90),
            )
        ),
        max_size=12,
    ).map("".join),
)
FULL = mail(
    html="<p>Your order is on its way.</p>",
    unsubscribe_url="https://tidings.example.org/api/v1/notifications/unsubscribe/abc",
    list_label="order.shipped",
    thread="order 17",
)
NAMES = [
    *("Date", "From", "To", "Subject", "Message-ID", "In-Reply-To", "References", "Auto-Submitted", "List-Id"),
    *("List-Unsubscribe", "List-Unsubscribe-Post", "MIME-Version", "Content-Type"),
]


def raw(content: bytes) -> Message:
    """Headers as they were written, so that decoding is the test's own."""
    return BytesParser(policy=compat32).parsebytes(content)


def decoded(value: str) -> str:
    return str(email.header.make_header(email.header.decode_header(re.sub(r"\r\n(?=[ \t])", "", value))))


def full(**changes: str) -> Mail:
    return mail(
        html=changes.get("html", FULL.html),
        subject=changes.get("subject", FULL.subject),
        text=changes.get("text", FULL.text),
        to=Address(value=changes.get("to", ADA.value), name=changes.get("name", ADA.name)),
        unsubscribe_url=changes.get("unsubscribe_url", FULL.unsubscribe_url),
        list_label=changes.get("list_label", FULL.list_label),
        thread=changes.get("thread", FULL.thread),
    )


def test_a_mail_says_who_what_when_and_how_to_stop_it() -> None:
    message = parsed(compose(FULL, sender=SENDER))
    assert message.keys() == NAMES
    assert dict(message.items()) | {"References": ""} == {
        "Date": "Mon, 02 Mar 2026 12:00:00 +0000",
        "From": "Tidings <tidings@example.org>",
        "To": "Ada <ada@example.net>",
        "Subject": "Order 17 shipped",
        "Message-ID": f"<{FULL.delivery_id}@example.org>",
        "In-Reply-To": message["References"],
        "References": "",
        "Auto-Submitted": "auto-generated",
        "List-Id": "<order.shipped.example.org>",
        "List-Unsubscribe": "<https://tidings.example.org/api/v1/notifications/unsubscribe/abc>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "MIME-Version": "1.0",
        "Content-Type": message["Content-Type"],
    }
    assert message["Date"].datetime == NOON
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]


def test_a_mail_without_html_is_plain_text() -> None:
    message = parsed(compose(mail(text="Grüße\n"), sender=SENDER))
    assert message.get_content_type() == "text/plain"
    assert body(message, "plain") == "Grüße"


def test_the_same_mail_is_composed_alike_and_another_attempt_keeps_its_id() -> None:
    assert compose(FULL, sender=SENDER) == compose(FULL, sender=SENDER)


def test_mails_of_a_thread_answer_the_same_root() -> None:
    first, other = (parsed(compose(full(thread=thread), sender=SENDER)) for thread in ("order 17", "order 18"))
    again = parsed(compose(full(thread="order 17", subject="Order 17 arrived"), sender=SENDER))
    assert first["References"] == again["References"] == again["In-Reply-To"]
    assert first["References"] != other["References"]


def test_a_name_is_shown_as_it_is() -> None:
    for name in ("Lovelace, Ada", 'Ada "the" \\ Countess', "Åda Ω 漢字", "=?utf-8?q?Eve?=", "x" * 200):
        message = raw(compose(full(name=name), sender=SENDER))
        shown, address = parseaddr(message["To"].replace("\r\n", ""))
        assert (decoded(shown), address) == (name, ADA.value)


def test_an_address_beyond_ascii_stands_as_it_is() -> None:
    content = compose(mail(to=Address(value="дима@пример.рф", name="Дима")), sender=SENDER)
    assert " <дима@xn--e1afmkfd.xn--p1ai>\r\n".encode() in content
    assert str(parsed(content)["To"].addresses[0].addr_spec) == "дима@xn--e1afmkfd.xn--p1ai"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("to", "ada@example.net\r\nBcc: eve@example.com"),
        ("to", "ada@example.net, eve@example.com"),
        ("list_label", "a b"),
        ("list_label", "a>\r\nBcc: eve@example.com"),
        ("list_label", ".a"),
        ("list_label", "a" * 250),
        ("unsubscribe_url", "mailto:eve@example.com"),
        ("unsubscribe_url", "https://example.org/> , <https://example.com"),
        ("unsubscribe_url", "https://example.org/\r\nBcc: eve@example.com"),
        ("unsubscribe_url", "https://example.org/ü"),
        ("unsubscribe_url", "https://example.org/" + "a" * 1000),
        ("unsubscribe_url", "javascript:alert(1)"),
    ],
)
def test_what_cannot_be_written_is_refused(field: str, value: str) -> None:
    with pytest.raises(CannotCompose):
        compose(full(**{field: value}), sender=SENDER)


@given(HOSTILE, HOSTILE)
@example("a\r\nBcc: eve@example.com", "Ada\r\n\r\n<script>")
def test_row_42_no_subject_or_name_adds_a_header_or_is_misread(subject: str, name: str) -> None:
    content = compose(full(subject=subject, name=name, thread=subject), sender=SENDER)
    message = raw(content)
    assert message.keys() == NAMES
    assert decoded(message["Subject"]) == one_line(subject)
    shown, address = parseaddr(message["To"].replace("\r\n", ""))
    assert (decoded(shown), address) == (one_line(name), ADA.value)
    assert [part.get_content_type() for part in message.walk()][1:] == ["text/plain", "text/html"]


@given(st.sampled_from(["to", "list_label", "unsubscribe_url"]), HOSTILE)
def test_row_42_no_address_adds_a_header(field: str, value: str) -> None:
    try:
        content = compose(full(**{field: value}), sender=SENDER)
    except CannotCompose:
        return
    assert raw(content).keys() == NAMES


@given(HOSTILE, HOSTILE)
@example("--=_01931c2e7d0070008000\r\n.\r\nQUIT", "<p>--=_01931c2e7d007000800000000000000a--</p>")
def test_no_body_changes_the_shape_or_is_misread(text: str, html: str) -> None:
    message = parsed(compose(full(text=text, html=html), sender=SENDER))
    assert [part.get_content_type() for part in message.walk()][1:] == ["text/plain", "text/html"]
    for kind, given_text in (("plain", text), ("html", html)):
        lines = re.sub("\r\n?", "\n", given_text).encode(errors="replace").decode()
        assert body(message, kind) == _without_controls(lines).rstrip("\n")


def test_the_boundary_itself_may_be_written_about() -> None:
    boundary = parsed(compose(FULL, sender=SENDER)).get_boundary()
    written = f"--{boundary}\n--{boundary}--\nthe end"
    message = parsed(compose(full(text=written), sender=SENDER))
    assert [part.get_content_type() for part in message.walk()][1:] == ["text/plain", "text/html"]
    assert body(message, "plain") == written


def test_what_ends_a_line_anywhere_becomes_a_space() -> None:
    assert one_line(" a\r\n\tb\0\x85c\u2028d\u2029e\udc80 ") == "a b c d e"


@given(HOSTILE, HOSTILE, HOSTILE)
def test_lines_end_with_crlf_are_short_ascii_and_never_a_lone_dot(subject: str, name: str, text: str) -> None:
    content = compose(full(subject=subject * 5, name=name * 5, text=text * 20), sender=SENDER)
    assert content.isascii()
    assert content.endswith(b"\r\n")
    assert not re.search(rb"\r(?!\n)|(?<!\r)\n", content)
    lines = content.split(b"\r\n")
    assert max(map(len, lines)) <= 100
    assert b"." not in lines
    assert all(len(line) <= 76 for line in lines if b"=?" in line)


@given(ANY_TEXT)
def test_an_encoded_word_holds_whole_characters_and_at_most_75(text: str) -> None:
    for word in encoded_words(one_line(text)):
        assert len(word) <= 75
        assert decoded(word)


@given(st.text(st.characters(), max_size=2000))
def test_quoted_printable_lines_are_at_most_76(text: str) -> None:
    assert all(len(line) <= 76 for line in quoted_printable(text))


def _without_controls(text: str) -> str:
    return "".join(c for c in text if c in "\n\t" or not ("\0" <= c < " " or "\x7f" <= c <= "\x9f"))
