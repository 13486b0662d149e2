"""The audit log, for administrators."""

from uuid import UUID

from fastapi import Request, Response

from tidings.accounts.api.app import Keyring
from tidings.accounts.audit.queries import AuditFilter, page_of_entries
from tidings.accounts.audit.schemas import AuditPage
from tidings.accounts.audit.types import AuditAction
from tidings.accounts.errors import Forbidden, InsufficientScope, NotAuthenticated
from tidings.accounts.policies import admin
from tidings.kernel.errors import InvalidCursor
from tidings.kernel.http.problems import problems
from tidings.kernel.http.routing import Router, Session
from tidings.kernel.pages import DEFAULT_PAGE_SIZE, PageCursor, PageSize

router = Router(tags=["Audit log"])


@router.get(
    "/audit-log",
    admin,
    response_model=AuditPage,
    responses=problems(NotAuthenticated, Forbidden, InsufficientScope, InvalidCursor),
)
async def read_audit_log(
    request: Request,
    response: Response,
    session: Session,
    keyring: Keyring,
    actor: UUID | None = None,
    action: AuditAction | None = None,
    cursor: PageCursor = None,
    page_size: PageSize = DEFAULT_PAGE_SIZE,
) -> AuditPage:
    """What was done to accounts and settings, newest first."""
    wanted = AuditFilter(actor=actor, action=action)
    page = await page_of_entries(session, wanted, size=page_size, cursor=cursor, keyring=keyring)
    if page.next_cursor is not None:
        following = request.url.include_query_params(cursor=page.next_cursor)
        response.headers["Link"] = f'<{following.path}?{following.query}>; rel="next"'
    return page
