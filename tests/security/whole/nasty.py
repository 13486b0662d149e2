"""Input that breaks programs: what a string, a number, a body or a header must never do here."""

BODIES: dict[str, bytes] = {
    "nothing": b"",
    "half a body": b'{"a": ',
    "two bodies": b"{}{}",
    "not UTF-8": b'{"a": "\xff\xfe"}',
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "a lone surrogate": b'{"a": "\\ud800"}',
    "a lone surrogate as a name": b'{"\\udfff": 1}',
    "a surrogate in UTF-8": b'{"a": "\xed\xa0\x80"}',
    "a NUL": b'{"a": "\\u0000"}',
    "a NUL as a name": b'{"\\u0000": 1}',
    "a bare NUL": b'{"a": "\x00"}',
    "NaN": b'{"a": NaN}',
    "Infinity": b'{"a": -Infinity}',
    "a number beyond doubles": b'{"a": 1e400}',
    "a very long integer": b'{"a": ' + b"9" * 5_000 + b"}",
    "too deep": b'{"a":' * 33 + b"1" + b"}" * 33,
    "far too deep": b"[" * 100_000,
    "a text": b'"a"',
    "a number": b"1",
    "a truth": b"true",
    "a list": b"[[]]",
    "over a mebibyte": b'"' + b"a" * (1 << 20) + b'"',
}
"""As sent with `application/json`: none is the body of any route."""

VALUES: dict[str, str] = {
    "NUL": '"a\\u0000b"',
    "a right-to-left override and an unassigned character": '"\\u202eadA\\u202c \\ud83d\\udca5 \\uffff\\u0378"',
    "very long": '"' + "a" * 70_000 + '"',
    "beyond 64 bits": str(2**70),
    "a huge double": "1.7e308",
    "an object": '{"__proto__": {"a": [[[[1]]]]}}',
}
"""JSON texts that stand where a field's value should."""

QUERIES: dict[str, str] = {
    "NUL": "%00",
    "not UTF-8": "%ff%fe",
    "a surrogate": "%ED%A0%80",
    "half an escape": "%",
    "a right-to-left override": "%E2%80%AEadA",
    "empty": "",
    "very long": "a" * 20_000,
    "beyond 64 bits": str(2**70),
    "a very long integer": "9" * 5_000,
    "far below zero": str(-(2**63) - 1),
    "NaN": "NaN",
    "not ASCII": "%D9%A1%D9%A2",
    "a cursor of nothing": "AAAAAAAAAAAAAAAAAAAAAAAA",
    "half a cursor": "a===",
    "a name of another table": "%27%3B--",
    "wildcards": "%25_%5C%25",
}
"""As they stand in a query, where a parameter's value should."""

PATHS: dict[str, str] = {name: QUERIES[name] for name in QUERIES if QUERIES[name]} | {
    "the parent, hidden": "%2e%2e%2f",
    "an id and more": "01980000-0000-7000-8000-000000000000%00",
    "an id in capitals and braces": "%7B01980000-0000-7000-8000-00000000000A%7D",
}
"""As they stand in a path, where an id or a name should."""

HEADERS: dict[str, tuple[str, bytes]] = {
    "a key too long": ("Idempotency-Key", b"k" * 256),
    "an empty key": ("Idempotency-Key", b""),
    "a key that is not ASCII": ("Idempotency-Key", b"\xff\xfe\x80"),
    "a token that is not ASCII": ("Authorization", b"Bearer \xff\xfe"),
    "a token of nothing": ("Authorization", b"Bearer"),
    "a JWT that is none": ("Authorization", b"Bearer eyJhbGciOiJIUzI1NiJ9.\xff.a"),
    "a very long token": ("Authorization", b"Bearer tda_" + b"a" * 20_000),
    "an origin that is none": ("Origin", b"http://["),
    "an origin with an impossible port": ("Origin", b"http://testserver:99999999"),
    "a host that is none": ("Host", b"[::"),
    "a media type that is none": ("Content-Type", b"application/json; charset=\xff"),
    "a form without its boundary": ("Content-Type", b"multipart/form-data"),
    "an unknown charset": ("Content-Type", b"application/json; charset=utf-7"),
    "an agent that is not ASCII": ("User-Agent", b"\xff\xfe" * 2_000),
    "languages that are none": ("Accept-Language", b"\xff;q=nan,*;q=1e999,-"),
    "addresses that are none": ("X-Forwarded-For", b"999.1.1.1, [::, \xff"),
    "a length that is none": ("Content-Length", b"-1"),
    "a length that is no number": ("Content-Length", b"1e9"),
    "an entity tag that is none": ("If-None-Match", b'"\xff'),
    "a place in the stream that is none": ("Last-Event-ID", b"\xff"),
}
