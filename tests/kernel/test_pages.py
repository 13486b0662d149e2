"""A cursor is good for the one list it was made for."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tidings.kernel.crypto import new_key_text, parse_keys
from tidings.kernel.errors import InvalidCursor
from tidings.kernel.pages import cursor_after, read_cursor

KEYRING = parse_keys(new_key_text())
texts = st.text(st.characters(codec="utf-8"), max_size=60)


@given(texts, texts)
def test_a_cursor_leads_back_to_its_position(scope: str, position: str) -> None:
    assert read_cursor(KEYRING, scope, cursor_after(KEYRING, scope, position)) == position


@given(texts, texts, texts)
def test_a_cursor_of_another_list_is_refused(scope: str, other: str, position: str) -> None:
    assume(scope != other)
    with pytest.raises(InvalidCursor):
        read_cursor(KEYRING, other, cursor_after(KEYRING, scope, position))


@given(st.text(max_size=100))
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(InvalidCursor):
        read_cursor(KEYRING, "list", text)


def test_a_cursor_of_another_server_is_refused() -> None:
    with pytest.raises(InvalidCursor):
        read_cursor(parse_keys(new_key_text()), "list", cursor_after(KEYRING, "list", "7"))
