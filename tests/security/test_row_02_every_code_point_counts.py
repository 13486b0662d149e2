"""No code point is dropped, folded or cut off, also past byte 72 where older hashes stop."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tidings.accounts.passwords import hash_password, is_correct

PASSWORD = st.text(st.characters(codec="utf-8"), min_size=15, max_size=250)


@settings(deadline=None, max_examples=20)
@given(PASSWORD, st.data())
async def test_row_02_changing_any_one_character_makes_another_password(password: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(min_value=0, max_value=len(password) - 1))
    other = data.draw(st.characters(codec="utf-8").filter(lambda character: character != password[place]))
    stored = await hash_password(password)
    assert await is_correct(password, stored)
    assert not await is_correct(password[:place] + other + password[place + 1 :], stored)


@settings(deadline=None, max_examples=10)
@given(PASSWORD)
async def test_row_02_the_last_character_counts_past_byte_72(password: str) -> None:
    stored = await hash_password("é" * 60 + password)
    assert not await is_correct("é" * 60 + password[:-1], stored)
