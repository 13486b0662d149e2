"""Taking somebody's second factors away: for who lost every one of theirs, or finds a stranger's on their account."""

from uuid import UUID

from tidings.accounts.api.app import By, Keyring
from tidings.accounts.errors import CrossSite, Forbidden, NotAuthenticated, UserNotFound
from tidings.accounts.mfa.changing import remove_all_factors
from tidings.accounts.policies import admin_in_person_recent
from tidings.kernel.http.problems import problems
from tidings.kernel.http.routing import Now, Router, Session

router = Router(prefix="/users", tags=["Second factors"])


@router.delete(
    "/{user_id}/mfa",
    admin_in_person_recent,
    status_code=204,
    responses=problems(NotAuthenticated, Forbidden, CrossSite, UserNotFound),
)
async def forget_factors(user_id: UUID, session: Session, keyring: Keyring, by: By, now: Now) -> None:
    """Take every second factor from a user, who is told; all their sessions end."""
    await remove_all_factors(session, user_id, keyring=keyring, by=by, now=now)
