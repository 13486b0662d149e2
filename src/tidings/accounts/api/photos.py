"""Photos: put and removed by their owner or an administrator, served to whoever knows their address."""

from typing import Annotated
from uuid import UUID

from fastapi import Header, Response

from tidings.accounts.api.app import By, PersonId
from tidings.accounts.api.uploads import FILE_BODY, MAX_BYTES, UploadedFile
from tidings.accounts.errors import CrossSite, Forbidden, InsufficientScope, NotAuthenticated, UserNotFound
from tidings.accounts.models import User, photo_url
from tidings.accounts.photos.errors import PhotoNotFound, PhotoRefused
from tidings.accounts.photos.keeping import put_login_photo, put_photo, remove_login_photo, remove_photo
from tidings.accounts.photos.models import LoginPhoto, Photo
from tidings.accounts.photos.queries import photo_of, photo_with_id
from tidings.accounts.photos.rendering import render_photo
from tidings.accounts.photos.schemas import LoginPhotoOut
from tidings.accounts.photos.types import LOGIN_SIDE, MEDIA_TYPE
from tidings.accounts.policies import admin, admin_apart, public, signed_in, signed_in_apart
from tidings.accounts.profile.reading import own_profile
from tidings.accounts.schemas import UserOut, UsersMe
from tidings.kernel.errors import BodyTooLarge, Busy, UnsupportedMediaType
from tidings.kernel.http.problems import problems
from tidings.kernel.http.routing import Now, RequestUnit, Router, Session

router = Router(tags=["Photos"])

_IN_PERSON = (NotAuthenticated, Forbidden, CrossSite)
_ADMIN = (*_IN_PERSON, InsufficientScope)
_UPLOAD = (PhotoRefused, BodyTooLarge, UnsupportedMediaType, Busy)
_PICTURE = {200: {"content": {MEDIA_TYPE: {}}, "description": "The picture"}, 304: {"description": "Unchanged"}}
# A picture is nothing but a picture, wherever it is opened; other sites may show it, as an embedded inbox does.
_ONLY_A_PICTURE = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Content-Disposition": 'inline; filename="photo.webp"',
    "Cross-Origin-Resource-Policy": "cross-origin",
}
IfNoneMatch = Annotated[str | None, Header(include_in_schema=False)]


@router.get("/photos/{photo_id}", public, response_class=Response, responses={**_PICTURE, **problems(PhotoNotFound)})
async def read_photo(photo_id: UUID, session: Session, if_none_match: IfNoneMatch = None) -> Response:
    """The picture at an address that nobody can guess; another picture gets another address."""
    return _shown(await photo_with_id(session, photo_id), if_none_match, "public, max-age=31536000, immutable")


@router.get(
    "/users/me/photo",
    signed_in,
    response_class=Response,
    responses={**_PICTURE, **problems(NotAuthenticated, Forbidden, PhotoNotFound)},
)
async def read_my_photo(user_id: PersonId, session: Session, if_none_match: IfNoneMatch = None) -> Response:
    """One's own photo."""
    return _shown(await photo_of(session, user_id), if_none_match, "private, no-cache")


@router.put(
    "/users/me/photo",
    signed_in_apart,
    max_body_bytes=MAX_BYTES,
    openapi_extra=FILE_BODY,
    response_model=UsersMe,
    responses=problems(*_IN_PERSON, *_UPLOAD),
)
async def change_my_photo(file: UploadedFile, user_id: PersonId, by: By, unit: RequestUnit, now: Now) -> UsersMe:
    """Take a JPEG, PNG or WebP picture for one's photo; it is made small and encoded anew."""
    rendered = await render_photo(file)
    session = await unit.session()
    return await own_profile(session, await put_photo(session, user_id, rendered, by=by, now=now))


@router.delete("/users/me/photo", signed_in, status_code=204, responses=problems(*_IN_PERSON))
async def remove_my_photo(user_id: PersonId, by: By, session: Session, now: Now) -> None:
    """Remove one's own photo; repeating it changes nothing."""
    await remove_photo(session, user_id, by=by, now=now)


@router.put(
    "/users/{user_id}/photo",
    admin_apart,
    max_body_bytes=MAX_BYTES,
    openapi_extra=FILE_BODY,
    response_model=UserOut,
    responses=problems(*_ADMIN, UserNotFound, *_UPLOAD),
)
async def change_photo(user_id: UUID, file: UploadedFile, by: By, unit: RequestUnit, now: Now) -> User:
    """Give a user a photo."""
    rendered = await render_photo(file)
    return await put_photo(await unit.session(), user_id, rendered, by=by, now=now)


@router.delete("/users/{user_id}/photo", admin, status_code=204, responses=problems(*_ADMIN, UserNotFound))
async def take_photo(user_id: UUID, by: By, session: Session, now: Now) -> None:
    """Remove a user's photo; repeating it changes nothing."""
    await remove_photo(session, user_id, by=by, now=now)


@router.put(
    "/server-settings/login-photo",
    admin_apart,
    max_body_bytes=MAX_BYTES,
    openapi_extra=FILE_BODY,
    response_model=LoginPhotoOut,
    responses=problems(*_ADMIN, *_UPLOAD),
)
async def change_login_photo(file: UploadedFile, by: By, unit: RequestUnit, now: Now) -> LoginPhotoOut:
    """Give the sign-in page a picture, which everybody may see."""
    rendered = await render_photo(file, side=LOGIN_SIDE)
    photo = await put_login_photo(await unit.session(), rendered, by=by, now=now)
    return LoginPhotoOut(photo_url=str(photo_url(photo.id)))


@router.delete("/server-settings/login-photo", admin, status_code=204, responses=problems(*_ADMIN))
async def take_login_photo(by: By, session: Session, now: Now) -> None:
    """Leave the sign-in page without a picture; repeating it changes nothing."""
    await remove_login_photo(session, by=by, now=now)


def _shown(photo: Photo | LoginPhoto, if_none_match: str | None, caching: str) -> Response:
    headers = {**_ONLY_A_PICTURE, "ETag": f'"{photo.id}"', "Cache-Control": caching}
    if if_none_match is not None and headers["ETag"] in if_none_match:
        return Response(status_code=304, headers=headers)
    return Response(photo.content, media_type=MEDIA_TYPE, headers=headers)
