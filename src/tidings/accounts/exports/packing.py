"""The archive of an export (ZIP): one JSON file a section, the photo, and a manifest."""

import json
import zipfile
import zlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from io import BytesIO
from typing import Any
from uuid import UUID

import msgspec

from tidings.accounts.exports.types import FORMAT, VERSION
from tidings.kernel.threads import BoundedThreads

MANIFEST = "manifest.json"
PHOTO = "photo.webp"

# An archive is at most 64 MiB before it is packed; one at a time is packed or unpacked.
archive_threads = BoundedThreads("archive", at_once=1, waiting=16)


def pack_records(records: Sequence[Mapping[str, Any]]) -> tuple[bytes, int]:
    """Records as they wait for the archive, and how many bytes they are unpacked."""
    plain = msgspec.json.encode(records)
    return zlib.compress(plain), len(plain)


async def pack_archive(
    parts: Sequence[tuple[str, bytes]], photo: bytes | None, *, user_id: UUID, at: datetime
) -> bytes:
    """The archive of these parts (section and packed records, in order). Raises Busy when many wait."""
    about = {"format": FORMAT, "version": VERSION, "user_id": user_id, "exported_at": at}
    return await archive_threads.run(lambda: _archive(parts, photo, about))


def _archive(parts: Iterable[tuple[str, bytes]], photo: bytes | None, about: Mapping[str, Any]) -> bytes:
    sections: dict[str, list[Any]] = {}
    for section, packed in parts:
        sections.setdefault(section, []).extend(json.loads(zlib.decompress(packed)))
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(MANIFEST, msgspec.json.encode({**about, "sections": list(sections)}))
        for section, records in sections.items():
            archive.writestr(f"{section}.json", json.dumps(records, ensure_ascii=False, indent=1))
        if photo is not None:
            archive.writestr(PHOTO, photo, zipfile.ZIP_STORED)
    return file.getvalue()
