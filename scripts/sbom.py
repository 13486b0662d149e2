"""tidings.cdx.json: the packages that Tidings runs with, as a CycloneDX document. `python scripts/sbom.py`

It follows from the two lock files, from pyproject.toml and from what each package says of itself, and from nothing
else: no time, no random number, not the machine it is made on. It travels in the wheel (PEP 770).
"""

import ast
import itertools
import json
import subprocess
import sys
import tomllib
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType, Property
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.model.license import LicenseAcknowledgement
from cyclonedx.model.lifecycle import LifecyclePhase, PredefinedLifecycle
from cyclonedx.output.json import JsonV1Dot7
from packageurl import PackageURL
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from locked import PagesPackage, PythonPackage, pages_packages, python_packages

ROOT = Path(__file__).resolve().parent.parent
NAME = "tidings.cdx.json"

ENVIRONMENTS = [
    {
        "python_version": ".".join(version.split(".")[:2]),
        "python_full_version": version,
        "implementation_version": version,
        "sys_platform": platform,
        "platform_system": system,
        "os_name": kind,
        "platform_machine": machine,
        "implementation_name": implementation.lower(),
        "platform_python_implementation": implementation,
    }
    for version, (platform, system, kind), machine, implementation in itertools.product(
        ("3.11.0", "3.11.14", "3.12.12", "3.13.9", "3.14.0"),
        (("linux", "Linux", "posix"), ("darwin", "Darwin", "posix"), ("win32", "Windows", "nt")),
        ("x86_64", "aarch64"),
        ("CPython", "PyPy"),
    )
]
"""Where Tidings may run; what a marker excludes from all of them is no part of it."""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What one version of a package says of itself: its licence, if it does, and what it requires."""

    licence: str
    requires: tuple[str, ...]


class FactsUnknown(Exception):
    """The document lacks what a package of the lock says of itself."""


def document(root: Path, facts: Callable[[PythonPackage], Facts]) -> str:
    """Write the document from the files below `root` and what `facts` knows of each package."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    locked = python_packages(root / "requirements.lock")
    always = reached(project["dependencies"], locked, facts)
    extras = [line for lines in project["optional-dependencies"].values() for line in lines]
    edges = reached([*project["dependencies"], *extras], locked, facts)
    parts = {package: _python_component(package, facts(package), is_extra=package not in always) for package in edges}
    pages = {package.key: package for package in pages_packages(root / "frontend/package-lock.json")}
    shown = {key: _pages_component(package) for key, package in pages.items()}

    bom = Bom(components=[*parts.values(), *shown.values()])
    tidings = Component(
        name="tidings",
        version=_version(root),
        type=ComponentType.APPLICATION,
        bom_ref="tidings",
        licenses=[LicenseFactory().make_from_string(project["license"])],
    )
    bom.metadata = BomMetaData(component=tidings, lifecycles=[PredefinedLifecycle(LifecyclePhase.PRE_BUILD)])
    for package, needed in edges.items():
        bom.register_dependency(parts[package], [parts[other] for other in needed])
    for key, page in pages.items():
        bom.register_dependency(shown[key], [shown[other] for other in page.needs])
    direct = [parts[package] for line in (*project["dependencies"], *extras) for package in _meant(line, locked)]
    bom.register_dependency(tidings, [*direct, *shown.values()])
    return _repeatable(JsonV1Dot7(bom).output_as_string())


def reached(
    lines: Iterable[str], locked: Iterable[PythonPackage], facts: Callable[[PythonPackage], Facts]
) -> dict[PythonPackage, set[PythonPackage]]:
    """Follow requirements to every locked package that some environment needs, and to what each of those needs."""
    locked = list(locked)
    edges: dict[PythonPackage, set[PythonPackage]] = {}
    extras: defaultdict[PythonPackage, set[str]] = defaultdict(lambda: {""})
    todo = list(lines)
    while todo:
        line = todo.pop()
        for package in _meant(line, locked):
            wanted = Requirement(line).extras
            if package in edges and wanted <= extras[package]:
                continue
            extras[package] |= wanted
            required = [line for line in facts(package).requires if _may_hold(line, frozenset(extras[package]))]
            edges[package] = {other for line in required for other in _meant(line, locked)}
            todo += required
    return edges


def _meant(line: str, locked: Iterable[PythonPackage]) -> list[PythonPackage]:
    requirement = Requirement(line)
    name = canonicalize_name(requirement.name)
    meant = [package for package in locked if package.name == name and requirement.specifier.contains(package.version)]
    if not meant:
        raise ValueError(f"requirements.lock has nothing for {line}")
    return meant


@cache
def _may_hold(line: str, extras: frozenset[str]) -> bool:
    marker = Requirement(line).marker
    return marker is None or any(_holds(marker, {"extra": extra}) for extra in extras)


def _holds(marker: Marker, extra: Mapping[str, str]) -> bool:
    return any(marker.evaluate({**environment, **extra}) for environment in ENVIRONMENTS)


def _python_component(package: PythonPackage, facts: Facts, *, is_extra: bool) -> Component:
    purl = PackageURL(type="pypi", name=package.name, version=str(package.version))
    return Component(
        name=package.name,
        version=str(package.version),
        scope=ComponentScope.OPTIONAL if is_extra else ComponentScope.REQUIRED,
        purl=purl,
        bom_ref=purl.to_string(),
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=digest) for digest in package.sha256],
        licenses=_licences(facts.licence),
        properties=[Property(name="tidings:where", value=package.marker)] if package.marker else [],
    )


def _pages_component(package: PagesPackage) -> Component:
    group, _, name = package.name.rpartition("/")
    purl = PackageURL(type="npm", namespace=group or None, name=name, version=package.version)
    return Component(
        group=group or None,
        name=name,
        version=package.version,
        scope=ComponentScope.REQUIRED,
        purl=purl,
        bom_ref=purl.to_string(),
        hashes=[HashType(alg=HashAlgorithm.SHA_512, content=package.sha512)],
        licenses=_licences(package.licence),
    )


def _licences(said: str) -> Iterator[Any]:
    if said:
        yield LicenseFactory().make_from_string(said, license_acknowledgement=LicenseAcknowledgement.DECLARED)


def _version(root: Path) -> str:
    """Read the version of the checkout at `root`, which need not be the one that is installed."""
    for node in ast.parse((root / "src/tidings/__init__.py").read_text(encoding="utf-8")).body:
        match node:
            case ast.Assign(targets=[ast.Name(id="__version__")], value=ast.Constant(value=str(version))):
                return version
    raise ValueError("src/tidings/__init__.py has no __version__")


def _repeatable(text: str) -> str:
    """Leave out the time, and number the document by its content. A digest takes one line, so that changes show."""
    content = json.loads(text)
    del content["metadata"]["timestamp"], content["serialNumber"]
    content["serialNumber"] = uuid.uuid5(uuid.NAMESPACE_OID, json.dumps(content, sort_keys=True)).urn
    lines: dict[str, str] = {}
    for number, component in enumerate(content["components"]):
        for index, digest in enumerate(component["hashes"]):
            placeholder = f"{number}/{index}"
            lines[f'"{placeholder}"'] = json.dumps(digest)
            component["hashes"][index] = placeholder
    written = json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False)
    return "\n".join(_digest_in(line, lines) for line in written.split("\n")) + "\n"


def _digest_in(line: str, lines: Mapping[str, str]) -> str:
    bare = line.strip().rstrip(",")
    return line.replace(bare, lines[bare]) if bare in lines else line


def noted(path: Path) -> dict[tuple[str, str], Facts]:
    """Read the facts back that a document has of each Python package, by its name and version."""
    if not path.exists():
        return {}
    content = json.loads(path.read_text(encoding="utf-8"))
    needs = {entry["ref"]: entry.get("dependsOn", ()) for entry in content["dependencies"]}
    return {
        (part["name"], part["version"]): Facts(
            licence=_noted_licence(part),
            requires=tuple(PackageURL.from_string(ref).name for ref in needs.get(part["bom-ref"], ())),
        )
        for part in content["components"]
        if part["purl"].startswith("pkg:pypi/")
    }


def _noted_licence(part: Mapping[str, Any]) -> str:
    for choice in part.get("licenses", ()):
        licence = choice.get("license", {})
        return str(choice.get("expression") or licence.get("id") or licence.get("name"))
    return ""


def installed_or_noted(root: Path) -> Callable[[PythonPackage], Facts]:
    """Facts of the packages that are installed here and, for other systems' packages, those the document has."""
    notes = noted(root / NAME)

    @cache
    def facts(package: PythonPackage) -> Facts:
        found = _installed(package, sys.path) or notes.get((package.name, str(package.version)))
        if found is None:
            raise FactsUnknown(f"{NAME} has nothing about {package.name} {package.version}: run `make sbom`.")
        return found

    return facts


def installed_noted_or_fetched(root: Path) -> Callable[[PythonPackage], Facts]:
    """Find facts likewise; those that are neither here nor in the document are fetched with the package."""
    known = installed_or_noted(root)

    @cache
    def facts(package: PythonPackage) -> Facts:
        try:
            return known(package)
        except FactsUnknown:
            return _fetched(package)

    return facts


def _installed(package: PythonPackage, path: list[str]) -> Facts | None:
    for found in metadata.distributions(name=package.name, path=path):
        if Version(found.version) == package.version:
            return Facts(licence=_licence(found), requires=tuple(found.requires or ()))
    return None


def _licence(package: metadata.Distribution) -> str:
    """Take the expression, or else the words of older metadata when they are a name rather than the whole text."""
    said = package.metadata.json
    words = str(said.get("license", "")).strip()
    classifiers = [line.rpartition(" :: ")[2] for line in said.get("classifier", ()) if line.startswith("License ::")]
    named = words if words and "\n" not in words else ", ".join(classifiers)
    return str(said.get("license_expression", named))


def _fetched(package: PythonPackage) -> Facts:
    """Let pip bring the package into a folder that goes away, its hash checked; nothing of it is run."""
    with TemporaryDirectory() as folder:
        hashes = "".join(f" --hash=sha256:{digest}" for digest in package.sha256)
        wanted = Path(folder, "wanted.txt")
        wanted.write_text(f"{package.name}=={package.version}{hashes}\n", encoding="utf-8")
        options = ["--no-deps", "--only-binary=:all:", "--ignore-requires-python", "--disable-pip-version-check"]
        pip = [sys.executable, "-m", "pip", "install", "--quiet", *options, "--target", f"{folder}/it"]
        if subprocess.run([*pip, "--require-hashes", "-r", wanted], check=False).returncode:
            sys.exit(f"\n{package.name} {package.version} is not installed here and could not be fetched; see above.")
        found = _installed(package, [f"{folder}/it"])
        assert found is not None
        return found


if __name__ == "__main__":
    made = document(ROOT, installed_noted_or_fetched(ROOT))
    (ROOT / NAME).write_text(made, encoding="utf-8")
    print(f"· {NAME} names {len(json.loads(made)['components'])} packages")
