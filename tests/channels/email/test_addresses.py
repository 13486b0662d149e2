"""What counts as one plain mail address, and how it is written for SMTP."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidings.channels.email.addresses import mailbox, parse_mail_from
from tidings.channels.email.errors import CannotCompose, MailSettingsError


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("ada@example.org", "ada@example.org"),
        ("Ada.L+news@Example.ORG", "Ada.L+news@example.org"),
        ("o'brien@example.org", "o'brien@example.org"),
        ("ada@bücher.example", "ada@xn--bcher-kva.example"),
        ("ops@mailhost", "ops@mailhost"),
        ("ops@intranet.local", "ops@intranet.local"),
    ],
)
def test_an_address_is_written_with_an_ascii_domain(text: str, written: str) -> None:
    assert str(mailbox(text)) == written
    assert not mailbox(text).needs_smtputf8


def test_only_a_local_part_beyond_ascii_needs_smtputf8() -> None:
    assert mailbox("дима@пример.рф").needs_smtputf8
    assert str(mailbox("дима@пример.рф")) == "дима@xn--e1afmkfd.xn--p1ai"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ada",
        "@example.org",
        "ada@",
        "a@b@example.org",
        "ada@exa mple.org",
        "ada @example.org",
        "ada@example.org\r\nRCPT TO:<eve@example.com>",
        "ada\r\n@example.org",
        "ada@example.org> SIZE=1",
        "<ada@example.org>",
        "Ada <ada@example.org>",
        '"ada l"@example.org',
        "ada@[127.0.0.1]",
        ".ada@example.org",
        "a..b@example.org",
        "ada@-example.org",
        "ada@example..org",
        "ada@example.org.",
        "a\u2028b@example.org",
        "a\u200bb@example.org",
        "a\udcffb@example.org",
        "a" * 65 + "@example.org",
        "ada@" + ".".join(["a" * 60] * 5),
    ],
)
def test_other_texts_are_no_address(text: str) -> None:
    with pytest.raises(CannotCompose):
        mailbox(text)


@given(st.text(max_size=40), st.text(max_size=40))
def test_no_address_can_end_a_command_or_a_header(local: str, domain: str) -> None:
    try:
        written = str(mailbox(f"{local}@{domain}"))
    except CannotCompose:
        return
    assert written.count("@") == 1
    assert not set(written) & set(' \t\r\n\0<>",;:()[]\\')


def test_a_sender_may_have_a_name() -> None:
    assert parse_mail_from("Tidings <tidings@example.org>").name == "Tidings"
    assert parse_mail_from("tidings@example.org").value == "tidings@example.org"


@pytest.mark.parametrize("text", ["", "Tidings", "Tidings <>", "a@b, c@d"])
def test_a_sender_that_is_none_is_an_error_of_the_settings(text: str) -> None:
    with pytest.raises(MailSettingsError):
        parse_mail_from(text)
