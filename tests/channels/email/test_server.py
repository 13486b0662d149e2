"""The mail server's URL: what it may say, and that its password stays in it."""

import pytest

from tidings.channels.email.errors import MailSettingsError
from tidings.channels.email.server import SmtpServer, Tls, parse_smtp_url


def test_a_url_names_server_user_and_password() -> None:
    assert parse_smtp_url("smtp://ada:p%40ss%3A%2F@mail.example.org:2525") == SmtpServer(
        host="mail.example.org", port=2525, tls=Tls.REQUIRED, user="ada", password="p@ss:/"
    )


@pytest.mark.parametrize(
    ("url", "port", "tls"),
    [
        ("smtp://mail.example.org", 587, Tls.OPTIONAL),
        ("smtp://mail.example.org:25?tls=required", 25, Tls.REQUIRED),
        ("smtp://mail.example.org/?tls=off", 587, Tls.OFF),
        ("smtp://u:p@mail.example.org?tls=optional", 587, Tls.REQUIRED),
        ("smtps://mail.example.org", 465, Tls.IMPLICIT),
        ("smtps://u:p@mail.example.org:4650?tls=required", 4650, Tls.IMPLICIT),
    ],
)
def test_the_scheme_decides_port_and_encryption(url: str, port: int, tls: Tls) -> None:
    server = parse_smtp_url(url)
    assert (server.port, server.tls) == (port, tls)


def test_a_host_may_be_an_address_or_beyond_ascii() -> None:
    assert str(parse_smtp_url("smtp://[::1]:25")) == "[::1]:25"
    assert parse_smtp_url("smtp://bücher.example").host == "xn--bcher-kva.example"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mail.example.org:587",
        "http://u:hunter2@mail.example.org",
        "smtp://",
        "smtp://u:hunter2@",
        "smtp://u:hunter2@mail.example.org:port",
        "smtp://u:hunter2@mail.example.org:70000",
        "smtp://u:hunter2@mail.example.org/inbox",
        "smtp://u:hunter2@mail.example.org?tls=off",
        "smtp://u:hunter2@mail.example.org?tls=maybe",
        "smtp://u:hunter2@mail.example.org?verify=no",
        "smtps://u:hunter2@mail.example.org?tls=off",
        "smtp://u:hunter2%00@mail.example.org",
        "smtp://:hunter2@mail.example.org",
        "smtp://u@mail.example.org",
        "smtp://u:hunter2@[::1",
        "smtp://u:hunter2#x@mail.example.org",
        "smtp://u:hunter2/x@mail.example.org",
    ],
)
def test_another_url_is_refused_without_repeating_the_password(url: str) -> None:
    with pytest.raises(MailSettingsError) as refused:
        parse_smtp_url(url)
    assert "hunter2" not in str(refused.value)
    assert refused.value.__context__ is None or refused.value.__suppress_context__


def test_a_server_does_not_show_its_password() -> None:
    server = parse_smtp_url("smtp://u:hunter2@mail.example.org")
    assert "hunter2" not in f"{server!r} {server}"
