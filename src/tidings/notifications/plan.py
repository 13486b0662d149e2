"""The plan: for one event and one user, what happens on every channel and why. Pure: values in, values out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from tidings.notifications.types import Channel, NotificationType, Reason, Verdict

ALL_CHANNELS = tuple(Channel)


@dataclass(frozen=True, slots=True)
class Decision:
    """The verdict on one channel; `due_at` is set when something happens later."""

    channel: Channel
    verdict: Verdict
    reason: Reason
    due_at: datetime | None = None


Plan = tuple[Decision, ...]


@dataclass(frozen=True, slots=True)
class Wish:
    """What the sender and the type ask for: `requested` channels replace the type's default ones."""

    type_key: str
    default_channels: frozenset[Channel]
    requested_channels: frozenset[Channel] | None = None
    required: bool = False


def wish_of(kind: NotificationType, requested_channels: frozenset[Channel] | None) -> Wish:
    """What this type asks for, with the channels the sender chose, if any."""
    return Wish(kind.key, frozenset(map(Channel, kind.channels)), requested_channels, kind.required)


@dataclass(frozen=True, slots=True)
class ChannelSwitches:
    """A person's switches: one per channel, and per type where they differ. Absent means on."""

    channels: Mapping[Channel, bool] = field(default_factory=dict)
    types: Mapping[str, Mapping[Channel, bool]] = field(default_factory=dict)


ALL_ON = ChannelSwitches()


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of the recipient: whether they can be told at all, what they switched off, where they cannot be
    reached (the channels without an address that can be used, and why)."""

    is_reachable: bool = True
    switches: ChannelSwitches = ALL_ON
    lacks: tuple[tuple[Channel, Reason], ...] = ()


def plan(wish: Wish, facts: Facts, *, channels_set_up: frozenset[Channel]) -> Plan:
    """One decision for every channel, in the order of `Channel`."""
    return tuple(_decide(channel, wish, facts, channels_set_up) for channel in ALL_CHANNELS)


def _decide(channel: Channel, wish: Wish, facts: Facts, channels_set_up: frozenset[Channel]) -> Decision:
    """The first rule that applies decides: the house, the sender, the person's state, wishes, and addresses."""
    if channel not in channels_set_up:
        return _skip(channel, Reason.CHANNEL_NOT_SET_UP)
    asked_by = Reason.DEFAULT if wish.requested_channels is None else Reason.REQUESTED
    wanted = wish.default_channels if wish.requested_channels is None else wish.requested_channels
    if channel not in wanted:
        return _skip(channel, asked_by)
    if not facts.is_reachable:
        return _skip(channel, Reason.USER_INACTIVE)
    if not wish.required and not facts.switches.channels.get(channel, True):
        return _skip(channel, Reason.CHANNEL_OFF)
    if not wish.required and not facts.switches.types.get(wish.type_key, {}).get(channel, True):
        return _skip(channel, Reason.TYPE_OFF)
    for lacking, reason in facts.lacks:
        if lacking is channel:
            return _skip(channel, reason)
    return Decision(channel, Verdict.SEND, Reason.REQUIRED if wish.required else asked_by)


def _skip(channel: Channel, reason: Reason) -> Decision:
    return Decision(channel, Verdict.SKIP, reason)


def sends(decisions: Iterable[Decision], channel: Channel) -> bool:
    """Whether the plan lets this channel go out, now or later."""
    return any(d.channel is channel and d.verdict is not Verdict.SKIP for d in decisions)


def write_plan(decisions: Plan) -> str:
    """The compact form that is stored with every notification: one short array a channel."""
    return msgspec.json.encode(
        [[d.channel, d.verdict, d.reason, *([d.due_at] if d.due_at else [])] for d in decisions]
    ).decode()


def read_plan(stored: str) -> Plan:
    """The decisions that `write_plan` stored."""
    return tuple(
        Decision(Channel(channel), Verdict(verdict), Reason(reason), datetime.fromisoformat(rest[0]) if rest else None)
        for channel, verdict, reason, *rest in msgspec.json.decode(stored)
    )
