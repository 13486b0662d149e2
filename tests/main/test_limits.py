"""The rate limits that follow from the settings."""

from pathlib import Path

import pytest

from tests.clock import StoppedClock
from tidings.kernel.db import open_database
from tidings.main.limits import rate_limits_of
from tidings.settings import Settings


@pytest.mark.parametrize(
    ("chosen", "amounts"),
    [
        ({}, {"sign-in": 60, "program": 600, "user": 1_200, "upload": 10, "key": 30_000}),
        ({"sign_in": 5}, {"sign-in": 5, "program": 50, "user": 1_200, "upload": 10, "key": 30_000}),
        ({"sign_in": 0, "user": 0}, {"sign-in": 0, "program": 0, "user": 0, "upload": 0, "key": 30_000}),
    ],
)
def test_what_has_no_setting_of_its_own_follows_another(
    tmp_path: Path, chosen: dict[str, int], amounts: dict[str, int]
) -> None:
    settings = Settings.model_validate(
        {"data_dir": tmp_path, **{f"rate_limit_{name}": amount for name, amount in chosen.items()}}
    )
    limits = rate_limits_of(settings, open_database(f"sqlite+aiosqlite:///{tmp_path}/none.db"), StoppedClock())
    made = (limits.sign_in, limits.program, limits.user, limits.upload, limits.key)
    assert {limit.name: limit.amount for limit in made} == amounts
