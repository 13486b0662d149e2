"""What is large, slow to load and seldom needed waits for its first use: a start is quick, an idle server small."""

import subprocess
import sys

import pytest

import tidings


@pytest.mark.parametrize(
    "package",
    [
        pytest.param("zxcvbn", id="what_advises_on_passwords"),
        pytest.param("webauthn", id="what_checks_passkeys"),
        pytest.param("PIL", id="what_redraws_photos"),
        pytest.param("ua_parser", id="what_reads_the_names_of_browsers"),
        pytest.param("css_inline", id="what_lays_out_letters"),
    ],
)
def test_a_start_does_not_load(package: str, loaded_at_start: frozenset[str]) -> None:
    assert package not in loaded_at_start


@pytest.fixture(scope="module")
def loaded_at_start() -> frozenset[str]:
    script = "import sys, tidings.cli.app, tidings.main; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return frozenset(done.stdout.split())


def test_telling_the_version_loads_nothing() -> None:
    script = "import sys, tidings.cli; sys.argv[1:] = ['--version']; tidings.cli.main(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    version, loaded = done.stdout.splitlines()
    assert version == tidings.__version__
    assert {"typer", "sqlalchemy", "fastapi"}.isdisjoint(loaded.split())
