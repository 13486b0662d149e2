"""A server that refuses, stalls, resets or talks nonsense, at each step: what becomes of the mail, exactly."""

import ssl
from dataclasses import replace

import pytest

from tests.channels.email.mails import SENDER, HandingOver, channel, mail
from tests.channels.email.peer import CLOSE, DEAF, RESET, STALL, Answer, Peer, Script, hostile
from tidings.channels.base import Gone, Outcome, Refused, Retry, Sent, Unknown
from tidings.channels.email.channel import EmailChannel
from tidings.channels.email.composing import compose
from tidings.channels.email.server import parse_smtp_url
from tidings.channels.email.timeouts import Timeouts

SHORT = 0.2
BIG = mail(text="x" * 2**23)  # more than the buffers between two processes hold
NONSENSE = (
    "hello there",
    b"\xff\xfe\x00\x01\r\n",
    "25",
    b"\r\n",
    b"250-a\r\n" * 9000,
    b"2" * 70_000,
    "999 what",
    "150 x",
)


async def attempt(script: Script, *, timeouts: Timeouts | None = None, big: bool = False) -> tuple[Outcome, int, Peer]:
    """The outcome of one mail, how often the hand-over was announced, and the peer."""
    handing_over = HandingOver()
    async with hostile(script) as peer, channel(peer.url, timeouts=timeouts) as email:
        outcome = await email.send(BIG if big else mail(), handing_over=handing_over)
    return outcome, handing_over.times, peer


def with_password(peer: Peer) -> str:
    return peer.url.replace("://", "://ada:hunter2@")


# --- refusals ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("step", "reply", "expected", "announced"),
    [
        ("banner", "554 no service for you", Retry, 0),
        ("banner", "421 too many", Retry, 0),
        ("EHLO", "550 go away", Retry, 0),
        ("EHLO", "421 going down", Retry, 0),
        ("MAIL", "550 5.7.1 sender refused", Refused, 0),
        ("MAIL", "552 5.3.4 too big", Refused, 0),
        ("MAIL", "530 5.7.0 sign in first", Retry, 0),
        ("MAIL", "451 4.3.0 later", Retry, 0),
        ("MAIL", "421 4.3.2 going down", Retry, 0),
        ("RCPT", "550 5.1.1 no such user", Gone, 0),
        ("RCPT", "550-5.1.1 no such\r\n550 5.1.1 user here", Gone, 0),
        ("RCPT", "550 5.7.1 spam", Refused, 0),
        ("RCPT", "550 no such user", Refused, 0),
        ("RCPT", "450 4.2.0 greylisted", Retry, 0),
        ("RCPT", "421 4.3.2 going down", Retry, 0),
        ("RCPT", "251 will forward", Sent, 1),
        ("DATA", "554 no valid recipients", Refused, 1),
        ("DATA", "451 later", Retry, 1),
        ("DATA", "421 going down", Retry, 1),
        ("DATA", "250 what", Retry, 1),
        ("dot", "552 5.3.4 too big", Refused, 1),
        ("dot", "554 5.7.1 spam", Refused, 1),
        ("dot", "550 5.1.1 no such user after all", Gone, 1),
        ("dot", "451 4.3.0 disk full", Retry, 1),
        ("dot", "421 4.3.2 going down", Retry, 1),
        ("dot", "354 go on", Unknown, 1),
        ("dot", "250 2.0.0 queued", Sent, 1),
    ],
)
async def test_a_reply_decides(step: str, reply: str, expected: type[Outcome], announced: int) -> None:
    outcome, times, peer = await attempt({step: reply})
    assert (type(outcome), times) == (expected, announced)
    assert len(peer.mails) == (step == "dot" or expected is Sent)


@pytest.mark.parametrize(
    ("script", "is_outage"),
    [
        ({"banner": "554 no service for you"}, True),
        ({"banner": CLOSE}, True),
        ({"MAIL": "421 going down"}, True),
        ({"MAIL": "530 sign in first"}, True),
        ({"RCPT": RESET}, True),
        ({"dot": RESET}, True),
        ({"dot": "?"}, True),
        ({"RCPT": "450 greylisted"}, False),
        ({"RCPT": "451 later"}, False),
        ({"dot": "452 no room for this one"}, False),
    ],
)
async def test_a_failing_server_is_told_from_a_mail_that_must_wait(script: Script, is_outage: bool) -> None:
    outcome, _, _ = await attempt(script)
    assert isinstance(outcome, Retry | Unknown)
    assert outcome.is_outage is is_outage


async def test_a_refusal_tells_the_servers_words() -> None:
    outcome, _, _ = await attempt({"RCPT": "550 5.7.1 we \x00 do not\x1b like you"})
    assert outcome == Refused("RCPT: 550 5.7.1 we do not like you")


async def test_the_connection_serves_the_next_mail_after_a_refusal() -> None:
    async with hostile({"RCPT": ["550 no", "250 ok"]}) as peer, channel(peer.url) as email:
        assert isinstance(await email.send(mail(), handing_over=HandingOver()), Refused)
        assert isinstance(await email.send(mail(), handing_over=HandingOver()), Sent)
    assert peer.connections == 1
    assert peer.verbs[:7] == ["EHLO", "MAIL", "RCPT", "RSET", "MAIL", "RCPT", "DATA"]


# --- silence -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("step", "deed", "timeouts", "expected", "announced"),
    [
        ("banner", STALL, Timeouts(connect=SHORT), Retry, 0),
        ("EHLO", STALL, Timeouts(ehlo=SHORT), Retry, 0),
        ("MAIL", STALL, Timeouts(mail=SHORT), Retry, 0),
        ("RCPT", STALL, Timeouts(rcpt=SHORT), Retry, 0),
        ("DATA", STALL, Timeouts(data=SHORT), Retry, 1),
        ("content", DEAF, Timeouts(block=SHORT), Retry, 1),
        ("dot", STALL, Timeouts(final_dot=SHORT), Unknown, 1),
    ],
)
async def test_a_stall_ends(
    step: str, deed: Answer, timeouts: Timeouts, expected: type[Outcome], announced: int
) -> None:
    outcome, times, peer = await attempt({step: deed}, timeouts=timeouts, big=step == "content")
    assert (type(outcome), times) == (expected, announced)
    assert "no answer in time" in str(outcome)
    assert isinstance(outcome, Retry | Unknown)
    assert outcome.is_outage
    assert len(peer.mails) == (step == "dot")


async def test_a_stall_while_a_large_mail_is_sent_encrypted_ends(
    server_tls: ssl.SSLContext, client_tls: ssl.SSLContext
) -> None:
    async with (
        hostile({"content": DEAF}, tls=server_tls) as peer,
        channel(peer.url, tls_context=client_tls, timeouts=Timeouts(block=SHORT)) as email,
    ):
        assert isinstance(await email.send(BIG, handing_over=HandingOver()), Retry)
    assert peer.mails == []


async def test_half_a_reply_is_silence() -> None:
    outcome, _, _ = await attempt({"RCPT": b"250-wait for it\r\n250 o"}, timeouts=Timeouts(rcpt=SHORT))
    assert isinstance(outcome, Retry)


async def test_a_stall_in_starttls_ends() -> None:
    script: Script = {"EHLO": "250-peer\r\n250 STARTTLS", "STARTTLS": STALL}
    outcome, _, peer = await attempt(script, timeouts=Timeouts(starttls=SHORT))
    assert isinstance(outcome, Retry)
    assert "MAIL" not in peer.verbs


# --- breaks ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("deed", [RESET, CLOSE])
@pytest.mark.parametrize(
    ("step", "expected", "announced"),
    [
        ("banner", Retry, 0),
        ("EHLO", Retry, 0),
        ("MAIL", Retry, 0),
        ("RCPT", Retry, 0),
        ("DATA", Retry, 1),
        ("content", Retry, 1),
        ("dot", Unknown, 1),
    ],
)
async def test_a_break_is_told_by_its_moment(deed: Answer, step: str, expected: type[Outcome], announced: int) -> None:
    outcome, times, peer = await attempt({step: deed}, big=step == "content")
    assert (type(outcome), times) == (expected, announced)
    assert len(peer.mails) == (step == "dot")


async def test_after_a_break_the_next_mail_gets_a_new_connection() -> None:
    async with hostile({"dot": [RESET, "250 ok"]}) as peer, channel(peer.url) as email:
        assert isinstance(await email.send(mail(), handing_over=HandingOver()), Unknown)
        assert isinstance(await email.send(mail(), handing_over=HandingOver()), Sent)
    assert peer.connections == 2


async def test_a_421_after_acceptance_costs_the_connection_and_no_mail() -> None:
    async with hostile({"RSET": "421 4.3.2 that was enough"}) as peer, channel(peer.url) as email:
        for _ in range(3):
            assert isinstance(await email.send(mail(), handing_over=HandingOver()), Sent)
    assert (peer.connections, len(peer.mails)) == (3, 3)


# --- nonsense ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("nonsense", NONSENSE)
@pytest.mark.parametrize(
    ("step", "expected"),
    [("banner", Retry), ("EHLO", Retry), ("MAIL", Retry), ("RCPT", Retry), ("DATA", Retry), ("dot", Unknown)],
)
async def test_nonsense_is_no_reply(nonsense: str | bytes, step: str, expected: type[Outcome]) -> None:
    outcome, _, _ = await attempt({step: nonsense})
    assert isinstance(outcome, expected)
    assert len(str(outcome)) < 1000


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA"])
async def test_two_replies_to_one_command_are_not_taken_for_acceptance(step: str) -> None:
    said = "354 go on" if step == "DATA" else "250 ok"
    outcome, _, peer = await attempt({step: f"{said}\r\n250 2.0.0 queued", "dot": "554 no"})
    assert isinstance(outcome, Retry)
    assert peer.mails == []


async def test_a_long_reply_within_reason_is_read() -> None:
    reply = "\r\n".join([*(f"250-{'x' * 500}" for _ in range(40)), "250 ok"])
    assert isinstance((await attempt({"RCPT": reply}))[0], Sent)


async def test_a_server_that_knows_no_ehlo_is_greeted_the_old_way() -> None:
    outcome, _, peer = await attempt({"EHLO": "502 not implemented"})
    assert isinstance(outcome, Sent)
    assert peer.heard[:3] == ["EHLO example.org", "HELO example.org", "MAIL FROM:<tidings@example.org>"]


# --- secrets -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("offer", ["AUTH PLAIN LOGIN", "8BITMIME"])
async def test_a_password_is_never_sent_without_tls(offer: str) -> None:
    handing_over = HandingOver()
    async with (
        hostile({"EHLO": f"250-peer\r\n250 {offer}"}) as peer,
        channel(with_password(peer)) as email,
    ):
        outcome = await email.send(mail(), handing_over=handing_over)
        check = await email.check()
    assert isinstance(outcome, Retry)
    assert "offers no TLS" in outcome.detail
    assert not check.is_fine
    assert set(peer.verbs) <= {"EHLO", "QUIT"}
    assert handing_over.times == 0


async def test_not_even_settings_made_by_hand_send_a_password_without_tls() -> None:
    async with hostile({"EHLO": "250-peer\r\n250 AUTH PLAIN"}) as peer:
        server = replace(parse_smtp_url(peer.url), user="ada", password="hunter2")
        email = EmailChannel(server, sender=SENDER)
        assert isinstance(await email.send(mail(), handing_over=HandingOver()), Retry)
    assert "AUTH" not in peer.verbs


async def test_required_tls_is_required_of_mail_without_a_password_too() -> None:
    async with hostile({}) as peer, channel(f"{peer.url}?tls=required") as email:
        assert isinstance(await email.send(mail(), handing_over=HandingOver()), Retry)
    assert "MAIL" not in peer.verbs


@pytest.mark.parametrize("reply", ["454 4.7.0 not now", "501 no", "220 then nothing of TLS"])
async def test_a_failed_starttls_is_not_followed_by_plain_text(reply: str) -> None:
    script: Script = {"EHLO": "250-peer\r\n250 STARTTLS", "STARTTLS": reply}
    outcome, _, peer = await attempt(script, timeouts=Timeouts(starttls=SHORT))
    assert isinstance(outcome, Retry)
    assert "MAIL" not in peer.verbs


async def test_what_was_said_before_tls_is_forgotten(server_tls: ssl.SSLContext, client_tls: ssl.SSLContext) -> None:
    """A reply injected behind the plain 220 must not be read as part of the encrypted session."""
    script: Script = {"EHLO": "250-peer\r\n250 STARTTLS", "STARTTLS": "220 go\r\n250-evil\r\n250 AUTH PLAIN"}
    async with (
        hostile(script) as peer,
        channel(with_password(peer), tls_context=client_tls, timeouts=Timeouts(starttls=SHORT)) as email,
    ):
        assert isinstance(await email.send(mail(), handing_over=HandingOver()), Retry)
    assert "AUTH" not in peer.verbs


@pytest.mark.parametrize("reply", ["535 5.7.8 you sent AGFkYQBodW50ZXIy", "535 hunter2 is wrong", "454 later", RESET])
async def test_an_outcome_never_holds_a_password(
    reply: Answer, server_tls: ssl.SSLContext, client_tls: ssl.SSLContext
) -> None:
    async with (
        hostile({"EHLO": "250-peer\r\n250 AUTH LOGIN PLAIN", "AUTH": reply}, tls=server_tls) as peer,
        channel(with_password(peer), tls_context=client_tls) as email,
    ):
        outcome = await email.send(mail(), handing_over=HandingOver())
    assert isinstance(outcome, Retry)
    assert "hunter2" not in str(outcome)
    assert "AGFkYQBodW50ZXIy" not in str(outcome)
    assert [line for line in peer.heard if line.startswith("AUTH")] == ["AUTH PLAIN AGFkYQBodW50ZXIy"]


async def test_a_stall_while_signing_in_ends(server_tls: ssl.SSLContext, client_tls: ssl.SSLContext) -> None:
    async with (
        hostile({"EHLO": "250-peer\r\n250 AUTH PLAIN", "AUTH": STALL}, tls=server_tls) as peer,
        channel(with_password(peer), tls_context=client_tls, timeouts=Timeouts(auth=SHORT)) as email,
    ):
        assert isinstance(await email.send(mail(), handing_over=HandingOver()), Retry)


# --- our own side ------------------------------------------------------------------------------------------


async def test_the_hand_over_is_announced_after_the_recipient_was_accepted_and_before_data() -> None:
    said_by_then: list[str] = []
    async with hostile({}) as peer, channel(peer.url) as email:

        async def handing_over() -> None:
            said_by_then.extend(peer.verbs)

        await email.send(mail(), handing_over=handing_over)
    assert said_by_then == ["EHLO", "MAIL", "RCPT"]
    assert peer.mails == [compose(mail(), sender=SENDER) + b".\r\n"]


async def test_a_hand_over_that_cannot_be_recorded_sends_nothing() -> None:
    class LeaseLost(Exception):
        pass

    async with hostile({}) as peer, channel(peer.url) as email:
        with pytest.raises(LeaseLost):
            await email.send(mail(), handing_over=HandingOver(LeaseLost()))
        assert isinstance(await email.send(mail(), handing_over=HandingOver()), Sent)
    assert peer.verbs.count("DATA") == 1
    assert peer.connections == 2
