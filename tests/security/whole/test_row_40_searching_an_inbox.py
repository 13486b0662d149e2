"""Row 40: what somebody searches their inbox for is text: never SQL, and never a pattern."""

from tests.world import Person

TITLES = ["100%", "a_b", "axb", "back\\slash", "o'brien", 'quo"te', "a%_b", "--", "x;y", "[a-z]", "*?"]
TEXTS = ["%", "_", "\\", "'", '"', "a_", "a%", "%_", "b\\", "[a", "*", "--", ";", "' OR '1'='1", "') OR 1=1 --", "A"]


async def test_row_40_a_search_of_an_inbox_finds_exactly_what_holds_the_text(ada: Person) -> None:
    for title in TITLES:
        await ada.receives(title=title)
    for text in TEXTS:
        expected = {title for title in TITLES if text.lower() in title.lower()}
        assert set(await ada.titles(search=text)) == expected, text
