"""Ask whether a locked package has a known vulnerability. `make audit`, with ARGS for pip-audit

It asks about every line of requirements.lock, for whichever system, and every package of frontend/package-lock.json.
Ends with 0 when none is known, 1 when one is, 2 when that could not be asked of all of them.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from packaging.utils import canonicalize_name

from locked import PythonPackage, python_packages
from ui import UiNotBuilt, node_on_path

ROOT = Path(__file__).resolve().parent.parent
NONE_KNOWN, KNOWN, NOT_ASKED = 0, 1, 2


class NotAnswered(Exception):
    """The advisories could not be asked about everything that is locked."""


def main(arguments: list[str], root: Path = ROOT) -> int:
    """Ask about both lock files, say what came of each, and return how to end."""
    ends = []
    questions: list[Callable[[], list[str]]] = [
        partial(ask_about_python, root, arguments),
        partial(ask_about_pages, root),
    ]
    for ask in questions:
        try:
            known = ask()
        except NotAnswered as error:
            print(f"· {error}", file=sys.stderr)
            ends.append(NOT_ASKED)
        else:
            ends.append(KNOWN if known else NONE_KNOWN)
    return ending(ends)


def ending(ends: list[int]) -> int:
    """Say how to end after several questions: a vulnerability that is known outweighs one that may be."""
    return KNOWN if KNOWN in ends else max(ends)


def ask_about_python(root: Path, arguments: list[str]) -> list[str]:
    """Say which packages of requirements.lock are known to be vulnerable, a line each.

    Raises NotAnswered when the advisories could not be asked for, or not for every package.
    """
    packages = python_packages(root / "requirements.lock")
    return known_among(packages, [answer for some in apart(packages) for answer in _pip_audit(some, arguments)])


def known_among(packages: Collection[PythonPackage], answers: Collection[Mapping[str, Any]]) -> list[str]:
    """Say what pip-audit's answers tell of packages.

    Raises NotAnswered when it passed one over. pip-audit itself takes a package that its service has not heard of for
    one without vulnerabilities, and a mirror of the packages has often heard of none.
    """
    known = [
        f"{answer['name']} {answer['version']}: {found['id']}, fixed in {', '.join(found['fix_versions']) or 'nothing'}"
        for answer in answers
        for found in answer.get("vulns", ())
    ]
    print("\n".join(known), end="\n" if known else "")
    answered = {(canonicalize_name(answer["name"]), answer["version"]) for answer in answers if "version" in answer}
    missing = [package for package in packages if (package.name, str(package.version)) not in answered]
    if missing:
        raise NotAnswered(
            f"Python: {len(missing)} of {len(packages)} packages are not known where the advisories were asked for, "
            f"{missing[0].name} {missing[0].version} among them. A mirror may carry packages without advisories; "
            'another service: make audit ARGS="--vulnerability-service osv"'
        )
    print(f"· Python: {len(packages)} packages asked about, known vulnerabilities: {len(known)}")
    return known


def apart(packages: Iterable[PythonPackage]) -> list[list[PythonPackage]]:
    """Split a lock so that no part has two versions of one package, as it has for different systems."""
    parts: list[dict[str, PythonPackage]] = []
    for package in packages:
        part = next((part for part in parts if package.name not in part), None)
        if part is None:
            parts.append(part := {})
        part[package.name] = package
    return [list(part.values()) for part in parts]


def _pip_audit(packages: Iterable[PythonPackage], arguments: list[str]) -> list[dict[str, Any]]:
    """Ask about packages, wherever they would be installed. Its exit code tells trouble from a finding in no way."""
    with TemporaryDirectory() as folder:
        asked, answer = Path(folder, "asked.txt"), Path(folder, "answer.json")
        asked.write_text("".join(_line(package) for package in packages), encoding="utf-8")
        options = ["--require-hashes", "--disable-pip", "--progress-spinner", "off", "--format", "json"]
        command = [sys.executable, "-m", "pip_audit", *options, "-o", str(answer), "-r", str(asked), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if not answer.exists():
            raise NotAnswered(
                "Python: the advisories cannot be asked for from here; this needs the network. "
                f"pip-audit ended with: {_last(done.stderr)}"
            )
        dependencies: list[dict[str, Any]] = json.loads(answer.read_text(encoding="utf-8"))["dependencies"]
        return dependencies


def _line(package: PythonPackage) -> str:
    hashes = "".join(f" --hash=sha256:{digest}" for digest in package.sha256)
    return f"{package.name}=={package.version}{hashes}\n"


def ask_about_pages(root: Path) -> list[str]:
    """Say which packages of the web pages and of their build are known to be vulnerable, a line each.

    Raises NotAnswered when npm could not ask.
    """
    answer = _npm_audit(root / "frontend")
    if "vulnerabilities" not in answer:
        raise NotAnswered(
            "Web pages: the advisories cannot be asked for from here; this needs the network, and a registry that has "
            f"them. npm ended with: {answer.get('message', 'nothing')}"
        )
    known = [
        f"{name}: {found['severity']}, {_reasons(found['via'])}" for name, found in answer["vulnerabilities"].items()
    ]
    print("\n".join(known), end="\n" if known else "")
    total = answer["metadata"]["dependencies"]["total"]
    print(f"· Web pages: {total} packages asked about, with known vulnerabilities: {len(known)}")
    return known


def _npm_audit(frontend: Path) -> Mapping[str, Any]:
    try:
        with node_on_path() as path:
            options = ["--json", "--package-lock-only", "--fetch-retries=0"]
            done = subprocess.run(
                [shutil.which("npm", path=path) or "npm", "audit", *options],
                cwd=frontend,
                env=os.environ | {"PATH": path, "NO_UPDATE_NOTIFIER": "1"},
                capture_output=True,
                text=True,
                check=False,
            )
    except UiNotBuilt as error:
        raise NotAnswered(f"Web pages: {error}") from error
    try:
        answer: Mapping[str, Any] = json.loads(done.stdout)
    except ValueError as error:
        raise NotAnswered(f"Web pages: npm could not ask. It ended with: {_last(done.stderr)}") from error
    return answer


def _reasons(via: Iterable[Any]) -> str:
    """Name advisories, and the packages through which another one is concerned."""
    return ", ".join(f"through {one}" if isinstance(one, str) else f"{one['title']} ({one['url']})" for one in via)


def _last(text: str) -> str:
    """Take the last line: of a traceback, the one that says what happened."""
    return (text.strip().splitlines() or ["nothing"])[-1]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
