"""What every channel promises (`tidings.channels.base.Channel`), asked of both that take mail."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from tests.channels.email.mails import SENDER, HandingOver, channel, mail
from tests.channels.email.ordinary import ordinary
from tidings.channels.base import Address, Channel, Refused, Sent
from tidings.channels.email.composing import Mail
from tidings.channels.email.mailbox import MailboxChannel, MailFolder


class Sender:
    """A channel and how many mails it has sent."""

    def __init__(self, under_test: Channel[Mail], count: Callable[[], int]) -> None:
        self.channel = under_test
        self.count = count


@pytest.fixture(params=["server", "folder"])
async def sender(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Sender]:
    if request.param == "folder":
        folder = MailFolder(tmp_path)
        yield Sender(MailboxChannel(folder, sender=SENDER), lambda: len(folder.newest()))
    else:
        async with ordinary() as server, channel(f"smtp://{server.authority}") as email:
            yield Sender(email, lambda: len(server.mails))


async def test_a_mail_is_announced_once_and_sent(sender: Sender) -> None:
    handing_over = HandingOver()
    assert isinstance(await sender.channel.send(mail(), handing_over=handing_over), Sent)
    assert (handing_over.times, sender.count()) == (1, 1)


async def test_a_hand_over_that_fails_sends_nothing_and_is_passed_on(sender: Sender) -> None:
    with pytest.raises(LookupError):
        await sender.channel.send(mail(), handing_over=HandingOver(LookupError()))
    assert sender.count() == 0


async def test_what_cannot_be_addressed_is_refused_before_it_is_announced(sender: Sender) -> None:
    handing_over = HandingOver()
    outcome = await sender.channel.send(mail(to=Address(value="a\r\nb@c.org")), handing_over=handing_over)
    assert isinstance(outcome, Refused)
    assert (handing_over.times, sender.count()) == (0, 0)


async def test_a_check_is_fine_and_sends_nothing(sender: Sender) -> None:
    assert (await sender.channel.check()).is_fine
    assert sender.count() == 0
