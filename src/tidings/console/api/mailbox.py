"""The development mailbox: mail that was kept and not sent, because no mail server is set."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Request, Response
from fastapi.responses import HTMLResponse

from tidings.accounts.errors import Forbidden, InsufficientScope, NotAuthenticated
from tidings.accounts.policies import admin
from tidings.channels.email.mailbox import KEEP, MailFolder
from tidings.console.errors import MailboxNotUsed, MailNotFound
from tidings.console.frames import framed
from tidings.console.mailbox import list_mails, open_mail, shown
from tidings.console.schemas import MailList, MailOut
from tidings.kernel.http.problems import problems
from tidings.kernel.http.routing import Router

router = Router(prefix="/development/mails", tags=["Development"])

_REFUSALS = (NotAuthenticated, Forbidden, InsufficientScope, MailboxNotUsed)


async def _folder(request: Request) -> MailFolder:
    folder: MailFolder | None = request.app.state.mail_folder
    if folder is None:
        raise MailboxNotUsed("TIDINGS_SMTP_URL is set, so mail is sent and not kept; see the deliveries instead.")
    return folder


Folder = Annotated[MailFolder, Depends(_folder)]


@router.get("", admin, response_model=MailList, responses=problems(*_REFUSALS))
async def read_mails(folder: Folder, limit: Annotated[int, Query(ge=1, le=KEEP)] = 100) -> MailList:
    """The newest mails of this node, newest first."""
    return await list_mails(folder, limit=limit)


@router.get("/{delivery_id}", admin, response_model=MailOut, responses=problems(*_REFUSALS, MailNotFound))
async def read_mail(delivery_id: UUID, folder: Folder) -> MailOut:
    """One mail, decoded."""
    return shown(delivery_id, await open_mail(folder, delivery_id))


@router.get("/{delivery_id}/html", admin, response_class=HTMLResponse, responses=problems(*_REFUSALS, MailNotFound))
async def read_mail_html(delivery_id: UUID, folder: Folder) -> HTMLResponse:
    """The HTML of a mail as a document of its own, for a frame; without HTML, nothing is here."""
    mail = await open_mail(folder, delivery_id)
    if mail.html is None:
        raise MailNotFound("This mail has no HTML.")
    return framed(mail.html)


@router.get(
    "/{delivery_id}/raw",
    admin,
    response_class=Response,
    responses={200: {"content": {"message/rfc822": {}}}, **problems(*_REFUSALS, MailNotFound)},
)
async def download_mail(delivery_id: UUID, folder: Folder) -> Response:
    """The mail as it would have crossed the wire (RFC 5322), to save and open in a mail program."""
    mail = await open_mail(folder, delivery_id)
    name = f'attachment; filename="{delivery_id}.eml"'
    return Response(mail.raw, media_type="message/rfc822", headers={"Content-Disposition": name})
