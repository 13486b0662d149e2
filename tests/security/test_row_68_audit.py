"""Row 68: `make audit` says which locked package is known to be vulnerable, and says so when it could not ask."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from audit import KNOWN, NONE_KNOWN, NOT_ASKED, NotAnswered, apart, ending, known_among, main
from locked import python_packages

HASH = f"--hash=sha256:{'0' * 64}"
LOCK = f"""\
leaky==1.0 {HASH}
elsewhere==2.0 ; sys_platform == 'made-up' {HASH}
"""
PACKAGE = {"name": "pages", "version": "1.0.0", "dependencies": {"frayed": "1.0.0"}}
PACKAGE_LOCK = PACKAGE | {
    "lockfileVersion": 3,
    "packages": {
        "": PACKAGE,
        "node_modules/frayed": {"version": "1.0.0", "integrity": "sha512-AAAA"},
    },
}
LEAKY = {
    "id": "MADE-UP-1",
    "modified": "2026-01-01T00:00:00Z",
    "affected": [
        {
            "package": {"ecosystem": "PyPI", "name": "leaky"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.1"}]}],
        }
    ],
}
FRAYED = {
    "id": 1,
    "title": "Frayed at the ends",
    "url": "https://example.org/frayed",
    "severity": "high",
    "vulnerable_versions": "<2",
}


class Advisories(ThreadingHTTPServer):
    """A service of advisories, for Python and for npm, that knows what it is told; it notes what it was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.known: dict[str, Any] = {}
        self.asked: list[tuple[str, str]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Answers(BaseHTTPRequestHandler):
    server: Advisories

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/v1/query":
            question = json.loads(body)
            self.server.asked.append((question["package"]["name"], question["version"]))
            found = self.server.known.get(question["package"]["name"])
            self.answer({"vulns": [found]} if found else {})
        else:
            found = self.server.known.get("frayed")
            self.answer({"frayed": [found]} if found else {})

    def do_GET(self) -> None:
        self.send_error(404)

    def answer(self, content: object) -> None:
        body = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


@pytest.fixture
def advisories(monkeypatch: pytest.MonkeyPatch) -> Iterator[Advisories]:
    with Advisories() as service:
        thread = threading.Thread(target=service.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        monkeypatch.setenv("npm_config_registry", service.url)
        yield service
        service.shutdown()
        thread.join()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / "requirements.lock").write_text(LOCK)
    frontend = tmp_path / "frontend"
    frontend.mkdir()
    (frontend / "package.json").write_text(json.dumps(PACKAGE))
    (frontend / "package-lock.json").write_text(json.dumps(PACKAGE_LOCK))
    return tmp_path


def asking(url: str) -> list[str]:
    return ["--vulnerability-service", "osv", "--osv-url", f"{url}/v1/query"]


def test_row_68_every_locked_version_is_asked_about_and_what_is_known_is_named(
    checkout: Path, advisories: Advisories, capsys: pytest.CaptureFixture[str]
) -> None:
    advisories.known = {"leaky": LEAKY, "frayed": FRAYED}
    assert main(asking(advisories.url), checkout) == KNOWN
    assert sorted(advisories.asked) == [("elsewhere", "2.0"), ("leaky", "1.0")]
    assert capsys.readouterr().out.splitlines() == [
        "leaky 1.0: MADE-UP-1, fixed in 1.1",
        "· Python: 2 packages asked about, known vulnerabilities: 1",
        "frayed: high, Frayed at the ends (https://example.org/frayed)",
        "· Web pages: 1 packages asked about, with known vulnerabilities: 1",
    ]


def test_row_68_without_the_network_it_says_that_nothing_was_asked(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with Advisories() as gone:
        url = gone.url
    monkeypatch.setenv("npm_config_registry", url)
    assert main(asking(url), checkout) == NOT_ASKED
    said = capsys.readouterr()
    assert said.out == ""
    assert "Traceback" not in said.err
    assert [line.partition(";")[0] for line in said.err.splitlines()] == [
        "· Python: the advisories cannot be asked for from here",
        "· Web pages: the advisories cannot be asked for from here",
    ]


def test_row_68_a_package_that_the_service_passes_over_is_not_taken_for_a_sound_one(
    checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    leaky = {"id": "MADE-UP-1", "fix_versions": []}
    answers: list[dict[str, Any]] = [
        {"name": "Leaky", "version": "1.0", "vulns": [leaky]},
        {"name": "elsewhere", "skip_reason": "not found"},
    ]
    with pytest.raises(NotAnswered, match=r"1 of 2 packages are not known .*, elsewhere 2\.0 among them"):
        known_among(python_packages(checkout / "requirements.lock"), answers)
    assert capsys.readouterr().out == "Leaky 1.0: MADE-UP-1, fixed in nothing\n"


def test_row_68_two_locked_versions_of_one_package_are_asked_about_apart(tmp_path: Path) -> None:
    lock = tmp_path / "requirements.lock"
    lock.write_text(f"one==1 {HASH}\none==2 {HASH}\ntwo==1 {HASH}\n")
    parts = [[f"{package.name} {package.version}" for package in part] for part in apart(python_packages(lock))]
    assert parts == [["one 1", "two 1"], ["one 2"]]


def test_row_68_it_ends_well_only_when_all_was_asked_and_nothing_is_known() -> None:
    assert ending([NONE_KNOWN, NONE_KNOWN]) == 0
    assert ending([NONE_KNOWN, NOT_ASKED]) == 2
    assert ending([NOT_ASKED, KNOWN]) == 1
