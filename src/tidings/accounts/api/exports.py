"""A copy of everything that is kept of oneself, and taking one in."""

from fastapi import Response

from tidings.accounts.api.app import By, Database, PersonId
from tidings.accounts.api.uploads import FILE_BODY, MAX_BYTES, UploadedFile
from tidings.accounts.errors import CrossSite, Forbidden, NotAuthenticated
from tidings.accounts.exports.errors import ExportNotFound, ImportRefused
from tidings.accounts.exports.importing import take_in
from tidings.accounts.exports.making import begin_export, every_section
from tidings.accounts.exports.models import Export
from tidings.accounts.exports.purging import remove_export
from tidings.accounts.exports.queries import archive_of, export_of
from tidings.accounts.exports.reading import read_archive, read_records
from tidings.accounts.exports.schemas import ExportOut, Imported
from tidings.accounts.photos.errors import PhotoRefused
from tidings.accounts.photos.rendering import render_photo
from tidings.accounts.policies import signed_in, signed_in_apart
from tidings.kernel.errors import BodyTooLarge, Busy, UnsupportedMediaType
from tidings.kernel.http.problems import problems
from tidings.kernel.http.routing import Now, RequestUnit, Router, Session

router = Router(prefix="/users/me", tags=["Exports"])

_IN_PERSON = (NotAuthenticated, Forbidden)
_ZIP = "application/zip"


@router.post(
    "/export", signed_in, status_code=202, response_model=ExportOut, responses=problems(*_IN_PERSON, CrossSite)
)
async def ask_for_export(user_id: PersonId, by: By, session: Session, now: Now) -> Export:
    """Have a copy made of everything that is kept of oneself; one that is being made goes on."""
    return await begin_export(session, user_id, by=by, now=now)


@router.get("/export", signed_in, response_model=ExportOut, responses=problems(*_IN_PERSON, ExportNotFound))
async def read_export(user_id: PersonId, session: Session, now: Now) -> Export:
    """How far one's export has come."""
    return await export_of(session, user_id, now=now)


@router.delete("/export", signed_in, status_code=204, responses=problems(*_IN_PERSON, CrossSite))
async def take_export_away(user_id: PersonId, by: By, session: Session, now: Now) -> None:
    """Remove one's export, or end its making; repeating it changes nothing."""
    await remove_export(session, user_id, by=by, now=now)


@router.get(
    "/export/download",
    signed_in,
    response_class=Response,
    responses={
        200: {"content": {_ZIP: {}}, "description": "The archive"},
        **problems(*_IN_PERSON, ExportNotFound),
    },
)
async def download_export(user_id: PersonId, session: Session, now: Now) -> Response:
    """The archive, for its owner alone."""
    archive = await archive_of(session, user_id, now=now)
    headers = {"Content-Disposition": f'attachment; filename="tidings-{now:%Y-%m-%d}.zip"', "Cache-Control": "no-store"}
    return Response(archive, media_type=_ZIP, headers=headers)


@router.post(
    "/import",
    signed_in_apart,
    max_body_bytes=MAX_BYTES,
    openapi_extra=FILE_BODY,
    response_model=Imported,
    responses=problems(*_IN_PERSON, CrossSite, ImportRefused, PhotoRefused, BodyTooLarge, UnsupportedMediaType, Busy),
)
async def take_export_in(
    file: UploadedFile, user_id: PersonId, by: By, database: Database, unit: RequestUnit, now: Now
) -> Imported:
    """Take in an export: profile, photo, privacy, preferences, and the newest notifications. All of it or nothing."""
    archive = await read_archive(file)
    async with database.read() as reading:
        sections = every_section(reading)
    content = await read_records(archive, sections)
    photo = await render_photo(archive.photo) if archive.photo is not None else None
    imported = await take_in(await unit.session(), user_id, content, photo, by=by, now=now)
    return Imported(imported=imported, left_out=sorted(archive.sections - set(imported)))
