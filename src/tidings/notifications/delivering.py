"""Just before a notification is sent: look again whether it may go, and write what is sent in its reader's words."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.models import User
from tidings.accounts.users import mark_undeliverable
from tidings.channels.base import Address, Gone, Outcome, Refused, Skip
from tidings.channels.email.composing import Mail
from tidings.kernel.crypto import Keyring
from tidings.kernel.db import AnyRow
from tidings.notifications.audience import PERSON, facts_of
from tidings.notifications.content import Said
from tidings.notifications.errors import TextMissing, TextNotRendered
from tidings.notifications.letters import notification_letter
from tidings.notifications.models import Event, Notification, Preferences
from tidings.notifications.plan import Facts, plan, wish_of
from tidings.notifications.types import Channel, NotificationType, Reason, TypeRegistry, Verdict
from tidings.notifications.unsubscribing import Unsubscription, make_token
from tidings.outbox.held import HeldDelivery
from tidings.templates.letters import House, write_letter


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationMails:
    """Prepares deliveries of notifications by mail: the outbox's `Prepare`."""

    types: TypeRegistry
    keyring: Keyring
    house: House
    api: str
    """Absolute, without a slash at its end: where an unsubscribe link leads."""

    async def __call__(self, session: AsyncSession, delivery: HeldDelivery, now: datetime, /) -> Mail | Skip | Refused:
        """The mail, or why it is not to be sent any more, or cannot be written."""
        found = (await session.execute(_ENTRY, {"user": delivery.user_id, "entry": delivery.notification_id})).first()
        if found is None:
            return Skip(Reason.DELETED)
        reason = _settled(found, delivery, now) or self._unwanted(found)
        if reason is not None:
            return Skip(reason)
        try:
            return self._mail(found, delivery)
        except (TextMissing, TextNotRendered) as error:
            return Refused(str(error))

    def _unwanted(self, entry: AnyRow) -> Reason | None:
        """Why the same plan, made now, would not send it."""
        kind = self.types.with_code(entry.type_code)
        requested = entry.payload.get("channels")
        if kind is None:  # no longer declared: it was asked for once, and only the person can stop it
            kind, requested = NotificationType(self.types.key_of(entry.type_code)), [Channel.EMAIL]
        wish = wish_of(kind, None if requested is None else frozenset(map(Channel, requested)))
        facts: Facts = facts_of(entry)
        decisions = plan(wish, facts, channels_set_up=frozenset({Channel.EMAIL}))
        decision = next(each for each in decisions if each.channel is Channel.EMAIL)
        return decision.reason if decision.verdict is Verdict.SKIP else None

    def _mail(self, entry: AnyRow, delivery: HeldDelivery) -> Mail:
        key = self.types.key_of(entry.type_code)
        kind = self.types.with_code(entry.type_code)
        said = _said(entry, kind or NotificationType(key))
        unsubscribe_url = None
        if not said.type.required:
            token = make_token(self.keyring, Unsubscription(delivery.user_id, key))
            unsubscribe_url = f"{self.api}/notifications/unsubscribe/{token}"
        letter = notification_letter(
            said,
            entry.actor,
            entry.preferred_language,  # the one that is read now
            action_url=entry.action_url,
            action_text=entry.action_text,
            unsubscribe_url=unsubscribe_url,
            house=self.house,
        )
        rendered = write_letter(letter, house=self.house)
        return Mail(
            delivery_id=delivery.id,
            to=Address(value=entry.email, name=entry.full_name or entry.username or ""),
            date=delivery.created_at,
            subject=rendered.subject,
            text=rendered.text,
            html=rendered.html,
            unsubscribe_url=unsubscribe_url,
            list_label=key,
            thread=entry.group_key,
        )


async def note_outcome(session: AsyncSession, delivery: HeldDelivery, outcome: Outcome, /, *, now: datetime) -> None:
    """What the end of a delivery teaches about its address: the outbox's `Feedback`."""
    if isinstance(outcome, Gone) and delivery.channel == Channel.EMAIL:
        await mark_undeliverable(session, delivery.user_id, outcome.address, now=now)


_ENTRY = (
    select(
        Notification.event_id,
        Notification.type_code,
        Notification.title,
        Notification.message,
        Notification.data,
        Notification.actor,
        Notification.action_url,
        Notification.action_text,
        Notification.group_key,
        Notification.why,
        Notification.read_at,
        Notification.dismissed_at,
        Notification.snoozed_until,
        Notification.deleted_at,
        Notification.expires_at,
        Notification.expired_at,
        Event.payload,
        *PERSON,
    )
    .join_from(Notification, User, User.id == Notification.user_id)
    .join(Event, Event.id == Notification.event_id)
    .outerjoin(Preferences, Preferences.user_id == User.id)
    .where(Notification.user_id == bindparam("user"), Notification.id == bindparam("entry"))
)


def _settled(entry: AnyRow, delivery: HeldDelivery, now: datetime) -> Reason | None:
    """What has become of the entry since, if it makes the message needless."""
    if entry.deleted_at is not None:
        return Reason.DELETED
    if entry.expired_at is not None or (entry.expires_at is not None and entry.expires_at <= now):
        return Reason.EXPIRED
    if entry.event_id != delivery.event_id:
        return Reason.SUPERSEDED
    if entry.dismissed_at is not None:
        return Reason.DISMISSED
    # Whoever snoozed it has seen it, and said when to be told again.
    return Reason.ALREADY_SEEN if entry.read_at is not None or entry.snoozed_until is not None else None


def _said(entry: AnyRow, kind: NotificationType) -> Said:
    """What the sender wrote; where the type has no words of its own (any more), what the inbox shows."""
    title, message = entry.payload.get("title"), entry.payload.get("message")
    if kind.template("title", entry.preferred_language, Channel.EMAIL) is None:
        title, message = title or entry.title, message or entry.message
    return Said(type=kind, title=title, message=message, data=entry.data)
