"""Sessions: where a person is signed in, for themselves and for administrators."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

from tidings.accounts.api.app import By, PersonId
from tidings.accounts.audit.recording import record
from tidings.accounts.audit.types import AuditAction
from tidings.accounts.callers import CurrentCaller
from tidings.accounts.ending_sessions import end_user_sessions
from tidings.accounts.errors import (
    CrossSite,
    Forbidden,
    InsufficientScope,
    NotAuthenticated,
    SessionNotFound,
    UserNotFound,
)
from tidings.accounts.models import UserSession
from tidings.accounts.policies import admin, signed_in
from tidings.accounts.queries import get_user
from tidings.accounts.schemas import SessionOut, Sessions
from tidings.accounts.sessions import end_other_sessions, end_session, list_sessions
from tidings.accounts.user_agents import describe
from tidings.kernel.errors import InvalidCursor
from tidings.kernel.http.problems import problems
from tidings.kernel.http.routing import Now, Router, Session
from tidings.kernel.pages import AskedPart, Part

router = Router(tags=["Sessions"])

_OWN = (NotAuthenticated, Forbidden)
_ADMIN = (*_OWN, InsufficientScope, UserNotFound)


@router.get("/users/me/sessions", signed_in, response_model=Sessions, responses=problems(*_OWN, InvalidCursor))
async def read_own_sessions(
    person_id: PersonId, caller: CurrentCaller, session: Session, part: AskedPart, now: Now
) -> Sessions:
    """Where one is signed in, last used first; `is_current` is the session that asks."""
    return await _out(part, await list_sessions(session, person_id, now=now), current=caller.credential_id)


@router.delete(
    "/users/me/sessions/{session_id}",
    signed_in,
    status_code=204,
    responses=problems(*_OWN, SessionNotFound, CrossSite),
)
async def end_own_session(session_id: UUID, person_id: PersonId, session: Session, by: By, now: Now) -> None:
    """End one of one's sessions, with its tokens and open streams."""
    if not await end_session(session, person_id, session_id, reason="ended"):
        raise SessionNotFound()
    await record(session, AuditAction.SESSION_ENDED, by=by, now=now, target_id=person_id, detail={"sessions": 1})


@router.delete("/users/me/sessions", signed_in, status_code=204, responses=problems(*_OWN, CrossSite))
async def end_own_other_sessions(
    person_id: PersonId, caller: CurrentCaller, session: Session, by: By, now: Now
) -> None:
    """End every session of one's own but the one that asks."""
    if caller.credential_id is None:  # the policy lets nobody through who has no session
        raise NotAuthenticated()
    ended = await end_other_sessions(session, person_id, but=caller.credential_id, reason="ended")
    await record(session, AuditAction.SESSION_ENDED, by=by, now=now, target_id=person_id, detail={"sessions": ended})


@router.get("/users/{user_id}/sessions", admin, response_model=Sessions, responses=problems(*_ADMIN, InvalidCursor))
async def read_sessions(user_id: UUID, session: Session, part: AskedPart, now: Now) -> Sessions:
    """Where a user is signed in."""
    await get_user(session, user_id)
    return await _out(part, await list_sessions(session, user_id, now=now))


@router.delete(
    "/users/{user_id}/sessions/{session_id}",
    admin,
    status_code=204,
    responses=problems(*_ADMIN, SessionNotFound, CrossSite),
)
async def end_one_session(user_id: UUID, session_id: UUID, session: Session, by: By, now: Now) -> None:
    """End one session of a user."""
    await get_user(session, user_id)
    if not await end_session(session, user_id, session_id, reason="ended_by_admin"):
        raise SessionNotFound()
    await record(session, AuditAction.SESSION_ENDED, by=by, now=now, target_id=user_id, detail={"sessions": 1})


@router.delete("/users/{user_id}/sessions", admin, status_code=204, responses=problems(*_ADMIN, CrossSite))
async def end_every_session(user_id: UUID, session: Session, by: By, now: Now) -> None:
    """End every session of a user; they can sign in again."""
    await end_user_sessions(session, user_id, by=by, now=now)


async def _out(part: Part, found: Sequence[UserSession], current: UUID | None = None) -> Sessions:
    rows, following = part.of(found)
    # Patterns over texts that strangers chose: off the loop.
    machines = await asyncio.to_thread(lambda: [describe(row.user_agent) for row in rows])
    return Sessions(
        sessions=[
            SessionOut(
                id=row.id,
                kind=row.kind,
                device=machine.device,
                browser=machine.browser,
                ip=row.ip,
                created_at=row.created_at,
                last_used_at=row.last_used_at,
                is_current=row.id == current,
            )
            for row, machine in zip(rows, machines, strict=True)
        ],
        next_cursor=following,
    )
