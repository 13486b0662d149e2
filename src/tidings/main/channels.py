"""The channels a worker sends on. Another one is another line in `channel_setups`."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import timedelta
from typing import Any

from tidings.accounts.exports.sending import ExportSender
from tidings.accounts.exports.types import CHANNEL
from tidings.channels import base
from tidings.channels.base import HandingOver, Outcome
from tidings.channels.email.timeouts import Timeouts
from tidings.kernel.clock import Clock
from tidings.kernel.crypto import Keyring
from tidings.kernel.db import Database
from tidings.main.mail import MailService
from tidings.notifications.fanning_out import FanoutSender
from tidings.notifications.types import Channel
from tidings.outbox.backoff import Backoff
from tidings.outbox.gates import Rate
from tidings.outbox.ports import ChannelSetup
from tidings.outbox.types import DeliveryKind
from tidings.settings import Settings

# The channel has a timeout for every step and knows what a late answer means; the worker's own only ends what never
# ends. Twice the sum, because some steps are waited for more than once.
_MAIL_TIMEOUT_S = 2 * sum(astuple(Timeouts()))


@dataclass(frozen=True, slots=True)
class ChannelSender:
    """A channel with one provider, as the outbox asks for it (Any: see `tidings.outbox.ports.Prepare`)."""

    channel: base.Channel[Any]
    name: str

    def provider(self, _message: Any, /) -> str:
        return self.name

    async def send(self, message: Any, /, *, handing_over: HandingOver) -> Outcome:
        """Send it; the contract is the channel's own."""
        return await self.channel.send(message, handing_over=handing_over)


def channel_setups(settings: Settings, mail: MailService) -> Sequence[ChannelSetup]:
    """Every channel there is, with the kinds of deliveries that go out on it."""
    return [_email(settings, mail)]


def fanout_setup(database: Database) -> ChannelSetup:
    """Not a channel to anybody: slices of large and postponed events, written into inboxes.

    Two at once, so that a long one keeps no other waiting. Only the database can fail, so what failed goes again soon.
    """
    return ChannelSetup(
        name=Channel.IN_APP,
        sender=FanoutSender(database),
        kinds=frozenset({DeliveryKind.FANOUT}),
        concurrency=2,
        backoff=Backoff(cap=timedelta(minutes=1)),
    )


def export_setup(database: Database, keyring: Keyring, clock: Clock) -> ChannelSetup:
    """Not a channel either: copies of people's data, one step after the other."""
    return ChannelSetup(
        name=CHANNEL,
        sender=ExportSender(database, keyring, clock),
        kinds=frozenset({DeliveryKind.EXPORT}),
        concurrency=2,
        timeout_s=600,  # packing waits for other packing
        backoff=Backoff(cap=timedelta(minutes=1)),
    )


def _email(settings: Settings, mail: MailService) -> ChannelSetup:
    """No more sends than connections: a connection then carries no mail before the last one's outcome is recorded."""
    return ChannelSetup(
        name=Channel.EMAIL,
        sender=ChannelSender(mail.channel, mail.provider),
        kinds=frozenset({DeliveryKind.NOTIFICATION, DeliveryKind.DIGEST, DeliveryKind.ACCOUNT}),
        concurrency=settings.smtp_connections,
        timeout_s=_MAIL_TIMEOUT_S,
        rate=Rate(settings.smtp_per_minute / 60) if settings.smtp_per_minute else None,
    )
