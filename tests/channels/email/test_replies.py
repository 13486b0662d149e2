"""What each reply means for a mail and for its address."""

import pytest

from tidings.channels.base import Gone, Refused, Retry, Sent, Unknown
from tidings.channels.email.replies import MAX_DETAIL, Reply, Step, readable, refusal, verdict

_STEPS = (Step.MAIL, Step.RCPT, Step.DATA, Step.FINAL_DOT)


@pytest.mark.parametrize("step", _STEPS)
@pytest.mark.parametrize("code", [421, 450, 451, 452, 454, 499])
def test_a_4yz_reply_is_worth_another_try(step: Step, code: int) -> None:
    assert isinstance(refusal(step, Reply(code, "4.3.2 later")), Retry)


@pytest.mark.parametrize("step", _STEPS)
@pytest.mark.parametrize("code", [501, 521, 550, 551, 552, 553, 554, 555, 556])
def test_a_5yz_reply_is_final(step: Step, code: int) -> None:
    assert isinstance(refusal(step, Reply(code, "no")), Refused)


@pytest.mark.parametrize("step", [Step.RCPT, Step.FINAL_DOT])
@pytest.mark.parametrize("enhanced", ["5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10"])
def test_an_unknown_mailbox_is_gone(step: Step, enhanced: str) -> None:
    assert isinstance(refusal(step, Reply(550, f"{enhanced} User unknown")), Gone)


@pytest.mark.parametrize("text", ["5.7.1 spam", "5.2.1 too fast", "5.2.2 full", "5.1.11 ?", "No such user", "4.1.1 x"])
def test_an_address_is_not_removed_for_less(text: str) -> None:
    assert isinstance(refusal(Step.RCPT, Reply(550, text)), Refused)


def test_a_refused_sender_does_not_cost_the_recipient_their_address() -> None:
    assert isinstance(refusal(Step.MAIL, Reply(550, "5.1.1 unknown sender")), Refused)


@pytest.mark.parametrize("code", [500, 502, 503, 530, 535, 538])
def test_what_is_wrong_with_the_session_does_not_end_the_mail(code: int) -> None:
    assert isinstance(refusal(Step.MAIL, Reply(code, "5.7.0 sign in first")), Retry)


def test_any_2yz_reply_to_the_content_is_acceptance_and_its_text_the_reference() -> None:
    assert verdict(Reply(250, "2.0.0 queued as 7")) == Sent("2.0.0 queued as 7")
    assert verdict(Reply(259, "")) == Sent(None)


@pytest.mark.parametrize("code", [-1, 0, 150, 354, 600, 999])
def test_a_reply_that_is_none_leaves_a_handed_over_mail_unknown(code: int) -> None:
    assert isinstance(verdict(Reply(code, "?")), Unknown)


def test_a_servers_words_become_one_short_printable_line() -> None:
    assert readable("a\0b\r\n c\udcff\x1b[2J") == "a b c [2J"
    assert len(readable("x" * 10_000)) == MAX_DETAIL
