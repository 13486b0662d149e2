"""The letters that accounts wrote: read from the outbox, as the worker would on the way out."""

import re
from dataclasses import dataclass
from urllib.parse import unquote
from uuid import UUID

from sqlalchemy import select

from tests.accounts.world import BASE_URL, World
from tidings import Tidings
from tidings.accounts.mailing import AccountMails
from tidings.channels.email.composing import Mail
from tidings.outbox.held import HeldDelivery
from tidings.outbox.models import Delivery
from tidings.outbox.types import DeliveryKind
from tidings.templates.letters import House

_LINK = re.compile(r"https?://\S+\?token=(\S+)")


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter: its name, where it goes, whose it is, what it says, and by what name the envelope calls them."""

    name: str
    to: str
    user_id: UUID
    text: str
    to_name: str = ""

    @property
    def token(self) -> str:
        """What its link carries."""
        found = _LINK.search(self.text)
        assert found is not None, self.text
        return unquote(found[1])


async def letters(world: World | Tidings, name: str | None = None) -> list[Letter]:
    """Every letter that was written, oldest first; or those of one name."""
    mails = AccountMails(keyring=world.keyring, house=House(url=BASE_URL))
    of_accounts = select(Delivery).where(Delivery.kind == DeliveryKind.ACCOUNT)
    async with world.database.read() as session:
        rows = (await session.scalars(of_accounts.order_by(Delivery.created_at, Delivery.id))).all()
    return [await _read(world, mails, row) for row in rows if name in {None, row.payload["letter"]}]


async def newest(world: World | Tidings, name: str) -> Letter:
    """The last letter of this name."""
    return (await letters(world, name))[-1]


async def _read(world: World | Tidings, mails: AccountMails, row: Delivery) -> Letter:
    held = HeldDelivery(**{name: getattr(row, name) for name in HeldDelivery.__dataclass_fields__})
    async with world.database.read() as session:
        mail = await mails(session, held, world.clock.now())
    assert isinstance(mail, Mail)
    return Letter(row.payload["letter"], mail.to.value, row.user_id, mail.text, mail.to.name)
