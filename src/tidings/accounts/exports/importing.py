"""Taking an export in: what people decided and what they were told, through the same checks as their requests.

All of it or nothing. Ids, user names, addresses and credentials stay those of the account that takes it in.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.audit.recording import record
from tidings.accounts.audit.types import Actor, AuditAction
from tidings.accounts.exports.errors import ImportRefused
from tidings.accounts.exports.making import every_section
from tidings.accounts.exports.reading import Records
from tidings.accounts.photos.keeping import put_photo
from tidings.accounts.photos.types import Rendered
from tidings.accounts.users import locked_user
from tidings.kernel.errors import Fault, InvalidRequest


async def take_in(
    session: AsyncSession,
    user_id: UUID,
    content: Mapping[str, Records],
    photo: Rendered | None,
    *,
    by: Actor,
    now: datetime,
) -> dict[str, int]:
    """Take in the records of each section, and the photo; returns how many, by section.

    Raises ImportRefused where a record does not have its shape.
    """
    await locked_user(session, user_id)
    imported: dict[str, int] = {}
    for section in every_section(session):
        if section.write is not None and section.name in content:
            try:
                records = content[section.name]
                imported[section.name] = await section.write(session, user_id, records, by=by, now=now)
            except ValidationError as error:
                raise _refusal(section.name, error) from error
            except InvalidRequest as error:
                raise _refused_place(section.name, error) from error
    if photo is not None:
        await put_photo(session, user_id, photo, by=by, now=now)
        imported["photo"] = 1
    await record(session, AuditAction.EXPORT_TAKEN_IN, by=by, now=now, target_id=user_id, detail={"imported": imported})
    return imported


def _refused_place(name: str, error: InvalidRequest) -> ImportRefused:
    return ImportRefused(faults=[replace(fault, pointer=f"/file/{name}.json{fault.pointer}") for fault in error.faults])


def _refusal(name: str, error: ValidationError) -> ImportRefused:
    faults = []
    for fault in error.errors(include_url=False, include_input=False)[:100]:
        steps = "".join(f"/{step}" for step in fault["loc"])
        faults.append(Fault(f"/file/{name}.json{steps}", fault["type"], fault["msg"]))
    return ImportRefused(faults=faults)
