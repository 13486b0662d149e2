"""What accounts says reaches people: administrators hear who awaits them, everybody what was done to their sign-in."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.events import ApprovalHandled, ApprovalRequested, CredentialChanged, ExportReady
from tidings.accounts.models import User
from tidings.accounts.types import AccessType
from tidings.kernel.bindings import bound
from tidings.kernel.events import Events
from tidings.notifications.content import Everyone
from tidings.notifications.notifying import notify
from tidings.notifications.resolving import resolve_event
from tidings.notifications.rules import Rules
from tidings.notifications.types import Channel
from tidings.notifications.writing import write_pending

_SOURCE = "accounts"


def connect_account_news(events: Events) -> None:
    """Let notifications hear what accounts has to tell."""
    events.subscribe(ApprovalRequested, _ask_administrators)
    events.subscribe(ApprovalHandled, _resolve_request)
    events.subscribe(CredentialChanged, _tell_owner)
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
    # The applicant's inbox too, and at once: where they are being deleted, its head is taken in the same step.
    user_ids = [event.user_id, *administrators]
    await resolve_event(session, user_ids, source=_SOURCE, dedupe_key=_request(event), now=now)
    await write_pending(session)


async def _tell_owner(session: AsyncSession, event: CredentialChanged) -> None:
    # In the inbox alone: by mail they get the letter of accounts, which says more and has a way to act.
    # About providers accounts has none.
    channels = None if event.what == "identity" else [Channel.IN_APP]
    await notify(session, "account.security", to=event.user_id, data={"change": event.what}, channels=channels)


async def _announce_export(session: AsyncSession, event: ExportReady) -> None:
    data = {"export_id": str(event.export_id)}
    await notify(session, "account.export_ready", to=event.user_id, data=data, channels=[Channel.IN_APP])
    await write_pending(session)


def _request(event: ApprovalRequested | ApprovalHandled) -> str:
    return f"approval-{event.user_id}"
