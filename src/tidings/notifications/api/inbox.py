"""A person's inbox: the list, its counters and changes, and what can be done to an entry."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.callers import Caller, Credential, CurrentCaller, InboxOwner
from tidings.accounts.policies import inbox
from tidings.kernel.bindings import bound
from tidings.kernel.db import AnyRow
from tidings.kernel.errors import InvalidCursor
from tidings.kernel.http.json import JsonResponse
from tidings.kernel.http.problems import problems
from tidings.kernel.http.routing import Now, Router, Session
from tidings.kernel.pages import DEFAULT_PAGE_SIZE, AskedNumber, PageCursor
from tidings.notifications import inbox as entries
from tidings.notifications.api.pages import AskedPage, counters_response, page_response
from tidings.notifications.cursors import format_cursor, parse_own_cursor
from tidings.notifications.entries import PRIORITIES
from tidings.notifications.errors import NotificationNotFound, SnoozeInPast, UnknownType
from tidings.notifications.explaining import explain_entry
from tidings.notifications.queries import (
    ListFilter,
    entry_of,
    external_id_of,
    head_of,
    list_entries,
    page_of_changes,
    summary_of,
)
from tidings.notifications.rules import Rules
from tidings.notifications.schemas import (
    AffectedOut,
    AllIn,
    BulkIn,
    ChangesOut,
    CountOut,
    ExplanationOut,
    NotificationList,
    NotificationOut,
    SnoozeIn,
    SummaryOut,
)
from tidings.notifications.types import BulkAction, Priority
from tidings.notifications.wire import notification_json

router = Router(prefix="/notifications", tags=["inbox"])
NOT_FOUND = problems(NotificationNotFound)
MAX_CHANGES = 500


@router.get("", inbox, response_model=NotificationList, responses=problems(UnknownType, InvalidCursor))
async def list_notifications(
    request: Request,
    caller: CurrentCaller,
    owner: InboxOwner,
    session: Session,
    numbered: AskedNumber,
    cursor: PageCursor = None,
    unread_only: bool = False,
    notification_type: str | None = None,
    priority: Priority | None = None,
    include_dismissed: bool = False,
    search: Annotated[str | None, Query(max_length=250)] = None,
) -> Response:
    """The inbox, newest first. Dismissed and snoozed entries are left out unless `include_dismissed`."""
    types = bound(session, Rules).types
    wanted = ListFilter(
        unread_only=unread_only,
        type=types.named(notification_type) if notification_type else None,
        priority=priority,
        include_dismissed=include_dismissed,
        search=search or None,
    )
    asked = AskedPage(owner, wanted, numbered.number or 1, numbered.size or DEFAULT_PAGE_SIZE)
    after = asked.position_of(request, cursor)
    head = await head_of(session, owner)
    offset = 0 if after else (asked.number - 1) * asked.size
    found = await list_entries(session, owner, wanted, after=after, offset=offset, limit=asked.size + 1)
    return page_response(request, asked, head, found, await _notifications_json(session, caller, found[: asked.size]))


@router.get("/count", inbox, response_model=CountOut, responses={304: {"description": "Nothing changed."}})
async def count_notifications(request: Request, owner: InboxOwner, session: Session) -> Response:
    """The counters. The ETag changes with every change of the inbox and only then."""
    return counters_response(request, await head_of(session, owner))


@router.get("/changes", inbox, response_model=ChangesOut, responses=problems(InvalidCursor))
async def list_changes(
    caller: CurrentCaller,
    owner: InboxOwner,
    session: Session,
    since: Annotated[str, Query(max_length=200)],
    limit: Annotated[int, Query(ge=1, le=MAX_CHANGES)] = 100,
) -> Response:
    """What happened after a cursor, in order: the stream over plain HTTP. `reset` means: start over from the list."""
    page = await page_of_changes(session, owner, parse_own_cursor(owner, since), limit=limit)
    if page is None:
        raise NotificationNotFound()
    return JsonResponse(
        {
            "changes": await _notifications_json(session, caller, [row for row in page.rows if row.is_live]),
            "deleted": [row.id for row in page.rows if not row.is_live],
            "cursor": format_cursor(page.head.position_at(page.reached)),
            "has_more": page.has_more,
            "unread_count": page.head.unread,
            "unseen_count": page.head.unseen,
            "reset": page.reset is not None,
        }
    )


@router.get("/stats/summary", inbox, response_model=SummaryOut)
async def summarize(owner: InboxOwner, session: Session, now: Now) -> Response:
    """How many entries the list holds, by type and priority."""
    types = bound(session, Rules).types
    groups = await summary_of(session, owner, now=now)
    by_type: dict[str, int] = {}
    by_priority: dict[str, int] = dict.fromkeys(Priority, 0)
    for group in groups:
        key = types.key_of(group.type_code)
        by_type[key] = by_type.get(key, 0) + group.total
        by_priority[PRIORITIES[group.priority]] += group.total
    return JsonResponse(
        {
            "total": sum(group.total for group in groups),
            "unread": sum(group.unread for group in groups),
            "by_type": by_type,
            "by_priority": by_priority,
            "recent_count_7d": sum(group.recent_7d for group in groups),
            "recent_count_30d": sum(group.recent_30d for group in groups),
        }
    )


@router.post("/read-all", inbox, response_model=AffectedOut, responses=problems(UnknownType))
async def read_all(owner: InboxOwner, session: Session, body: AllIn | None = None) -> Response:
    """Mark every unread entry of the list as read, or those of a type or before a time."""
    kind = bound(session, Rules).types.named(body.notification_type) if body and body.notification_type else None
    count = await entries.read_all(session, owner, type=kind, before=body.before if body else None)
    return _affected(count, "Marked {} as read")


@router.post("/seen-all", inbox, response_model=AffectedOut, responses=problems(UnknownType))
async def see_all(owner: InboxOwner, session: Session, body: AllIn | None = None) -> Response:
    """Mark what the list shows as seen, which clears the badge."""
    kind = bound(session, Rules).types.named(body.notification_type) if body and body.notification_type else None
    count = await entries.see_all(session, owner, type=kind, before=body.before if body else None)
    return _affected(count, "Marked {} as seen")


@router.post("/bulk", inbox, response_model=AffectedOut)
async def change_many(body: BulkIn, owner: InboxOwner, session: Session) -> Response:
    """Apply one action to up to a thousand entries; foreign ids are not affected."""
    count = await entries.change_many(session, owner, body.notification_ids, body.action)
    return _affected(count, _BULK_WORDS[body.action])


@router.get("/{notification_id}", inbox, response_model=NotificationOut, responses=NOT_FOUND)
async def read_notification(
    notification_id: UUID, caller: CurrentCaller, owner: InboxOwner, session: Session
) -> Response:
    """One entry."""
    row = await entry_of(session, owner, notification_id, live=False)
    return JsonResponse((await _notifications_json(session, caller, [row]))[0])


@router.get("/{notification_id}/explain", inbox, response_model=ExplanationOut, responses=NOT_FOUND)
async def explain_notification(notification_id: UUID, owner: InboxOwner, session: Session) -> Response:
    """Every channel's verdict for this entry and why."""
    return JsonResponse({"decisions": await explain_entry(session, owner, notification_id)})


@router.post("/{notification_id}/read", inbox, response_model=NotificationOut, responses=NOT_FOUND)
async def mark_read(notification_id: UUID, caller: CurrentCaller, owner: InboxOwner, session: Session) -> Response:
    """Mark an entry as read; repeating it changes nothing."""
    return await _one(session, caller, await entries.mark_read(session, owner, notification_id))


@router.post("/{notification_id}/unread", inbox, response_model=NotificationOut, responses=NOT_FOUND)
async def mark_unread(notification_id: UUID, caller: CurrentCaller, owner: InboxOwner, session: Session) -> Response:
    """Mark an entry as unread; repeating it changes nothing."""
    return await _one(session, caller, await entries.mark_unread(session, owner, notification_id))


@router.post("/{notification_id}/dismiss", inbox, response_model=NotificationOut, responses=NOT_FOUND)
async def dismiss(notification_id: UUID, caller: CurrentCaller, owner: InboxOwner, session: Session) -> Response:
    """Take an entry out of the list; repeating it changes nothing."""
    return await _one(session, caller, await entries.dismiss(session, owner, notification_id))


@router.post("/{notification_id}/restore", inbox, response_model=NotificationOut, responses=NOT_FOUND)
async def restore(notification_id: UUID, caller: CurrentCaller, owner: InboxOwner, session: Session) -> Response:
    """Bring a dismissed or snoozed entry back; repeating it changes nothing."""
    return await _one(session, caller, await entries.restore(session, owner, notification_id))


@router.post(
    "/{notification_id}/snooze",
    inbox,
    response_model=NotificationOut,
    responses=problems(NotificationNotFound, SnoozeInPast),
)
async def snooze(
    notification_id: UUID, body: SnoozeIn, caller: CurrentCaller, owner: InboxOwner, session: Session, now: Now
) -> Response:
    """Hide an entry until a later time, when it comes back as new."""
    return await _one(session, caller, await entries.snooze(session, owner, notification_id, until=body.until, now=now))


@router.delete("/{notification_id}", inbox, status_code=204, responses=NOT_FOUND)
async def delete_notification(notification_id: UUID, owner: InboxOwner, session: Session) -> Response:
    """Remove an entry for good."""
    await entries.delete(session, owner, notification_id)
    return Response(status_code=204)


_BULK_WORDS = {
    BulkAction.MARK_READ: "Marked {} as read",
    BulkAction.MARK_UNREAD: "Marked {} as unread",
    BulkAction.DISMISS: "Dismissed {}",
    BulkAction.DELETE: "Deleted {}",
}


def _affected(count: int, words: str) -> Response:
    noun = f"{count} notification" + ("" if count == 1 else "s")
    return JsonResponse({"success": True, "affected_count": count, "message": words.format(noun)})


async def _one(session: AsyncSession, caller: Caller, row: AnyRow) -> Response:
    return JsonResponse((await _notifications_json(session, caller, [row]))[0])


async def _notifications_json(session: AsyncSession, caller: Caller, found: list[AnyRow] | Any) -> list[dict[str, Any]]:
    """The entries as this caller sees them: a key also sees whose they are."""
    types = bound(session, Rules).types
    shown = [notification_json(row, types) for row in found]
    if shown and caller.credential is Credential.API_KEY:
        owner = found[0].user_id
        whose = {"user_id": owner, "external_id": await external_id_of(session, owner)}
        shown = [entry | whose for entry in shown]
    return shown
