"""Reading JSON within its limits."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import Message

from tidings.kernel.errors import BodyTooLarge, InvalidCharacter, JsonTooDeep, MalformedJson
from tidings.kernel.http.requests import MAX_JSON_DEPTH, CheckedRequest, parse_json

texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=10)
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4))


@given(values)
def test_json_is_read_as_it_was_written(value: Any) -> None:
    assert parse_json(json.dumps(value).encode()) == value
    assert parse_json(json.dumps(value, ensure_ascii=False).encode()) == value


def nested(kinds: list[bool]) -> Any:
    value: Any = 1
    for is_list in kinds:
        value = [value] if is_list else {"x": value}
    return value


@given(st.lists(st.booleans(), max_size=MAX_JSON_DEPTH))
def test_up_to_32_levels_are_read(kinds: list[bool]) -> None:
    assert parse_json(json.dumps(nested(kinds)).encode()) == nested(kinds)


@given(st.lists(st.booleans(), min_size=MAX_JSON_DEPTH + 1, max_size=3 * MAX_JSON_DEPTH))
def test_deeper_is_refused(kinds: list[bool]) -> None:
    with pytest.raises(JsonTooDeep):
        parse_json(json.dumps(nested(kinds)).encode())


@given(values, st.sampled_from(["\0", "a\0", "\0b"]))
def test_nul_is_refused_wherever_it_stands(value: Any, text: str) -> None:
    for holder in ([value, text], {text: value}, {"x": [{"y": text}]}):
        with pytest.raises(InvalidCharacter):
            parse_json(json.dumps(holder).encode())


def test_text_that_speaks_of_nul_is_read() -> None:
    assert parse_json(json.dumps({"x": "\\u0000"}).encode()) == {"x": "\\u0000"}


@given(st.binary(max_size=40))
def test_any_bytes_are_json_or_refused(body: bytes) -> None:
    try:
        parse_json(body)
    except (MalformedJson, InvalidCharacter):
        return
    json.loads(body)


@pytest.mark.parametrize("length", ["", "1e9", "-1", "+5", "٣", "9" * 5_000])
async def test_a_length_that_is_none_is_not_believed_and_what_arrives_is_counted(length: str) -> None:
    small, large = sent(length, b"ab"), sent(length, b"abc")
    assert await small.body() == b"ab"
    with pytest.raises(BodyTooLarge):
        await large.body()


async def test_a_length_over_the_limit_is_refused_before_anything_arrives() -> None:
    with pytest.raises(BodyTooLarge):
        await sent("3", b"").body()


def sent(length: str, body: bytes) -> CheckedRequest:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    request = CheckedRequest({"type": "http", "headers": [(b"content-length", length.encode())]}, receive)
    request.max_body_bytes = 2
    return request
