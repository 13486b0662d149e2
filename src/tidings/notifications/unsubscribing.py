"""One-click unsubscribe (RFC 8058): a sealed token in every mail names the person and the type, nothing else."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.models import User
from tidings.accounts.types import Language
from tidings.kernel.crypto import Keyring, UnreadableSecret
from tidings.kernel.errors import TidingsError
from tidings.notifications.preferences import save_preferences
from tidings.notifications.types import Channel
from tidings.templates.catalogue import HOUSE, Catalogue
from tidings.templates.render import render_text

WORKS_AFTER_MAIL = timedelta(days=60)
"""How long the links in a mail work at least: for that long the key that sealed them must be kept."""
_PLACE = "unsubscribe"


class UnsubscribeTokenInvalid(TidingsError):
    """This unsubscribe link is not one of ours."""

    code = "unsubscribe_token_invalid"
    status = 400


@dataclass(frozen=True, slots=True)
class Unsubscription:
    """Who wants no more mail of which type."""

    user_id: UUID
    type_key: str


def make_token(keyring: Keyring, wanted: Unsubscription) -> str:
    """The token of a mail's unsubscribe link; it never expires, because mail is kept for years."""
    return keyring.seal(f"{wanted.user_id}:{wanted.type_key}".encode(), place=_PLACE)


def read_token(keyring: Keyring, token: str) -> Unsubscription:
    """Whom a token names. Raises UnsubscribeTokenInvalid."""
    try:
        user_id, _, type_key = keyring.unseal(token, place=_PLACE).decode().partition(":")
    except UnreadableSecret as error:
        raise UnsubscribeTokenInvalid() from error
    return Unsubscription(UUID(user_id), type_key)


async def unsubscribe(session: AsyncSession, wanted: Unsubscription, *, now: datetime) -> None:
    """Switch the type's mail off; repeating it changes nothing, and somebody who is gone gets no mail anyway."""
    if await session.get(User, wanted.user_id) is None:
        return
    current = await save_preferences(session, wanted.user_id, {}, now=now)  # locked: another click waits
    types = dict(current.type_preferences)
    types[wanted.type_key] = types.get(wanted.type_key, {}) | {Channel.EMAIL.value: False}
    await save_preferences(session, wanted.user_id, {"type_preferences": types}, now=now)


async def language_of(session: AsyncSession, wanted: Unsubscription) -> Language:
    """The language of whom a token names; English for somebody who is gone."""
    language = await session.scalar(select(User.preferred_language).where(User.id == wanted.user_id))
    return language or Language.ENGLISH_US


def page(wanted: Unsubscription, language: Language, *, done: bool = False, catalogue: Catalogue = HOUSE) -> str:
    """The page behind the link, before and after its button was pressed. It needs no script and no style of its own."""

    def said(name: str) -> str:
        text = catalogue.text(f"page.unsubscribe.{name}", language) or ""
        return escape(render_text(text, {"kind": wanted.type_key, "language": language.value}))

    body = (
        f"<h1>{said('done_title')}</h1><p>{said('done')}</p>"
        if done
        else f"<h1>{said('title')}</h1><p>{said('question')}</p>"
        f'<form method="post"><button>{said("button")}</button></form>'
    )
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f'<meta name="color-scheme" content="light dark"><title>{said("title")}</title>'
    )
    return f'<!doctype html><html lang="{language.tag}"><head>{head}</head><body><main>{body}</main></body></html>'
