"""The worker's part of an export: the outbox's `Prepare` and `Sender` for its steps."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.exports.making import finish_export, make_step, parts_of
from tidings.accounts.exports.packing import pack_archive
from tidings.accounts.exports.types import Step
from tidings.accounts.photos.models import Photo
from tidings.channels.base import Outcome, Sent
from tidings.kernel.clock import Clock
from tidings.kernel.crypto import Keyring
from tidings.kernel.db import Database
from tidings.outbox.held import HeldDelivery


async def prepare_step(_session: AsyncSession, delivery: HeldDelivery, _now: datetime, /) -> Step:
    """The step that a delivery stands for."""
    return Step(delivery.user_id, UUID(delivery.payload["export_id"]), delivery.payload["position"])


@dataclass(frozen=True, slots=True)
class ExportSender:
    """Makes steps. It never hands over, so an attempt that dies is simply made again."""

    database: Database
    keyring: Keyring
    clock: Clock

    def provider(self, _message: Step, /) -> str:
        return "tidings"

    async def send(self, message: Step, /, *, handing_over: Callable[[], Awaitable[None]]) -> Outcome:
        """Read one more slice, or pack the archive once everything is read; the packing holds no transaction."""
        now = self.clock.now()
        async with self.database.read() as session:
            parts = await parts_of(session, message)
            photo = await session.scalar(select(Photo.content).where(Photo.user_id == message.user_id))
        if parts is None:
            async with self.database.write() as session:
                await make_step(session, message, now=now)
        else:
            archive = await pack_archive(parts, photo, user_id=message.user_id, at=now)
            async with self.database.write() as session:
                await finish_export(session, message, archive, keyring=self.keyring, now=now)
        return Sent()
