import pytest

from tests.services import redis, run


def test_one_that_is_named_is_taken(monkeypatch: pytest.MonkeyPatch, test_run: run.Run) -> None:
    monkeypatch.setenv(redis.VARIABLE, "redis://127.0.0.1:1/3")
    with redis.server(test_run) as url:
        assert url == "redis://127.0.0.1:1/3"


def test_one_that_is_found_or_brought_answers(test_run: run.Run) -> None:
    with redis.server(test_run) as url:
        host, _, port = url.removeprefix("redis://").partition("/")[0].rpartition(":")
        assert redis._answers((host, int(port)))
