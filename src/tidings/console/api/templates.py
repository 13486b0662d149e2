"""Every text with made-up values, for whoever writes texts."""

from typing import Annotated

from fastapi import Depends, Path, Request
from fastapi.responses import HTMLResponse

from tidings.accounts.errors import Forbidden, InsufficientScope, NotAuthenticated
from tidings.accounts.policies import admin
from tidings.accounts.types import Language
from tidings.console.frames import framed
from tidings.console.previews import list_templates, preview_template
from tidings.console.schemas import PreviewOut, TemplateList
from tidings.kernel.bindings import bound
from tidings.kernel.http.problems import problems
from tidings.kernel.http.routing import Router, Session
from tidings.notifications.errors import TextNotRendered
from tidings.notifications.previewing import PreviewNotFound
from tidings.notifications.rules import Rules
from tidings.notifications.types import Channel
from tidings.templates.letters import House

router = Router(prefix="/development/templates", tags=["Development"])

_REFUSALS = (NotAuthenticated, Forbidden, InsufficientScope)
_NOT_SHOWN = (*_REFUSALS, PreviewNotFound, TextNotRendered)


async def _preview(
    request: Request,
    session: Session,
    name: Annotated[str, Path(max_length=250)],
    channel: Channel = Channel.EMAIL,
    language: Language = Language.ENGLISH_US,
) -> PreviewOut:
    house = House(url=request.app.state.settings.base_url)
    return preview_template(name, channel, language, types=bound(session, Rules).types, house=house)


Preview = Annotated[PreviewOut, Depends(_preview)]


@router.get("", admin, response_model=TemplateList, responses=problems(*_REFUSALS))
async def read_templates(session: Session) -> TemplateList:
    """Every text: the types, then the letters of accounts."""
    return list_templates(bound(session, Rules).types)


@router.get("/{name}", admin, response_model=PreviewOut, responses=problems(*_NOT_SHOWN))
async def read_template(preview: Preview) -> PreviewOut:
    """One text as its readers would get it on a channel in a language."""
    return preview


@router.get("/{name}/html", admin, response_class=HTMLResponse, responses=problems(*_NOT_SHOWN))
async def read_template_html(preview: Preview) -> HTMLResponse:
    """Its HTML as a document of its own, for a frame; where a channel has no HTML, nothing is here."""
    if preview.html is None:
        raise PreviewNotFound("There is no HTML on this channel.")
    return framed(preview.html)
