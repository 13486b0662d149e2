"""Values are not marks: whatever they hold, a message has the shape that its template gave it."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidings.templates.cleaning import cleaned, on_one_line
from tidings.templates.inheritance import Part, fill_text
from tidings.templates.markdown import paragraphs
from tidings.templates.render import MAX_MESSAGE_LENGTH, render_message, render_text

BASE = "https://tidings.example"
HARMLESS = "Ada"
TEMPLATES = (
    "{{ x }}",
    "a {{ x }} wants, {{ x }}",
    "**{{ x }}** a",
    "**a {{ x }} b** and *c {{ x }}*",
    "*{{ x }}* _{{ x }}_ a",
    "run `{{ x }}` now",
    "see [{{ x }}](/a) and [a {{ x }} b](/c)",
    "see [it](/orders/{{ x }}) now",
    "see [it](/orders/{{ x }}/{{ x }}?a={{ x }}#b) now",
    "[{{ x }}] failed ({{ x }})",
    "[{{ x }}]{{ x }}",
    "[{{ x }}]({{ x }} more)",
    "[a]{{ x }} [b](/c)",
    "[a](b {{ x }})",
    "[[a]{{ x }} [b](/c)",
    "`[a]{{ x }}` [a]{{ x }}",
    "\\{{ x }} a",
    "\\\\{{ x }} a",
    "open *{{ x }} and **{{ x }} and `{{ x }} and [{{ x }} and _{{ x }}",
    "closed {{ x }}* and {{ x }}** and {{ x }}` and {{ x }}](/a) and {{ x }}_",
    "**a** {{ x }} *b* `c` [d](/e) {{ x }}",
    "{{ x }}{{ x }}",
    "a_{{ x }}_b",
    "{{ x ~ '' }} {{ x | default('y') }} {{ [x] | join }} {{ x if x else 'y' }}",
    "{% set y %}**{{ x }}** a{% endset %}{{ y }} {{ y }}",
    "{% macro m(y) %}**{{ y }}** a{% endmacro %}{{ m(x) }} {{ x }}",
    "{% macro m(y) %}**{{ y }}** {{ caller() }}{% endmacro %}{% call m(x) %}*{{ x }}*{% endcall %} {{ x }}",
    "{% block b %}**{{ x }}**{% endblock %} {{ self.b() }}",
    "{% for y in [x, x] %}- **{{ y }}** {{ x }} {% endfor %}",
    "{% for y in [[x]] recursive %}*{{ x }}* {% if y is not string %}{{ loop(y) }}{% endif %}{% endfor %}",
    "{% filter trim %}{{ x }}{% endfilter %} **a**",
    "{% filter replace('NAME', x) %}to NAME{% endfilter %} **a**",
    "{% set y | trim %}{{ x }}{% endset %}{{ y }} **a**",
)


def shown(message: str) -> tuple[list[str], str]:
    """What a reader sees: the kinds of what is more than text, in order, and every word."""
    pieces = [piece for paragraph in paragraphs(message, BASE) for line in paragraph for piece in (*line, None)]
    kinds: list[str] = [piece.kind for piece in pieces if piece and piece.kind != "text"]
    return kinds, on_one_line("".join(piece.text if piece else "\n" for piece in pieces))


def is_there(value: str) -> bool:
    """Whether anything of it can be seen: nothing at all between marks leaves them bare."""
    return bool(on_one_line(value))


VALUES = st.one_of(
    st.text(),
    st.text(alphabet="\\`*_[]()<>&;/:!.#{}% \n\r\t\0\u2028\u0085\u202e\ufeff\ufdd0\ufdd8\ufdefab7é"),
    st.sampled_from(
        [
            "[x](https://evil.example)",
            "](https://evil.example)",
            "(https://evil.example)",
            "a) [x](https://evil.example",
            "**Ada**",
            "__Ada__",
            "snake_case_",
            " Ada ",
            "a\n\nb",
            "\\",
            "`",
        ]
    ),
).filter(is_there)


@pytest.mark.parametrize("as_read", [str, cleaned], ids=["on the pages", "in mail"])
@pytest.mark.parametrize("template", TEMPLATES)
@settings(deadline=None)
@given(value=VALUES)
def test_no_value_changes_the_shape_of_a_message(template: str, as_read: Callable[[str], str], value: str) -> None:
    kinds, words = shown(as_read(render_message(template, {"x": value})))
    usual_kinds, usual_words = shown(render_message(template, {"x": HARMLESS}))
    assert kinds == usual_kinds
    assert words.split() == on_one_line(usual_words.replace(HARMLESS, value)).split()


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("Ada Lovelace", "Ada Lovelace"),
        ("snake_case", "snake_case"),
        ("Ride [GPS] 7 (new)", "Ride \\[GPS] 7 (new)"),
        ("[x](https://evil.example)", "\\[x\\](https://evil.example)"),
        ("_a_ b\\c `d` 2*3", "\\_a\\_ b\\\\c \\`d\\` 2\\*3"),
    ],
)
def test_little_is_escaped_for_those_who_do_not_read_marks(value: str, message: str) -> None:
    assert render_message("{{ x }}", {"x": value}) == message


def test_the_marks_of_the_template_stay() -> None:
    source = r"**a** *b* _c_ `d` [e](/f) \*g\* \h"
    assert render_message(source + "{{ x }}", {"x": ""}) == source


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{{ x | safe }}", "**a**"),
        ("{{ x | trim | safe }}", "**a**"),
        ("{{ x | safe | trim }}", r"\*\*a\*\*"),
        ("{{ x | e }}", r"\*\*a\*\*"),
        ("{{ (x | safe) ~ '!' }}", r"\*\*a\*\*!"),
        ("{{ '**b**' }}", r"\*\*b\*\*"),
        ("{% filter upper %}**b**{% endfilter %}", r"\*\*B\*\*"),
    ],
)
def test_a_values_marks_count_only_where_the_template_vouches_for_them(template: str, message: str) -> None:
    assert render_message(template, {"x": "**a**"}) == message


@pytest.mark.parametrize(
    "template",
    [
        "**a {{ x }}**",
        "{% set y %}**a {{ x }}**{% endset %}{{ y }}",
        "{% macro m() %}**a {{ x }}**{% endmacro %}{{ m() }}",
        "{% macro m() %}**{{ caller() }}**{% endmacro %}{% call m() %}a {{ x }}{% endcall %}",
        "{% if false %}{% block b %}**a {{ x }}**{% endblock %}{% endif %}{{ self.b() }}",
        "{% for y in [[0]] recursive %}{% if y %}{{ loop(y) }}{% else %}**a {{ x }}**{% endif %}{% endfor %}",
    ],
)
def test_the_template_has_marks_wherever_it_writes(template: str) -> None:
    assert render_message(template, {"x": "*b*"}) == r"**a \*b\***"


def test_what_a_template_has_kept_compares_as_it_is() -> None:
    source = "{% set y %}{{ x }}{% endset %}{{ y == '[x]' }} {{ y | length }} {{ y | upper }}"
    assert render_text(source, {"x": "[x]"}) == "True 3 [X]"


def test_a_vouched_value_cannot_reach_another() -> None:
    message = render_message("{{ x | safe }} {{ y }}", {"x": "a\ufdd8", "y": "*b*"})
    assert shown(message) == ([], "a *b*")


def test_a_line_break_stays_outside_of_marks_alone() -> None:
    assert render_message("{{ x }} **{{ x }}**", {"x": "a\nb"}) == "a\nb **a b**"


def test_an_address_takes_what_would_end_it() -> None:
    (((link,),),) = paragraphs(render_message("[a](/map?q={{ x }})", {"x": "New (York)"}), BASE)
    assert (link.kind, link.href) == ("link", f"{BASE}/map?q=New%20(York%29")


def test_a_message_is_as_long_as_a_message_may_be() -> None:
    assert len(render_message("{% for i in range(5_000) %}{{ x }}{% endfor %}", {"x": "*"})) == MAX_MESSAGE_LENGTH


@pytest.mark.parametrize(("part", "text"), [("message", r"\*a\*"), ("title", "*a*"), ("why", "*a*"), ("button", "*a*")])
def test_only_messages_have_marks(part: Part, text: str) -> None:
    said = fill_text("{{ x }}", {"x": "*a*"}, key="a", part=part, channel=None, language="us")
    assert said == text
