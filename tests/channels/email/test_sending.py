"""Mail through an ordinary server: what arrives is what was sent."""

import ssl

import pytest

from tests.channels.email.mails import ADA, SENDER, HandingOver, body, channel, mail, parsed
from tests.channels.email.ordinary import ordinary
from tidings.channels.base import Address, Refused, Retry, Sent
from tidings.channels.email.composing import compose

LONG = "Grüße aus Zürich, 漢字 & Ελληνικά 👩‍🚀. " * 200 + "\n.\n..two\n.QUIT\n\n\ttab  \nfrom\nFrom the end"


async def test_what_was_sent_arrives() -> None:
    letter = mail(
        subject="Bestellung №17 für „Ada“ " * 6,
        text=LONG,
        html=f"<!doctype html><p>{LONG}</p>",
        to=Address(value="ada@bücher.example", name='Ada "L" Lovelace, Gräfin'),
        unsubscribe_url="https://tidings.example.org/u/abc?x=1&y=2",
        list_label="order.shipped",
        thread="order 17",
    )
    async with ordinary() as server, channel(f"smtp://{server.authority}") as email:
        outcome = await email.send(letter, handing_over=HandingOver())
    assert outcome == Sent("2.0.0 queued as 1")
    (received,) = server.mails
    assert received.sender == "tidings@example.org"
    assert received.recipients == ["ada@xn--bcher-kva.example"]
    assert received.client_name == "example.org"
    assert received.content == compose(letter, sender=SENDER)
    message = parsed(received.content)
    assert str(message["Subject"]) == letter.subject.strip()
    assert message["To"].addresses[0].display_name == letter.to.name
    assert body(message, "plain") == LONG
    assert body(message, "html") == letter.html
    assert message["List-Unsubscribe"] == "<https://tidings.example.org/u/abc?x=1&y=2>"


async def test_an_address_beyond_ascii_goes_to_a_server_that_takes_it() -> None:
    letter = mail(to=Address(value="дима@пример.рф", name="Дима"))
    async with ordinary() as server, channel(f"smtp://{server.authority}") as email:
        assert isinstance(await email.send(letter, handing_over=HandingOver()), Sent)
    (received,) = server.mails
    assert received.recipients == ["дима@xn--e1afmkfd.xn--p1ai"]
    assert "SMTPUTF8" in received.options
    assert received.content == compose(letter, sender=SENDER)


async def test_an_address_beyond_ascii_is_refused_for_a_server_that_does_not() -> None:
    handing_over = HandingOver()
    async with ordinary(smtputf8=False) as server, channel(f"smtp://{server.authority}") as email:
        outcome = await email.send(mail(to=Address(value="дима@example.net")), handing_over=handing_over)
        assert isinstance(await email.send(mail(), handing_over=HandingOver()), Sent)
    assert isinstance(outcome, Refused)
    assert "SMTPUTF8" in outcome.detail
    assert handing_over.times == 0
    assert len(server.mails) == 1


async def test_a_mail_larger_than_the_server_takes_is_refused_before_it_is_sent() -> None:
    handing_over = HandingOver()
    async with ordinary(size_limit=2000) as server, channel(f"smtp://{server.authority}") as email:
        assert isinstance(await email.send(mail(text="x" * 4000), handing_over=handing_over), Refused)
        assert isinstance(await email.send(mail(), handing_over=HandingOver()), Sent)
    assert handing_over.times == 0
    assert len(server.sessions) == 1


async def test_one_connection_carries_mail_after_mail() -> None:
    async with ordinary() as server, channel(f"smtp://{server.authority}") as email:
        for number in range(5):
            await email.send(mail(subject=f"Mail {number}"), handing_over=HandingOver())
    assert [str(parsed(received.content)["Subject"]) for received in server.mails] == [f"Mail {n}" for n in range(5)]
    assert len(server.sessions) == 1


async def test_smtps_is_encrypted_from_the_start(server_tls: ssl.SSLContext, client_tls: ssl.SSLContext) -> None:
    async with (
        ordinary(tls=server_tls, passwords={"ada": "p@ss"}) as server,
        channel(f"smtps://ada:p%40ss@{server.authority}", tls_context=client_tls) as email,
    ):
        assert isinstance(await email.send(mail(text=LONG * 20), handing_over=HandingOver()), Sent)
        check = await email.check()
    assert server.mails[0].was_encrypted
    assert server.mails[0].user == "ada"
    assert body(parsed(server.mails[0].content), "plain") == LONG * 20
    assert (check.is_fine, "encrypted, signed in as ada" in check.detail) == (True, True)


@pytest.mark.parametrize("without", [(), ("PLAIN",)])
async def test_starttls_comes_before_the_password(
    server_tls: ssl.SSLContext, client_tls: ssl.SSLContext, without: tuple[str, ...]
) -> None:
    async with (
        ordinary(starttls=server_tls, passwords={"ada": "päss"}, without=without) as server,
        channel(f"smtp://ada:p%C3%A4ss@{server.authority}", tls_context=client_tls) as email,
    ):
        assert isinstance(await email.send(mail(), handing_over=HandingOver()), Sent)
    assert server.mails[0].was_encrypted
    assert server.mails[0].user == "ada"


async def test_starttls_is_taken_when_offered(server_tls: ssl.SSLContext, client_tls: ssl.SSLContext) -> None:
    async with ordinary(starttls=server_tls) as server:
        async with channel(f"smtp://{server.authority}", tls_context=client_tls) as email:
            await email.send(mail(), handing_over=HandingOver())
        async with channel(f"smtp://{server.authority}?tls=off", tls_context=client_tls) as email:
            await email.send(mail(), handing_over=HandingOver())
    assert [received.was_encrypted for received in server.mails] == [True, False]


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
async def test_a_certificate_nobody_trusts_ends_the_connection(server_tls: ssl.SSLContext, scheme: str) -> None:
    kind = {"tls": server_tls} if scheme == "smtps" else {"starttls": server_tls}
    handing_over = HandingOver()
    async with ordinary(**kind) as server, channel(f"{scheme}://{server.authority}") as email:  # type: ignore[arg-type]
        outcome = await email.send(mail(), handing_over=handing_over)
        check = await email.check()
    assert isinstance(outcome, Retry)
    assert "certificate" in outcome.detail
    assert (server.mails, handing_over.times, check.is_fine) == ([], 0, False)


async def test_a_certificate_of_another_host_ends_the_connection(
    server_tls: ssl.SSLContext, client_tls: ssl.SSLContext
) -> None:
    async with ordinary(tls=server_tls) as server:
        port = server.authority.partition(":")[2]
        async with channel(f"smtps://127.0.0.1:{port}", tls_context=client_tls) as email:
            assert isinstance(await email.send(mail(), handing_over=HandingOver()), Retry)
    assert server.mails == []


async def test_a_wrong_password_is_tried_once_and_the_mail_kept_for_later(
    server_tls: ssl.SSLContext, client_tls: ssl.SSLContext
) -> None:
    async with (
        ordinary(tls=server_tls, passwords={"ada": "right"}) as server,
        channel(f"smtps://ada:wrong@{server.authority}", tls_context=client_tls) as email,
    ):
        outcome = await email.send(mail(to=ADA), handing_over=HandingOver())
        check = await email.check()
    assert isinstance(outcome, Retry)
    assert "signing in as ada was refused: 535 5.7.8" in outcome.detail
    assert not check.is_fine
    assert "TIDINGS_SMTP_URL" in check.what_to_do


async def test_a_server_that_is_away_is_worth_another_try() -> None:
    async with ordinary() as server:
        pass
    async with channel(f"smtp://{server.authority}") as email:
        assert isinstance(await email.send(mail(), handing_over=HandingOver()), Retry)
        assert not (await email.check()).is_fine


async def test_a_check_sends_nothing() -> None:
    async with ordinary() as server, channel(f"smtp://{server.authority}") as email:
        check = await email.check()
    assert check.is_fine
    assert "in the clear" in check.detail
    assert server.mails == []
