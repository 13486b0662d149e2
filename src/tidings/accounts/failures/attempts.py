"""One try to be somebody."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.audit.types import Actor, ActorKind
from tidings.accounts.known_devices.knowing import device_of
from tidings.accounts.sessions import Device
from tidings.kernel.crypto import Keyring


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """As whom it is tried, from which known device, by whom as far as is known, and when."""

    subject: UUID
    user_id: UUID | None
    device: UUID
    by: Actor
    now: datetime


async def attempt_of(
    session: AsyncSession, user_id: UUID | None, *, device: Device, now: datetime, subject: UUID | None = None
) -> Attempt:
    """This try to be that user, or to have the name that `subject` stands for, whoever has it."""
    known = await device_of(session, user_id, device.token)
    counted = subject or user_id
    if counted is None:
        raise LookupError("an attempt to be nobody cannot be counted")
    return Attempt(
        subject=counted, user_id=user_id, device=known, by=Actor(kind=ActorKind.NOBODY, ip=device.ip), now=now
    )


def subject_of_unknown(login: str, *, keyring: Keyring) -> UUID:
    """Who a name stands for that nobody can sign in with; without the key nobody can say which name it was."""
    return UUID(bytes=keyring.sign("sign_in_subject", login.encode()))
