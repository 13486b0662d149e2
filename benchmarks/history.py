"""A database with a history: many rows, a fifth of them one reader's, as we keep them and as pattern N does.

The rows are copies of one real entry, made by the database itself, so that every column is what a server would write.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

import asyncpg
from sqlalchemy.engine import make_url

from benchmarks.bench import Bench
from benchmarks.places import Person, Place, on_postgres
from benchmarks.references import pattern_n
from tidings.notifications.models import Notification

PATTERN_N_READER = 0
SHARE = 5
"""The reader has every fifth row."""
_PER_PERSON = 100

_WHOSE = "coalesce((SELECT user_id FROM bench_people WHERE number = (n / 5 * 4 + n % 5 - 1) % $3), $4)"
_MADE = "timestamptz '2026-01-01' + n * interval '1 second'"
_ID = (
    f"(lpad(to_hex((extract(epoch FROM {_MADE}) * 1000)::bigint), 12, '0') || '7' || lpad(to_hex(n % 4096), 3, '0')"
    " || '8' || substr(md5(n::text), 1, 15))::uuid"
)
_READ = f"CASE WHEN n / 5 % 10 <> 0 THEN {_MADE} END"
_OWN = {
    "user_id": f"CASE WHEN n % 5 = 0 THEN $4 ELSE {_WHOSE} END",
    "id": _ID,
    "sort_id": _ID,
    "event_id": "md5('event' || n)::uuid",
    "revision": "n",
    "born_revision": "n",
    "type_code": "201 + n % 5",
    "title": "'Number ' || n",
    "created_at": _MADE,
    "seen_at": _READ,
    "read_at": _READ,
}
_UNREAD = _OWN | {"user_id": "$3", "seen_at": "NULL", "read_at": "NULL"}
_COUNT = """
UPDATE tidings_inboxes AS head SET revision = c.revision, total = c.total, unread = c.unread, unseen = c.unread
FROM (SELECT user_id, max(revision) AS revision, count(*) AS total, count(*) - count(read_at) AS unread
    FROM tidings_notifications GROUP BY user_id) AS c
WHERE c.user_id = head.user_id"""
_PATTERN_N = f"""
INSERT INTO %s.notifications (user_id, type, options, read, created_at)
SELECT CASE WHEN n % 5 = 0 THEN {PATTERN_N_READER} ELSE 1 + (n / 5 * 4 + n % 5 - 1) % $3 END, 201 + n % 5,
    jsonb_build_object('title', 'Number ' || n, 'message', 'Something happened that you asked to hear of.'),
    n / 5 % 10 <> 0, {_MADE}
FROM generate_series($1::bigint, $2::bigint) AS n"""


@dataclass(slots=True)
class History:
    """A place whose reader has a history that can grow."""

    place: Place
    reader: Person
    others: int
    connection: asyncpg.Connection
    rows: int = 0

    async def grow(self, rows: int) -> None:
        """Add rows, later than the ones there are, until there are so many."""
        span = (self.rows + 1, rows, self.others)
        await self.connection.execute(_copies(_OWN), *span, self.reader.id)
        await self.connection.execute(_COUNT)
        for schema in (pattern_n.USUAL, pattern_n.INDEXED):
            await self.connection.execute(_PATTERN_N.replace("%s", schema), *span)
        await self.connection.execute("VACUUM (ANALYZE)")
        await self.connection.execute("CHECKPOINT")
        self.rows = rows

    async def give(self, person: Person, count: int) -> None:
        """Add unread rows of one person, who has none."""
        await self.connection.execute(_copies(_UNREAD), 1, count, person.id)
        await self.connection.execute(_COUNT)
        await self.connection.execute("VACUUM (ANALYZE) tidings_notifications")

    @property
    def readers_rows(self) -> int:
        return self.rows // SHARE


@asynccontextmanager
async def with_history(bench: Bench, name: str, most_rows: int) -> AsyncIterator[History]:
    """A place whose history is still empty and will have at most so many rows."""
    async with on_postgres(bench, name) as place:
        others = max(1, most_rows * (SHARE - 1) // SHARE // _PER_PERSON)
        reader, model = await place.person("ada"), await place.person("model")
        await place.people(others)
        await place.fill(model, 1)
        for schema in (pattern_n.USUAL, pattern_n.INDEXED):
            pattern_n.create_tables(place.url, schema)
        plain = make_url(place.url).set(drivername="postgresql").render_as_string(hide_password=False)
        connection = await asyncpg.connect(plain)
        try:
            await connection.execute(
                "CREATE TABLE bench_people AS SELECT row_number() OVER () - 1 AS number, user_id FROM tidings_inboxes "
                f"WHERE user_id NOT IN ('{reader.id}', '{model.id}'); CREATE INDEX ON bench_people (number);"
                "CREATE TABLE bench_model AS SELECT * FROM tidings_notifications; DELETE FROM tidings_notifications"
            )
            yield History(place, reader, others, connection)
        finally:
            await connection.close()


def _copies(own: Mapping[str, str]) -> str:
    """The statement that copies the model entry for each number from $1 to $2, with columns of their own."""
    columns = [column.name for column in Notification.__table__.columns]
    values = [own.get(name, f"model.{name}") for name in columns]
    return (
        f"INSERT INTO tidings_notifications ({', '.join(columns)}) SELECT {', '.join(values)} "
        "FROM generate_series($1::bigint, $2::bigint) AS n, bench_model AS model"
    )
