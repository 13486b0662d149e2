"""first schema."""

import sqlalchemy as sa
from alembic import op

from tidings.kernel.db import Json, UtcDateTime

revision = "2026_11_21_first_schema"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tidings_deliveries",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=True),
        sa.Column("notification_id", sa.Uuid(), nullable=True),
        sa.Column("address_id", sa.Uuid(), nullable=True),
        sa.Column("destination", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("payload", Json, nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "scheduled",
                "sending",
                "handing_over",
                "sent",
                "delivered",
                "skipped",
                "cancelled",
                "unknown",
                "dead",
                name="deliverystate",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=True),
        sa.Column("may_repeat", sa.Boolean(), nullable=False),
        sa.Column("attempt", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("lease_token", sa.Uuid(), nullable=True),
        sa.Column("lease_until", UtcDateTime(), nullable=True),
        sa.Column("started_at", UtcDateTime(), nullable=True),
        sa.Column("provider", sa.Text(), nullable=True),
        sa.Column("provider_ref", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("attempts", Json, nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.Column("opened_at", UtcDateTime(), nullable=True),
        sa.Column("clicked_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("priority BETWEEN 0 AND 3", name=op.f("ck_tidings_deliveries_known_priority")),
        sa.PrimaryKeyConstraint("user_id", "id", name=op.f("pk_tidings_deliveries")),
        sa.UniqueConstraint("user_id", "key", name=op.f("uq_tidings_deliveries_user_id_key")),
    )
    op.create_index(
        "ix_tidings_deliveries_event",
        "tidings_deliveries",
        ["event_id", "user_id"],
        unique=False,
        postgresql_where=sa.text("event_id IS NOT NULL"),
        sqlite_where=sa.text("event_id IS NOT NULL"),
    )
    op.create_index(
        "ix_tidings_deliveries_leased",
        "tidings_deliveries",
        ["lease_until"],
        unique=False,
        postgresql_where=sa.text("state IN ('sending', 'handing_over')"),
        sqlite_where=sa.text("state IN ('sending', 'handing_over')"),
    )
    op.create_index(
        "ix_tidings_deliveries_notification",
        "tidings_deliveries",
        ["user_id", "notification_id"],
        unique=False,
        postgresql_where=sa.text("notification_id IS NOT NULL"),
        sqlite_where=sa.text("notification_id IS NOT NULL"),
    )
    op.create_index(
        "ix_tidings_deliveries_scheduled",
        "tidings_deliveries",
        ["kind", "channel", "priority", "due_at"],
        unique=False,
        postgresql_where=sa.text("state = 'scheduled'"),
        sqlite_where=sa.text("state = 'scheduled'"),
    )
    op.create_index("ix_tidings_deliveries_state_id", "tidings_deliveries", ["state", "id"], unique=False)
    op.create_table(
        "tidings_epoch",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_tidings_epoch_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tidings_epoch")),
    )
    op.create_table(
        "tidings_events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("dedupe_key", sa.Text(), nullable=True),
        sa.Column("type_code", sa.Integer(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("payload", Json, nullable=False),
        sa.Column("accepted", sa.Integer(), nullable=False),
        sa.Column("entries", Json, nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tidings_events")),
        sa.UniqueConstraint("source", "dedupe_key", name=op.f("uq_tidings_events_source_dedupe_key")),
    )
    op.create_table(
        "tidings_idempotency_keys",
        sa.Column("caller", sa.Text(), nullable=False),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("request_digest", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("media_type", sa.Text(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("caller", "route", "key", name=op.f("pk_tidings_idempotency_keys")),
    )
    op.create_index(
        op.f("ix_tidings_idempotency_keys_created_at"), "tidings_idempotency_keys", ["created_at"], unique=False
    )
    op.create_table(
        "tidings_recurring_runs",
        sa.Column("task", sa.Text(), nullable=False),
        sa.Column("fire_at", UtcDateTime(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("attempt", sa.SmallInteger(), nullable=False),
        sa.Column("lease_token", sa.Uuid(), nullable=True),
        sa.Column("lease_until", UtcDateTime(), nullable=True),
        sa.Column("started_at", UtcDateTime(), nullable=True),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("task", "fire_at", name=op.f("pk_tidings_recurring_runs")),
    )
    op.create_table(
        "tidings_setup_token",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_tidings_setup_token_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tidings_setup_token")),
    )
    op.create_table(
        "tidings_signals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Enum("custom", "close", name="signalkind", native_enum=False, length=32), nullable=False),
        sa.Column("payload", Json, nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tidings_signals")),
    )
    op.create_index(op.f("ix_tidings_signals_created_at"), "tidings_signals", ["created_at"], unique=False)
    op.create_table(
        "tidings_signing_secrets",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tidings_signing_secrets")),
    )
    op.create_table(
        "tidings_stream_nodes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("beat_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tidings_stream_nodes")),
    )
    op.create_table(
        "tidings_users",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("username", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("password_must_change", sa.Boolean(), nullable=False),
        sa.Column(
            "access_type", sa.Enum("regular", "admin", name="accesstype", native_enum=False, length=32), nullable=False
        ),
        sa.Column(
            "state",
            sa.Enum(
                "recipient",
                "invited",
                "registered",
                "active",
                "suspended",
                "rejected",
                name="accountstate",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("email_verified", sa.Boolean(), nullable=False),
        sa.Column("pending_admin_approval", sa.Boolean(), nullable=False),
        sa.Column("mfa_enabled", sa.Boolean(), nullable=False),
        sa.Column("external_auth_count", sa.Integer(), nullable=False),
        sa.Column(
            "preferred_language",
            sa.Enum(
                "ca",
                "cn",
                "tw",
                "de",
                "fr",
                "gl",
                "it",
                "nl",
                "pt",
                "sl",
                "sv",
                "es",
                "us",
                name="language",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("city", sa.Text(), nullable=True),
        sa.Column("birthdate", sa.Date(), nullable=True),
        sa.Column(
            "gender",
            sa.Enum("male", "female", "unspecified", name="gender", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("units", sa.Enum("metric", "imperial", name="units", native_enum=False, length=32), nullable=False),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("max_heart_rate", sa.Integer(), nullable=True),
        sa.Column(
            "first_day_of_week",
            sa.Enum(
                "sunday",
                "monday",
                "tuesday",
                "wednesday",
                "thursday",
                "friday",
                "saturday",
                name="weekday",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "currency",
            sa.Enum("euro", "dollar", "pound", name="currency", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("photo_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "state <> 'recipient' OR password_hash IS NULL", name=op.f("ck_tidings_users_recipient_has_no_password")
        ),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_tidings_users_email_lower")),
        sa.CheckConstraint("username = lower(username)", name=op.f("ck_tidings_users_username_lower")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tidings_users")),
        sa.UniqueConstraint("email", name=op.f("uq_tidings_users_email")),
        sa.UniqueConstraint("external_id", name=op.f("uq_tidings_users_external_id")),
        sa.UniqueConstraint("username", name=op.f("uq_tidings_users_username")),
    )
    op.create_index("ix_tidings_users_access_type_state", "tidings_users", ["access_type", "state"], unique=False)
    op.create_table(
        "tidings_api_keys",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_user_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("scopes", Json, nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=True),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.Column("last_used_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["owner_user_id"], ["tidings_users.id"], name=op.f("fk_tidings_api_keys_owner_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tidings_api_keys")),
        sa.UniqueConstraint("digest", name=op.f("uq_tidings_api_keys_digest")),
    )
    op.create_index(op.f("ix_tidings_api_keys_owner_user_id"), "tidings_api_keys", ["owner_user_id"], unique=False)
    op.create_table(
        "tidings_inboxes",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("floor", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("unread", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("unseen", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("total", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["tidings_users.id"], name=op.f("fk_tidings_inboxes_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_tidings_inboxes")),
    )
    op.create_table(
        "tidings_preferences",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("in_app_enabled", sa.Boolean(), nullable=False),
        sa.Column("email_enabled", sa.Boolean(), nullable=False),
        sa.Column("push_enabled", sa.Boolean(), nullable=False),
        sa.Column("type_preferences", Json, nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["tidings_users.id"], name=op.f("fk_tidings_preferences_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_tidings_preferences")),
    )
    op.create_table(
        "tidings_sessions",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind", sa.Enum("browser", "token", name="sessionkind", native_enum=False, length=32), nullable=False
        ),
        sa.Column("digest", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("last_used_at", UtcDateTime(), nullable=False),
        sa.Column("idle_expires_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("user_agent", sa.Text(), nullable=True),
        sa.Column("ip", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(kind = 'browser') = (digest IS NOT NULL)", name=op.f("ck_tidings_sessions_browser_has_digest")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["tidings_users.id"], name=op.f("fk_tidings_sessions_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "id", name=op.f("pk_tidings_sessions")),
        sa.UniqueConstraint("digest", name=op.f("uq_tidings_sessions_digest")),
    )
    op.create_table(
        "tidings_stream_presence",
        sa.Column("node_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("connections", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["node_id"],
            ["tidings_stream_nodes.id"],
            name=op.f("fk_tidings_stream_presence_node_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("node_id", "user_id", name=op.f("pk_tidings_stream_presence")),
    )
    op.create_index(op.f("ix_tidings_stream_presence_user_id"), "tidings_stream_presence", ["user_id"], unique=False)
    op.create_table(
        "tidings_tickets",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("credential_id", sa.Uuid(), nullable=False),
        sa.Column("credential_expires_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["tidings_users.id"], name=op.f("fk_tidings_tickets_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "digest", name=op.f("pk_tidings_tickets")),
        sa.UniqueConstraint("digest", name=op.f("uq_tidings_tickets_digest")),
    )
    op.create_table(
        "tidings_notifications",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("sort_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("born_revision", sa.BigInteger(), nullable=False),
        sa.Column("type_code", sa.Integer(), nullable=False),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("data", Json, nullable=False),
        sa.Column("actor", Json, nullable=True),
        sa.Column("action_url", sa.Text(), nullable=True),
        sa.Column("action_text", sa.Text(), nullable=True),
        sa.Column("icon", sa.Text(), nullable=True),
        sa.Column("image_url", sa.Text(), nullable=True),
        sa.Column("group_key", sa.Text(), nullable=True),
        sa.Column("collapse_key", sa.Text(), nullable=True),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("in_inbox", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=True),
        sa.Column("read_at", UtcDateTime(), nullable=True),
        sa.Column("dismissed_at", UtcDateTime(), nullable=True),
        sa.Column("snoozed_until", UtcDateTime(), nullable=True),
        sa.Column("expires_at", UtcDateTime(), nullable=True),
        sa.Column("expired_at", UtcDateTime(), nullable=True),
        sa.Column("deleted_at", UtcDateTime(), nullable=True),
        sa.Column("next_change_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["tidings_inboxes.user_id"], name=op.f("fk_tidings_notifications_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "id", name=op.f("pk_tidings_notifications")),
    )
    op.create_index(
        "ix_tidings_notifications_changed",
        "tidings_notifications",
        ["user_id", "revision"],
        unique=False,
        postgresql_where=sa.text("revision > 0"),
        sqlite_where=sa.text("revision > 0"),
    )
    op.create_index(
        "ix_tidings_notifications_listed",
        "tidings_notifications",
        ["user_id", "sort_id"],
        unique=False,
        postgresql_where=sa.text("in_inbox AND deleted_at IS NULL AND expired_at IS NULL"),
        sqlite_where=sa.text("in_inbox AND deleted_at IS NULL AND expired_at IS NULL"),
    )
    op.create_index(
        "ix_tidings_notifications_next_change_at",
        "tidings_notifications",
        ["next_change_at"],
        unique=False,
        postgresql_where=sa.text("next_change_at IS NOT NULL"),
        sqlite_where=sa.text("next_change_at IS NOT NULL"),
    )
    op.create_index(
        "ix_tidings_notifications_unread",
        "tidings_notifications",
        ["user_id", "sort_id"],
        unique=False,
        postgresql_where=sa.text(
            "in_inbox AND read_at IS NULL AND dismissed_at IS NULL AND snoozed_until IS NULL AND deleted_at IS NULL AND expired_at IS NULL"
        ),
        sqlite_where=sa.text(
            "in_inbox AND read_at IS NULL AND dismissed_at IS NULL AND snoozed_until IS NULL AND deleted_at IS NULL AND expired_at IS NULL"
        ),
    )
    op.create_index(
        "uq_tidings_notifications_collapse_key",
        "tidings_notifications",
        ["user_id", "collapse_key"],
        unique=True,
        postgresql_where=sa.text("collapse_key IS NOT NULL AND deleted_at IS NULL AND expired_at IS NULL"),
        sqlite_where=sa.text("collapse_key IS NOT NULL AND deleted_at IS NULL AND expired_at IS NULL"),
    )
    op.create_table(
        "tidings_token_pairs",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("access_digest", sa.LargeBinary(), nullable=False),
        sa.Column("access_expires_at", UtcDateTime(), nullable=False),
        sa.Column("refresh_digest", sa.LargeBinary(), nullable=False),
        sa.Column("refreshed_at", UtcDateTime(), nullable=True),
        sa.Column("successor", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id", "session_id"],
            ["tidings_sessions.user_id", "tidings_sessions.id"],
            name=op.f("fk_tidings_token_pairs_user_id_session_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("user_id", "session_id", "id", name=op.f("pk_tidings_token_pairs")),
        sa.UniqueConstraint("access_digest", name=op.f("uq_tidings_token_pairs_access_digest")),
        sa.UniqueConstraint("refresh_digest", name=op.f("uq_tidings_token_pairs_refresh_digest")),
    )
    op.create_table(
        "tidings_collapsed_events",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("notification_id", sa.Uuid(), nullable=False),
        sa.Column("superseded_by", sa.Uuid(), nullable=True),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id", "notification_id"],
            ["tidings_notifications.user_id", "tidings_notifications.id"],
            name=op.f("fk_tidings_collapsed_events_user_id_notification_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("user_id", "event_id", name=op.f("pk_tidings_collapsed_events")),
    )
    op.create_index(
        "ix_tidings_collapsed_events_notification",
        "tidings_collapsed_events",
        ["user_id", "notification_id"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_index("ix_tidings_collapsed_events_notification", table_name="tidings_collapsed_events")
    op.drop_table("tidings_collapsed_events")
    op.drop_table("tidings_token_pairs")
    op.drop_index(
        "uq_tidings_notifications_collapse_key",
        table_name="tidings_notifications",
        postgresql_where=sa.text("collapse_key IS NOT NULL AND deleted_at IS NULL AND expired_at IS NULL"),
        sqlite_where=sa.text("collapse_key IS NOT NULL AND deleted_at IS NULL AND expired_at IS NULL"),
    )
    op.drop_index(
        "ix_tidings_notifications_unread",
        table_name="tidings_notifications",
        postgresql_where=sa.text(
            "in_inbox AND read_at IS NULL AND dismissed_at IS NULL AND snoozed_until IS NULL AND deleted_at IS NULL AND expired_at IS NULL"
        ),
        sqlite_where=sa.text(
            "in_inbox AND read_at IS NULL AND dismissed_at IS NULL AND snoozed_until IS NULL AND deleted_at IS NULL AND expired_at IS NULL"
        ),
    )
    op.drop_index(
        "ix_tidings_notifications_next_change_at",
        table_name="tidings_notifications",
        postgresql_where=sa.text("next_change_at IS NOT NULL"),
        sqlite_where=sa.text("next_change_at IS NOT NULL"),
    )
    op.drop_index(
        "ix_tidings_notifications_listed",
        table_name="tidings_notifications",
        postgresql_where=sa.text("in_inbox AND deleted_at IS NULL AND expired_at IS NULL"),
        sqlite_where=sa.text("in_inbox AND deleted_at IS NULL AND expired_at IS NULL"),
    )
    op.drop_index(
        "ix_tidings_notifications_changed",
        table_name="tidings_notifications",
        postgresql_where=sa.text("revision > 0"),
        sqlite_where=sa.text("revision > 0"),
    )
    op.drop_table("tidings_notifications")
    op.drop_table("tidings_tickets")
    op.drop_index(op.f("ix_tidings_stream_presence_user_id"), table_name="tidings_stream_presence")
    op.drop_table("tidings_stream_presence")
    op.drop_table("tidings_sessions")
    op.drop_table("tidings_preferences")
    op.drop_table("tidings_inboxes")
    op.drop_index(op.f("ix_tidings_api_keys_owner_user_id"), table_name="tidings_api_keys")
    op.drop_table("tidings_api_keys")
    op.drop_index("ix_tidings_users_access_type_state", table_name="tidings_users")
    op.drop_table("tidings_users")
    op.drop_table("tidings_stream_nodes")
    op.drop_table("tidings_signing_secrets")
    op.drop_index(op.f("ix_tidings_signals_created_at"), table_name="tidings_signals")
    op.drop_table("tidings_signals")
    op.drop_table("tidings_setup_token")
    op.drop_table("tidings_recurring_runs")
    op.drop_index(op.f("ix_tidings_idempotency_keys_created_at"), table_name="tidings_idempotency_keys")
    op.drop_table("tidings_idempotency_keys")
    op.drop_table("tidings_events")
    op.drop_table("tidings_epoch")
    op.drop_index("ix_tidings_deliveries_state_id", table_name="tidings_deliveries")
    op.drop_index(
        "ix_tidings_deliveries_scheduled",
        table_name="tidings_deliveries",
        postgresql_where=sa.text("state = 'scheduled'"),
        sqlite_where=sa.text("state = 'scheduled'"),
    )
    op.drop_index(
        "ix_tidings_deliveries_notification",
        table_name="tidings_deliveries",
        postgresql_where=sa.text("notification_id IS NOT NULL"),
        sqlite_where=sa.text("notification_id IS NOT NULL"),
    )
    op.drop_index(
        "ix_tidings_deliveries_leased",
        table_name="tidings_deliveries",
        postgresql_where=sa.text("state IN ('sending', 'handing_over')"),
        sqlite_where=sa.text("state IN ('sending', 'handing_over')"),
    )
    op.drop_index(
        "ix_tidings_deliveries_event",
        table_name="tidings_deliveries",
        postgresql_where=sa.text("event_id IS NOT NULL"),
        sqlite_where=sa.text("event_id IS NOT NULL"),
    )
    op.drop_table("tidings_deliveries")
