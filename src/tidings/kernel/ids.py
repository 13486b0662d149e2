"""Identifiers: UUIDv7 (RFC 9562 §5.7), so that ids sort by the time they were made."""

import secrets
from datetime import UTC, datetime
from uuid import UUID

import uuid_utils.compat

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MAX_ORDINAL = 2**14 - 1


def new_id() -> UUID:
    """A fresh UUIDv7; ids made later in this process compare greater."""
    return uuid_utils.compat.uuid7()


def id_at(moment: datetime, ordinal: int = 0) -> UUID:
    """A UUIDv7 whose time is `moment`, to the microsecond; among ids of one moment, `ordinal` (0–16383) decides.

    The fraction of the millisecond fills `rand_a` (RFC 9562 §6.2, method 3) and the ordinal leads `rand_b`.
    """
    delta = moment - _EPOCH
    milliseconds, microseconds = divmod((delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds, 1_000)
    fraction = microseconds * 4096 // 1000
    value = milliseconds << 80 | 0x7 << 76 | fraction << 64 | 0b10 << 62
    return UUID(int=value | (ordinal & MAX_ORDINAL) << 48 | secrets.randbits(48))
