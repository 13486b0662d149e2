"""Reading an archive that somebody sends: every limit is checked before anything is unpacked, and again while it is.

An archive of a few kilobytes can promise petabytes, name files anywhere, or lie about both (PKWARE APPNOTE 4.3).
"""

import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any, TypeAlias

from tidings.accounts.contributors import Section
from tidings.accounts.exports.errors import ImportRefused
from tidings.accounts.exports.packing import MANIFEST, PHOTO, archive_threads
from tidings.accounts.exports.types import FORMAT, VERSION
from tidings.kernel.errors import Fault, TidingsError
from tidings.kernel.http.requests import parse_json

MAX_FILES = 64
MAX_FILE_BYTES = 4 * (1 << 20)
MAX_ARCHIVE_BYTES = 4 * MAX_FILE_BYTES
"""What does not fit is history, such as the notifications of years, and not unpacked."""
Records: TypeAlias = Sequence[Mapping[str, Any]]  # Any: JSON is any value
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_ENCRYPTED = 0x1
_SECTION = re.compile(r"[a-z0-9_]+\.json")


@dataclass(frozen=True, slots=True)
class Archive:
    """The files of an archive by name, None where one is too large; what they hold is not checked yet."""

    files: Mapping[str, bytes | None]

    @property
    def photo(self) -> bytes | None:
        return self.files.get(PHOTO)

    @property
    def sections(self) -> frozenset[str]:
        """The names of the sections."""
        return frozenset(name.removesuffix(".json") for name in self.files) - {PHOTO, MANIFEST.removesuffix(".json")}

    def is_too_large(self, section: str) -> bool:
        """Whether the archive has this section and it was not unpacked."""
        return self.files.get(f"{section}.json", b"") is None

    def has(self, section: Section) -> bool:
        """Whether there is something in it that this section takes."""
        is_left_out = section.may_be_left_out and self.is_too_large(section.name)
        return section.write is not None and section.name in self.sections and not is_left_out

    def records(self, section: Section) -> Records:
        """The records of a section, as JSON has them. Raises ImportRefused when they are none, or too many."""
        records = self._json(f"{section.name}.json")
        if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
            raise refused(f"{section.name}.json", "This is no list of records.")
        if len(records) > section.at_most:
            raise refused(f"{section.name}.json", f"There are more than {section.at_most} records.")
        return records

    def check_manifest(self) -> None:
        """Raises ImportRefused unless the archive says of itself that it is an export."""
        manifest = self._json(MANIFEST)
        if not isinstance(manifest, dict) or (manifest.get("format"), manifest.get("version")) != (FORMAT, VERSION):
            raise refused(MANIFEST, "This is no export of this kind of server, or of a newer release.")

    def _json(self, name: str) -> Any:  # Any: JSON is any value
        plain = self.files.get(name)
        if plain is None:
            raise refused(name, "This file is missing or too large.")
        try:
            return parse_json(plain)
        except TidingsError as error:
            raise refused(name, str(error)) from error


def refused(place: str, detail: str) -> ImportRefused:
    """What is wrong with which file of the archive."""
    return ImportRefused(detail, faults=[Fault(f"/file/{place}" if place else "/file", ImportRefused.code, detail)])


async def read_archive(content: bytes) -> Archive:
    """The files of an export. Raises ImportRefused, and Busy when many wait. Call it outside transactions."""
    archive = await archive_threads.run(lambda: _read(content))
    archive.check_manifest()
    return archive


async def read_records(archive: Archive, sections: Iterable[Section]) -> Mapping[str, Records]:
    """What the archive holds for these sections, by name. Call it outside transactions.

    Raises ImportRefused and Busy.
    """
    present = [section for section in sections if archive.has(section)]
    return await archive_threads.run(lambda: {section.name: archive.records(section) for section in present})


def _read(content: bytes) -> Archive:
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            return Archive(_unpacked_files(archive, _checked(archive.infolist())))
    except ImportRefused:
        raise
    except Exception as error:  # a decoder over foreign bytes raises whatever it trips over
        raise refused("", "The file is no ZIP archive, or is damaged.") from error


def _checked(infos: Sequence[zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
    files = {info.filename: info for info in infos}
    if len(infos) > MAX_FILES or len(files) != len(infos):
        raise refused("", "The archive has too many files, or one of them twice.")
    for name, info in files.items():
        is_plain = info.compress_type in _METHODS and not info.flag_bits & _ENCRYPTED
        if not is_plain or not (name == PHOTO or _SECTION.fullmatch(name)):
            raise refused("", "The archive holds files that no export has.")
    return files


def _unpacked_files(archive: zipfile.ZipFile, infos: Mapping[str, zipfile.ZipInfo]) -> dict[str, bytes | None]:
    """Small files first, so that large ones are what no room is left for."""
    files, room = dict[str, bytes | None](), MAX_ARCHIVE_BYTES
    for name, info in sorted(infos.items(), key=lambda item: item[1].file_size):
        files[name] = _unpacked(archive, info) if info.file_size <= room else None
        room -= info.file_size if files[name] is not None else 0
    return files


def _unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes | None:
    """The bytes of one file: as many as it said, however much really follows."""
    if info.file_size > MAX_FILE_BYTES:
        return None
    with archive.open(info) as file:
        plain = file.read(info.file_size + 1)
    if len(plain) != info.file_size:
        raise refused("", "A file of the archive is not as large as it says.")
    return plain
