"""Templates that mean harm: each fails, soon, and without taking the machine's memory."""

import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tidings.templates.render import MAX_SOURCE_LENGTH, TemplateFailed, render_text

VALUES = {"data": {"list": [1], "name": "Ada"}, "actor": None, "language": "us"}
MEMORY = 2**30
PATIENCE_S = 5  # a tenth of a second is usual; a bomb takes minutes or all memory

PEEKING = [
    "{{ data.__class__ }}",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ data['__class__'] }}",
    "{{ data | attr('__class__') }}",
    "{{ data.list | map(attribute='__class__') | map('upper') | list }}",
    "{{ '{0.__class__}'.format(data) }}",
    "{{ '{a.__class__}'.format_map({'a': 1}) }}",
    "{{ '%s' % data }}",
    "{{ self.__init__.__globals__ }}",
    "{{ cycler.__init__.__globals__ }}",
    "{{ range.__self__ }}",
    "{{ joiner._seen }}",
    "{% macro m() %}{% endmacro %}{{ m._func }}",
    "{% for x in [1] %}{{ loop._iterable }}{% endfor %}",
    "{{ range }}",
    "{{ data.get }}",
]
CHANGING = ["{{ data.list.append(1) }}", "{{ data.clear() }}", "{{ data.update({}) }}", "{{ data.pop('name') }}"]
FILLING = [
    "{{ 'a' * 10 ** 9 }}",
    "{{ 10 ** 9 * 'a' }}",
    "{{ [0] * 10 ** 9 }}",
    "{{ 9 ** (9 ** 9) }}",
    "{{ (10 ** 300) * (10 ** 300) }}",
    "{{ '%999999999d' % 1 }}",
    "{{ '%999999999d' is even }}",
    "{{ '%999999999d' is divisibleby 3 }}",
    "{{ ['%999999999d'] | select('odd') | list }}",
    "{{ 'a' | center(10 ** 9) }}",
    "{{ 'a'.center(10 ** 9) }}",
    "{{ 'a'.ljust(10 ** 9) }}",
    "{{ 'a'.zfill(10 ** 9) }}",
    "{{ '\t'.expandtabs(10 ** 9) }}",
    "{{ (5).to_bytes(10 ** 9, 'big') }}",
    "{{ '{:999999999}'.format(1) }}",
    "{{ '{a:999999999}'.format_map({'a': 1}) }}",
    "{{ '%999999999d' | format(1) }}",
    "{{ 'a\nb' | indent(10 ** 9) }}",
    "{{ ('a ' * 99) | wordwrap(1, wrapstring='x' * 99_999) }}",
    "{{ {} | tojson(indent=10 ** 9) }}",
    "{{ [1] | batch(10 ** 9, 'x') | list }}",
    "{{ [1] | slice(10 ** 9) | list }}",
    "{{ 5 | round(-(10 ** 9)) }}",
    "{{ 5 | round(10 ** 9, 'ceil') }}",
    "{{ ('a' * 40_000) | replace('a', 'b' * 40_000) }}",
    "{{ ('a' * 40_000) | replace('', 'b' * 40_000) }}",
    "{{ 'a'.replace('a', 'b' * 9_999) }}",
    "{{ ('a' * 40_000) | join('b' * 40_000) }}",
    "{{ ('b' * 9_999).join('a' * 9_999) }}",
    "{{ range(30_000) | map('replace', '', 'x' * 15_000) | list | length }}",
    "{{ [[1]] | sum(start=[]) }}",
    "{{ lipsum(n=10 ** 6) }}",
    "{{ namespace() }}",
]
DOUBLING = [
    "{% set a = 'xy' %}" + step * 60 + "{{ a }}"
    for step in (
        "{% set a = a + a %}",
        "{% set a = a ~ a %}",
        "{% set a = [a, a] %}",
        "{% set a = (a, a) %}",
        "{% set a = {'a': a, 'b': a} %}",
        "{% set a = dict(a=a, b=a) %}",
        "{% set a = [a, a] | join %}",
        "{% set a = a | replace('x', 'xx') %}",
        "{% set b %}{{ a }}{{ a }}{% endset %}{% set a = b %}",
        "{% set b %}{% filter upper %}{{ a }}{{ a }}{% endfilter %}{% endset %}{% set a = b %}",
        "{% set a = [a] * 2 %}",
        "{% set a = [a, a] | list | map('list') | list %}",
    )
]
LOOPING = [
    "{% for i in range(10 ** 9) %}{% endfor %}",
    "{{ range(10 ** 9) | list }}",
    "{{ range(10 ** 9) | length }}",
    "{% for a in range(9_999) %}{% for b in range(9_999) %}{% endfor %}{% endfor %}",
    "{% for a in 'x' * 9_999 %}{% for b in 'y' * 9_999 %}{{ '' }}{% endfor %}{% endfor %}",
    "".join(f"{{% for {name} in '{'x' * 4_000}' %}}" for name in "abc") + "{% endfor %}" * 3,
    "{% set x %}{% for i in range(40_000) %}0123456789{% endfor %}{% endset %}",
    "{% set c = cycler('a' * 9_000) %}{% for i in range(50_000) %}{% set x = c.next() %}{% endfor %}",
    "{% set a = range(9_999)|list %}{% set b = range(9_999)|list %}{% for i in a %}{{ 1 if a == b }}{% endfor %}",
]
RECURSING = [
    "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(60) }}",
    "{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}",
    "{% for x in [1] recursive %}{{ loop([1]) }}{{ loop([1]) }}{% endfor %}",
    "{% block b %}{{ self.b() }}{% endblock %}",
    "{{ " + "(" * 5_000 + "1" + ")" * 5_000 + " }}",
    "{{ " + "[" * 900 + "]" * 900 + " }}",
    "{{ 1" + " + 1" * 3_000 + " }}",
    "{{ " + "-" * 3_000 + "1 }}",
    "{{ data" + ".a" * 3_000 + " }}",
    "{% if 1 %}" * 500 + "{% endif %}" * 500,
    "{% for a in [1] %}" * 22 + "{% endfor %}" * 22,
    "a" * (MAX_SOURCE_LENGTH + 1),
]


@pytest.mark.parametrize("source", PEEKING + CHANGING)
def test_it_sees_and_changes_nothing_but_values(source: str) -> None:
    with pytest.raises(TemplateFailed):
        render_text(source, VALUES)


@pytest.mark.parametrize("source", FILLING + DOUBLING + LOOPING + RECURSING, ids=lambda source: source[:60])
def test_it_comes_to_an_end(source: str) -> None:
    began = time.monotonic()
    with pytest.raises(TemplateFailed):
        render_text(source, VALUES)
    assert time.monotonic() - began < PATIENCE_S


def test_it_does_not_nest_deeper_than_a_text_needs() -> None:
    with pytest.raises(TemplateFailed, match="nests deeper"):
        render_text("{{ " + "[" * 60 + "]" * 60 + " }}", VALUES)


def test_all_of_them_together_take_little_memory() -> None:
    done = subprocess.run([sys.executable, __file__], capture_output=True, text=True, check=False, cwd=Path.cwd())
    assert done.returncode == 0, done.stderr


def _with_little_memory() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    for source in FILLING + DOUBLING + LOOPING + RECURSING:
        try:
            render_text(source, VALUES)
        except TemplateFailed as failed:
            if isinstance(failed.__cause__, MemoryError):
                raise


if __name__ == "__main__":
    _with_little_memory()
