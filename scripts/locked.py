"""What the two lock files say: requirements.lock, and package-lock.json of the web pages."""

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

_HASH = re.compile(r"\s--hash=sha256:([0-9a-f]{64})(?=\s|$)")


@dataclass(frozen=True, kw_only=True)
class PythonPackage:
    """One version of a package, where it is installed (a marker, or nothing), and the digests its files may have."""

    name: str
    version: Version
    marker: str
    sha256: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class PagesPackage:
    """One version of an npm package that the web pages are made of; `needs` are the keys of others."""

    key: str
    name: str
    version: str
    licence: str
    sha512: str
    needs: tuple[str, ...]


def python_packages(lock: Path) -> list[PythonPackage]:
    """Every package of requirements.lock. Raises ValueError for a line without an exact version or a hash."""
    lines = lock.read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    return [_python_package(line) for line in lines if line.strip() and not line.startswith("#")]


def _python_package(line: str) -> PythonPackage:
    hashes = tuple(_HASH.findall(line))
    requirement = Requirement(_HASH.sub("", line).strip())
    versions = [part for part in requirement.specifier if part.operator == "=="]
    if len(versions) != 1 or not hashes:
        raise ValueError(f"not a pinned package: {line[:60]}")
    return PythonPackage(
        name=canonicalize_name(requirement.name),
        version=Version(versions[0].version),
        marker=str(requirement.marker or ""),
        sha256=hashes,
    )


def pages_packages(lock: Path) -> list[PagesPackage]:
    """The packages that npm does not count as needed for development alone."""
    entries = json.loads(lock.read_text(encoding="utf-8"))["packages"]
    return [
        PagesPackage(
            key=key,
            name=key.rpartition("node_modules/")[2],
            version=entry["version"],
            licence=entry.get("license", ""),
            sha512=base64.b64decode(entry["integrity"].removeprefix("sha512-"), validate=True).hex(),
            needs=tuple(sorted(_nearest(entries, key, name) for name in entry.get("dependencies", ()))),
        )
        for key, entry in entries.items()
        if key and not entry.get("dev")
    ]


def _nearest(entries: Mapping[str, object], key: str, name: str) -> str:
    """The package that `name` means within the one at `key`: the nearest folder that has it, as Node looks it up."""
    while key:
        nested = f"{key}/node_modules/{name}"
        if nested in entries:
            return nested
        key = key.rpartition("/node_modules/")[0]
    return f"node_modules/{name}"
