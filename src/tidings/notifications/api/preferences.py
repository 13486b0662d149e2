"""A person's preferences, and leaving a mailing with one click."""

from typing import Annotated, Any

from fastapi import Path, Request, Response
from fastapi.responses import HTMLResponse

from tidings.accounts.callers import InboxOwner
from tidings.accounts.policies import inbox, public, public_for_programs
from tidings.kernel.http.json import JsonResponse
from tidings.kernel.http.problems import problems
from tidings.kernel.http.routing import Now, Router, Session
from tidings.notifications.models import Preferences
from tidings.notifications.preferences import preferences_of, preview_of, save_preferences
from tidings.notifications.schemas import PreferencesOut, PreferencesPatch, PreferencesPreview, PreferencesPut
from tidings.notifications.unsubscribing import UnsubscribeTokenInvalid, language_of, page, read_token, unsubscribe

router = Router(prefix="/notifications", tags=["preferences"])
_READ_ONLY = {"created_at", "updated_at"}


@router.get("/preferences/me", inbox, response_model=PreferencesOut)
async def read_preferences(owner: InboxOwner, session: Session, now: Now) -> Response:
    """The caller's preferences; the defaults when they never chose."""
    return JsonResponse(_json(await preferences_of(session, owner, now=now)))


@router.put("/preferences/me", inbox, response_model=PreferencesOut)
async def replace_preferences(body: PreferencesPut, owner: InboxOwner, session: Session, now: Now) -> Response:
    """Replace the caller's preferences."""
    return JsonResponse(_json(await save_preferences(session, owner, body.model_dump(exclude=_READ_ONLY), now=now)))


@router.patch("/preferences/me", inbox, response_model=PreferencesOut)
async def change_preferences(body: PreferencesPatch, owner: InboxOwner, session: Session, now: Now) -> Response:
    """Change what the body names."""
    changes = body.model_dump(exclude=_READ_ONLY, exclude_none=True)
    return JsonResponse(_json(await save_preferences(session, owner, changes, now=now)))


@router.post("/preferences/me/preview", inbox, idempotent=False, response_model=PreferencesPreview)
async def preview_preferences(body: PreferencesPut, owner: InboxOwner, session: Session, now: Now) -> Response:
    """What would have been different last week under the preferences in the body."""
    changed = await preview_of(session, owner, body.model_dump(exclude=_READ_ONLY), now=now)
    return JsonResponse({"changed": changed})


Token = Annotated[str, Path(max_length=1_000)]


@router.get("/unsubscribe/{token}", public, response_class=HTMLResponse, responses=problems(UnsubscribeTokenInvalid))
async def show_unsubscribe_page(token: Token, request: Request, session: Session) -> Response:
    """A page with the button; opening it changes nothing, because mail scanners follow links."""
    wanted = read_token(request.app.state.keyring, token)
    return HTMLResponse(page(wanted, await language_of(session, wanted)))


@router.post("/unsubscribe/{token}", public_for_programs, idempotent=False, responses=problems(UnsubscribeTokenInvalid))
async def unsubscribe_with_one_click(token: Token, request: Request, session: Session, now: Now) -> Response:
    """RFC 8058: no more mail of this type, without signing in."""
    wanted = read_token(request.app.state.keyring, token)
    await unsubscribe(session, wanted, now=now)
    if "text/html" in request.headers.get("accept", ""):
        return HTMLResponse(page(wanted, await language_of(session, wanted), done=True))
    return JsonResponse({"success": True})


def _json(preferences: Preferences) -> dict[str, Any]:
    return {
        "in_app_enabled": preferences.in_app_enabled,
        "email_enabled": preferences.email_enabled,
        "push_enabled": preferences.push_enabled,
        "type_preferences": preferences.type_preferences,
        "created_at": preferences.created_at,
        "updated_at": preferences.updated_at,
    }
