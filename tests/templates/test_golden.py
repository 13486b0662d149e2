"""Mails look as they are kept; `tests/templates/golden.py` says how to keep them anew."""

import pytest

from tests.templates import golden
from tidings.accounts.types import Language


@pytest.mark.parametrize(("name", "language"), list(golden.mails()))
def test_a_mail_is_as_it_was(name: str, language: Language) -> None:
    now = golden.files(name, language)
    assert now == {file: (golden.FOLDER / file).read_bytes() for file in now}


def test_nothing_else_is_kept() -> None:
    known = {file for name, language in golden.mails() for file in golden.files(name, language)}
    assert {path.name for path in golden.FOLDER.iterdir()} == known
