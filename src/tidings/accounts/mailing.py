"""Letters of accounts as deliveries: what they hold is sealed while it waits, and written just before it leaves.

A letter opens an account to whoever reads its link. The database never holds a token in a form that can be used: the
letter's values are sealed for this one delivery, so that neither a dump nor a row copied elsewhere gives them away.
"""

import inspect
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.letters import LETTERS, Reader
from tidings.channels.base import Address, Skip
from tidings.channels.email.composing import Mail
from tidings.kernel.crypto import Keyring
from tidings.kernel.ids import new_id
from tidings.outbox.held import HeldDelivery
from tidings.outbox.types import MAX_PRIORITY, NOBODY, DeliveryKind
from tidings.outbox.writing import NewDelivery
from tidings.templates.languages import DEFAULT
from tidings.templates.letters import House, Letter, write_letter

EMAIL = "email"


class UnknownLetter(LookupError):
    """There is no letter of this name; a newer release may have it."""


class LetterNotFilled(ValueError):
    """The values are not those that the letter names."""


class _Sealed(msgspec.Struct):
    name: str | None
    values: dict[str, str | int]


def new_letter(
    letter: str,
    values: dict[str, str | int],
    *,
    keyring: Keyring,
    to: str,
    key: str,
    now: datetime,
    language: str,
    user_id: UUID = NOBODY,
    name: str | None = None,
    expires_at: datetime | None = None,
) -> NewDelivery:
    """A letter for `enqueue`: `key` makes it the only one of its kind, `expires_at` is when its link no longer works.

    Raises UnknownLetter and LetterNotFilled, so that what is enqueued can be written.
    """
    _check(letter, values)
    delivery_id = new_id()
    sealed = msgspec.json.encode(_Sealed(name, values))
    return NewDelivery(
        user_id=user_id,
        id=delivery_id,
        kind=DeliveryKind.ACCOUNT,
        channel=EMAIL,
        key=key,
        destination=to,
        language=language,
        payload={"letter": letter, "sealed": keyring.seal(sealed, place=_place(delivery_id))},
        priority=MAX_PRIORITY,
        due_at=now,
        created_at=now,
        expires_at=expires_at,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountMails:
    """Prepares the letters of accounts: the outbox's `Prepare` for deliveries of kind `account` by mail."""

    keyring: Keyring
    house: House

    async def __call__(self, session: AsyncSession, delivery: HeldDelivery, now: datetime, /) -> Mail | Skip:
        """The mail. Raises UnknownLetter, LetterNotFilled, and UnreadableSecret when its key is gone."""
        if delivery.destination is None:
            return Skip("no_address")
        sealed = self.keyring.unseal(delivery.payload["sealed"], place=_place(delivery.id))
        held = msgspec.json.decode(sealed, type=_Sealed)
        reader = Reader(house=self.house, language=delivery.language or DEFAULT, name=held.name)
        rendered = write_letter(fill_letter(delivery.payload["letter"], reader, held.values), house=self.house)
        return Mail(
            delivery_id=delivery.id,
            to=Address(value=delivery.destination, name=held.name or ""),
            date=delivery.created_at,
            subject=rendered.subject,
            text=rendered.text,
            html=rendered.html,
        )


def fill_letter(letter: str, reader: Reader, values: dict[str, Any]) -> Letter:
    """The letter of this name with these values, as JSON has them. Raises UnknownLetter and LetterNotFilled."""
    _check(letter, values)
    return LETTERS[letter](reader, **values)


def _check(letter: str, values: dict[str, Any]) -> None:
    if letter not in LETTERS:
        raise UnknownLetter(f"There is no letter {letter!r}; there are {', '.join(LETTERS)}.")
    try:
        inspect.signature(LETTERS[letter]).bind(None, **values)
    except TypeError as error:
        raise LetterNotFilled(f"The letter {letter!r}: {error}.") from error


def _place(delivery_id: UUID) -> str:
    return f"tidings_deliveries.payload:{delivery_id}"
