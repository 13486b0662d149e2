"""The limit: the least code that does the durable work, straight on the driver."""

import asyncpg

from tidings.kernel.ids import new_id

TABLES = """
CREATE TABLE limit_heads (
    user_id uuid PRIMARY KEY, revision bigint NOT NULL, unread int NOT NULL, total int NOT NULL
);
CREATE TABLE limit_notifications (
    user_id uuid NOT NULL, id uuid NOT NULL, revision bigint NOT NULL, title text NOT NULL, message text NOT NULL,
    data jsonb NOT NULL, created_at timestamptz NOT NULL, PRIMARY KEY (user_id, id)
)"""

_WRITE = """
WITH given AS (SELECT * FROM unnest($1::uuid[], $2::uuid[]) AS t (user_id, id)),
heads AS (
    INSERT INTO limit_heads AS head (user_id, revision, unread, total)
    SELECT user_id, 1, 1, 1 FROM given ORDER BY user_id
    ON CONFLICT (user_id) DO UPDATE
        SET revision = head.revision + 1, unread = head.unread + 1, total = head.total + 1
    RETURNING user_id, revision
)
INSERT INTO limit_notifications (user_id, id, revision, title, message, data, created_at)
SELECT given.user_id, given.id, heads.revision, $3, $4, $5, now() FROM given JOIN heads USING (user_id)"""


async def write(connection: asyncpg.Connection, user_ids: list[str], title: str, message: str) -> None:
    """One entry for each of these users, and their heads moved, durable when it returns: one statement."""
    await connection.execute(_WRITE, user_ids, [new_id() for _ in user_ids], title, message, "{}")
