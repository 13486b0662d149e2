"""What a template may say."""

from typing import Any

import pytest

from tidings.templates.metering import MAX_WORK
from tidings.templates.render import MAX_RENDERED_LENGTH, TemplateFailed, render_text

VALUES: dict[str, Any] = {
    "data": {
        "name": "Ada",
        "list": ["x", "y"],
        "dict": {"a": 1, "b": 2},
        "items": "the host's own",
        "none": None,
        "people": [{"team": "A"}, {"team": "A"}, {"team": "B"}],
        "tree": [{"name": "r", "kids": [{"name": "s", "kids": []}]}],
    },
    "actor": None,
    "language": "us",
}


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("Hello {{ data.name }}", "Hello Ada"),
        ("{{ data['name'] }} {{ data.list[0] }} {{ data.name[:2] }}", "Ada x Ad"),
        ("{{ data.items }}", "the host's own"),
        ("{{ data.dict.items() | list }}", "[('a', 1), ('b', 2)]"),
        ("{{ data.zip | default('no zip') }} {{ data.zip is defined }}", "no zip False"),
        ("{{ 'x' if data.zip is defined }}", ""),
        ("{{ data.none }} {{ data.none or '-' }}", "None -"),
        ("{{ 3 * 4 }} {{ 7 % 4 }} {{ 2 ** 3 }} {{ 'a' * 3 }} {{ 7 // 2 }} {{ 1.25 | round(1) }}", "12 3 8 aaa 3 1.2"),
        ("{{ data.list | join(', ') }} {{ data.list | map('upper') | join }} {{ [1, 2] | sum }}", "x, y XY 3"),
        ("{{ data.name | replace('a', 'o') | upper | trim }} {{ data.name.split('d') }}", "ADO ['A', 'a']"),
        ("{{ 4 is even }} {{ 9 is divisibleby 3 }} {{ 'y' in data.list }}", "True True True"),
        ("{% for k, v in data.dict.items() %}{{ k }}={{ v }}{{ ', ' if not loop.last }}{% endfor %}", "a=1, b=2"),
        ("{% for x in data.list %}{{ loop.index }}/{{ loop.length }}{{ x }}{% else %}-{% endfor %}", "1/2x2/2y"),
        ("{% for g in data.people | groupby('team') %}{{ g.grouper }}{{ g.list | length }}{% endfor %}", "A2B1"),
        ("{% for t in data.tree recursive %}{{ t.name }}({{ loop(t.kids) }}){% endfor %}", "r(s())"),
        ("{% set x = data.name ~ '!' %}{{ x }}{% set y %}<{{ x }}>{% endset %}{{ y }}", "Ada!<Ada!>"),
        ("{% macro m(a) %}<{{ a }}>{% endmacro %}{{ m(1) }}{{ m('b') }}", "<1><b>"),
        ("{% filter upper %}a{{ data.name }}{% endfilter %}", "AADA"),
        ("{% block b %}x{{ data.name }}{% endblock %}{{ self.b() }}", "xAdaxAda"),
        ("{% raw %}{{ data.name }}{% endraw %}", "{{ data.name }}"),
        ("<b>{{ '<i>' }}</b>", "<b><i></b>"),
    ],
)
def test_a_template_says(source: str, text: str) -> None:
    assert render_text(source, VALUES) == text


def test_a_long_text_is_cut_off() -> None:
    text = render_text("{% for i in range(5_000) %}0123456789{% endfor %}", {})
    assert (len(text), text[-1]) == (MAX_RENDERED_LENGTH, "3")


def test_a_message_with_all_of_a_large_data_is_no_trouble() -> None:
    data = {str(number): "x" * 90 for number in range(160)}
    text = render_text("{% for name, value in data.items() %}{{ name }}: {{ value }}\n{% endfor %}", {"data": data})
    assert text.count("\n") == 160


def test_one_rendering_does_not_use_up_another() -> None:
    source = f"{{% for i in range({MAX_WORK * 2 // 5}) %}}{{% endfor %}}"
    for _ in range(5):
        render_text(source, {})


@pytest.mark.parametrize(
    "source",
    [
        "{{ missing }}",
        "{{ data.missing }}",
        "{{ actor.name }}",
        "{{ 1 / 0 }}",
        "{% if %}",
        "{{ data.name | nofilter }}",
        "{% include 'x' %}",
        "{% extends 'x' %}",
        "{% import 'os' as os %}",
        "{% break %}",
        "{{ data.dict.items }}",
    ],
)
def test_what_cannot_be_filled_is_refused(source: str) -> None:
    with pytest.raises(TemplateFailed):
        render_text(source, VALUES)
