"""What accounts says reaches people: administrators hear who awaits them, everybody what was done to their sign-in."""

from functools import partial

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.change_letters import write_of_change
from tidings.accounts.events import ApprovalHandled, ApprovalRequested, CredentialChanged, ExportReady
from tidings.accounts.letters import SECURITY
from tidings.accounts.models import User
from tidings.accounts.types import AccessType
from tidings.kernel.bindings import bound
from tidings.kernel.crypto import Keyring
from tidings.kernel.events import Events
from tidings.notifications.content import Everyone
from tidings.notifications.notifying import notify
from tidings.notifications.resolving import resolve_event
from tidings.notifications.rules import Rules
from tidings.notifications.types import Channel
from tidings.notifications.writing import write_pending
from tidings.templates.letters import House

_SOURCE = "accounts"


def connect_account_news(events: Events, *, keyring: Keyring, house: House) -> None:
    """Let notifications hear what accounts has to tell."""
    events.subscribe(ApprovalRequested, _ask_administrators)
    events.subscribe(ApprovalHandled, _resolve_request)
    events.subscribe(CredentialChanged, partial(write_of_change, keyring=keyring))
    events.subscribe(CredentialChanged, partial(_note_change, house=house))
    events.subscribe(ExportReady, _announce_export)


async def _ask_administrators(session: AsyncSession, event: ApprovalRequested) -> None:
    applicant = {"user_id": str(event.user_id), "user_name": event.name, "user_username": event.username}
    await notify(
        session,
        "account.approval_requested",
        to=Everyone(AccessType.ADMIN),
        data=applicant,
        source=_SOURCE,
        dedupe_key=_request(event),
    )


async def _resolve_request(session: AsyncSession, event: ApprovalHandled) -> None:
    administrators = await session.scalars(select(User.id).where(User.access_type == AccessType.ADMIN))
    now = bound(session, Rules).clock.now()
    # Those of today, should the event list too many to name them all. The applicant's inbox too, and at once: where
    # they are being deleted, its head is taken in the same step.
    user_ids = [event.user_id, *administrators]
    await resolve_event(session, user_ids, source=_SOURCE, dedupe_key=_request(event), now=now)
    await write_pending(session)


async def _note_change(session: AsyncSession, event: CredentialChanged, *, house: House) -> None:
    # In the inbox alone: by mail they get a letter of accounts, and never two.
    await notify(
        session,
        "account.security",
        to=event.user_id,
        data={"change": event.what},
        channels=[Channel.IN_APP],
        action_url=f"{house.url}{SECURITY}",
    )


async def _announce_export(session: AsyncSession, event: ExportReady) -> None:
    data = {"export_id": str(event.export_id)}
    await notify(session, "account.export_ready", to=event.user_id, data=data, channels=[Channel.IN_APP])
    await write_pending(session)


def _request(event: ApprovalRequested | ApprovalHandled) -> str:
    return f"approval-{event.user_id}"
