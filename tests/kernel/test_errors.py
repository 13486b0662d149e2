"""Every error a client can meet has one code, a status and a sentence."""

from collections import Counter

import httpx
import pytest

from tidings import Tidings
from tidings.kernel.errors import TidingsError, error_classes


def ours() -> list[type[TidingsError]]:
    mine = (each for each in error_classes() if each.__module__.startswith("tidings."))
    return sorted(mine, key=lambda error: (error.code, error.__module__))


def test_no_two_errors_share_a_code() -> None:
    counted = Counter(error.code for error in ours())
    assert [code for code, count in counted.items() if count > 1] == []


@pytest.mark.parametrize("error", ours(), ids=lambda error: error.code)
def test_an_error_says_what_it_is(error: type[TidingsError]) -> None:
    assert error.code == error.code.lower().replace(" ", "_")
    assert 400 <= error.status < 600
    assert (error.__doc__ or "").strip().endswith(".")
    assert error.title() == (error.__doc__ or "").strip().splitlines()[0]


async def test_every_problem_has_its_page(tidings: Tidings, http: httpx.AsyncClient) -> None:
    for error in ours():
        page = await http.get(f"/problems/{error.code}")
        assert page.json() == {"code": error.code, "status": error.status, "title": error.title()}
    assert (await http.get("/problems/nonsense")).status_code == 404
