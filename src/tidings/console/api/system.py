"""The system at a glance."""

from fastapi import Request

from tidings.accounts.errors import Forbidden, InsufficientScope, NotAuthenticated
from tidings.accounts.policies import admin
from tidings.channels.email.server import parse_smtp_url
from tidings.console.schemas import MailKind, MailStatus, SystemOut
from tidings.console.system import system_status
from tidings.kernel.http.problems import problems
from tidings.kernel.http.routing import Now, Router, Session

router = Router(tags=["System"])


@router.get(
    "/system", admin, response_model=SystemOut, responses=problems(NotAuthenticated, Forbidden, InsufficientScope)
)
async def read_system(request: Request, session: Session, now: Now) -> SystemOut:
    """Version, database, queue, recurring tasks, and where mail goes."""
    return await system_status(session, request.app.state.tasks, mail=_mail(request), now=now)


def _mail(request: Request) -> MailStatus:
    folder = request.app.state.mail_folder
    if folder is not None:
        return MailStatus(kind=MailKind.MAILBOX, detail=str(folder.path))
    # A server's text is its host and port, without the credentials.
    return MailStatus(kind=MailKind.SMTP, detail=str(parse_smtp_url(request.app.state.settings.smtp_url)))
