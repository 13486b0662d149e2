"""first schema."""

import sqlalchemy as sa
from alembic import op

from tidings.accounts.audit.guards import guard, unguard
from tidings.kernel.db import Json, UtcDateTime

revision = "2026_11_21_first_schema"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tidings_audit_log",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column(
            "action",
            sa.Enum(
                "account.created",
                "account.state_changed",
                "account.changed",
                "account.deleted",
                "account.invited",
                "sign_up.refused",
                "sign_up.approved",
                "email.verified",
                "email.change_asked",
                "email.change_withdrawn",
                "email.changed",
                "email.change_undone",
                "password.reset_asked",
                "password.reset",
                "access.denied",
                "sign_in.succeeded",
                "sign_in.failed",
                "sign_in.confirmed",
                "session.ended",
                "refresh_token.replayed",
                "password.changed",
                "mfa.totp_added",
                "mfa.totp_removed",
                "mfa.passkey_added",
                "mfa.passkey_renamed",
                "mfa.passkey_removed",
                "mfa.recovery_codes_made",
                "mfa.reset",
                "passkey.counter_went_back",
                "identity.linked",
                "identity.link_failed",
                "identity.unlinked",
                "provider.created",
                "provider.changed",
                "provider.deleted",
                "export.requested",
                "export.removed",
                "export.taken_in",
                "settings.changed",
                "api_key.created",
                "api_key.changed",
                "api_key.revoked",
                "signing_secret.created",
                "signing_secret.renamed",
                "signing_secret.deleted",
                "delivery.retried",
                "delivery.cancelled",
                "secrets.rotated",
                name="auditaction",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "actor_kind",
            sa.Enum("user", "key", "server", "nobody", name="actorkind", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("target_id", sa.Uuid(), nullable=True),
        sa.Column("ip", sa.Text(), nullable=True),
        sa.Column("detail", Json, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tidings_audit_log")),
    )
    op.create_index("ix_tidings_audit_log_action", "tidings_audit_log", ["action", "id"], unique=False)
    op.create_index("ix_tidings_audit_log_actor_id", "tidings_audit_log", ["actor_id", "id"], unique=False)
    op.create_index(
        "ix_tidings_audit_log_actor_id_action", "tidings_audit_log", ["actor_id", "action", "id"], unique=False
    )
    op.create_index("ix_tidings_audit_log_target_id", "tidings_audit_log", ["target_id", "id"], unique=False)
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
        sa.Column("lapses", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
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
        "tidings_held_usernames",
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.CheckConstraint("username = lower(username)", name=op.f("ck_tidings_held_usernames_username_lower")),
        sa.PrimaryKeyConstraint("username", name=op.f("pk_tidings_held_usernames")),
    )
    op.create_index(op.f("ix_tidings_held_usernames_until"), "tidings_held_usernames", ["until"], unique=False)
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
        "tidings_identity_providers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("template", sa.Text(), nullable=True),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=True),
        sa.Column("scopes", Json, nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("auto_create", sa.Boolean(), nullable=False),
        sa.Column("trust_email", sa.Boolean(), nullable=False),
        sa.Column("sync_profile", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("slug = lower(slug)", name=op.f("ck_tidings_identity_providers_slug_lower")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tidings_identity_providers")),
        sa.UniqueConstraint("slug", name=op.f("uq_tidings_identity_providers_slug")),
    )
    op.create_table(
        "tidings_letter_counts",
        sa.Column("mailbox", sa.LargeBinary(), nullable=False),
        sa.Column("letter", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("mailbox", "letter", "day", name=op.f("pk_tidings_letter_counts")),
    )
    op.create_index(op.f("ix_tidings_letter_counts_day"), "tidings_letter_counts", ["day"], unique=False)
    op.create_table(
        "tidings_login_photo",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("length(content) <= 200000", name=op.f("ck_tidings_login_photo_small")),
        sa.CheckConstraint("number = 1", name=op.f("ck_tidings_login_photo_one_row")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_tidings_login_photo")),
        sa.UniqueConstraint("id", name=op.f("uq_tidings_login_photo_id")),
    )
    op.create_table(
        "tidings_rate_counts",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_tidings_rate_counts")),
    )
    op.create_index(op.f("ix_tidings_rate_counts_expires_at"), "tidings_rate_counts", ["expires_at"], unique=False)
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
        "tidings_server_settings",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("units", sa.Enum("metric", "imperial", name="units", native_enum=False, length=32), nullable=False),
        sa.Column(
            "currency",
            sa.Enum("euro", "dollar", "pound", name="currency", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("num_records_per_page", sa.Integer(), nullable=False),
        sa.Column("public_shareable_links", sa.Boolean(), nullable=False),
        sa.Column("public_shareable_links_user_info", sa.Boolean(), nullable=False),
        sa.Column("login_photo_id", sa.Uuid(), nullable=True),
        sa.Column("signup_enabled", sa.Boolean(), nullable=False),
        sa.Column("signup_require_admin_approval", sa.Boolean(), nullable=False),
        sa.Column("signup_require_email_verification", sa.Boolean(), nullable=False),
        sa.Column("sso_enabled", sa.Boolean(), nullable=False),
        sa.Column("local_login_enabled", sa.Boolean(), nullable=False),
        sa.Column("sso_auto_redirect", sa.Boolean(), nullable=False),
        sa.Column("mfa_required", sa.Boolean(), nullable=False),
        sa.Column(
            "password_type",
            sa.Enum("nist", "strict", "length_only", name="passwordtype", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("password_length_regular_users", sa.Integer(), nullable=False),
        sa.Column("password_length_admin_users", sa.Integer(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_tidings_server_settings_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tidings_server_settings")),
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
        "tidings_sign_in_failures",
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("device", sa.Uuid(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("last_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("subject", "device", name=op.f("pk_tidings_sign_in_failures")),
    )
    op.create_index(op.f("ix_tidings_sign_in_failures_last_at"), "tidings_sign_in_failures", ["last_at"], unique=False)
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
        sa.Column("undeliverable_email", sa.Text(), nullable=True),
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
        sa.Column("must_verify_email", sa.Boolean(), nullable=False),
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
        sa.Column("signed_in_at", UtcDateTime(), nullable=True),
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
    op.create_index(
        "ix_tidings_users_must_verify_email",
        "tidings_users",
        ["created_at"],
        unique=False,
        postgresql_where=sa.text("must_verify_email"),
        sqlite_where=sa.text("must_verify_email = 1"),
    )
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
        "tidings_audit_links",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["tidings_audit_log.id"], name=op.f("fk_tidings_audit_links_entry_id")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_tidings_audit_links")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_tidings_audit_links_entry_id")),
    )
    op.create_table(
        "tidings_audit_waiting",
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["tidings_audit_log.id"], name=op.f("fk_tidings_audit_waiting_entry_id")),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_tidings_audit_waiting")),
    )
    op.create_table(
        "tidings_exports",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("running", "ready", "failed", name="exportstate", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("position", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("section", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=True),
        sa.Column("progress", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("size", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("requested_at", UtcDateTime(), nullable=False),
        sa.Column("ready_at", UtcDateTime(), nullable=True),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["tidings_users.id"], name=op.f("fk_tidings_exports_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_tidings_exports")),
    )
    op.create_index(op.f("ix_tidings_exports_expires_at"), "tidings_exports", ["expires_at"], unique=False)
    op.create_table(
        "tidings_fanouts",
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("request", Json, nullable=False),
        sa.Column("user_ids", Json, nullable=False),
        sa.Column("access_types", Json, nullable=False),
        sa.Column("recipients", sa.Integer(), nullable=True),
        sa.Column("send_at", UtcDateTime(), nullable=True),
        sa.Column("position", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("after", sa.Uuid(), nullable=True),
        sa.Column("cancelled_at", UtcDateTime(), nullable=True),
        sa.Column("written_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["event_id"], ["tidings_events.id"], name=op.f("fk_tidings_fanouts_event_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_tidings_fanouts")),
    )
    op.create_table(
        "tidings_identities",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("last_used_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["provider_id"],
            ["tidings_identity_providers.id"],
            name=op.f("fk_tidings_identities_provider_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["tidings_users.id"], name=op.f("fk_tidings_identities_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "id", name=op.f("pk_tidings_identities")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_tidings_identities_issuer_subject")),
    )
    op.create_index(op.f("ix_tidings_identities_provider_id"), "tidings_identities", ["provider_id"], unique=False)
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
        "tidings_invitations",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column(
            "access_type", sa.Enum("regular", "admin", name="accesstype", native_enum=False, length=32), nullable=False
        ),
        sa.Column(
            "inviter_kind",
            sa.Enum("user", "key", "server", "nobody", name="actorkind", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("inviter_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["tidings_users.id"], name=op.f("fk_tidings_invitations_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_tidings_invitations")),
    )
    op.create_table(
        "tidings_known_devices",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("last_seen_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["tidings_users.id"], name=op.f("fk_tidings_known_devices_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "digest", name=op.f("pk_tidings_known_devices")),
    )
    op.create_index(op.f("ix_tidings_known_devices_digest"), "tidings_known_devices", ["digest"], unique=False)
    op.create_index(
        op.f("ix_tidings_known_devices_last_seen_at"), "tidings_known_devices", ["last_seen_at"], unique=False
    )
    op.create_table(
        "tidings_mail_tokens",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column(
            "purpose",
            sa.Enum(
                "verify_email",
                "reset_password",
                "confirm_email",
                "undo_email",
                "invitation",
                name="mailpurpose",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["tidings_users.id"], name=op.f("fk_tidings_mail_tokens_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "digest", name=op.f("pk_tidings_mail_tokens")),
        sa.UniqueConstraint("digest", name=op.f("uq_tidings_mail_tokens_digest")),
    )
    op.create_index(op.f("ix_tidings_mail_tokens_expires_at"), "tidings_mail_tokens", ["expires_at"], unique=False)
    op.create_index("ix_tidings_mail_tokens_purpose_email", "tidings_mail_tokens", ["purpose", "email"], unique=False)
    op.create_table(
        "tidings_oidc_states",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("browser_digest", sa.LargeBinary(), nullable=False),
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column(
            "purpose", sa.Enum("sign-in", "link", name="flowpurpose", native_enum=False, length=32), nullable=False
        ),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("return_path", sa.Text(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "(purpose = 'link') = (user_id IS NOT NULL)", name=op.f("ck_tidings_oidc_states_link_has_user")
        ),
        sa.ForeignKeyConstraint(
            ["provider_id"],
            ["tidings_identity_providers.id"],
            name=op.f("fk_tidings_oidc_states_provider_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["tidings_users.id"], name=op.f("fk_tidings_oidc_states_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tidings_oidc_states")),
        sa.UniqueConstraint("digest", name=op.f("uq_tidings_oidc_states_digest")),
    )
    op.create_index(op.f("ix_tidings_oidc_states_expires_at"), "tidings_oidc_states", ["expires_at"], unique=False)
    op.create_index(op.f("ix_tidings_oidc_states_provider_id"), "tidings_oidc_states", ["provider_id"], unique=False)
    op.create_index(op.f("ix_tidings_oidc_states_user_id"), "tidings_oidc_states", ["user_id"], unique=False)
    op.create_table(
        "tidings_passkey_challenges",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column(
            "purpose",
            sa.Enum("register", "prove", name="challengepurpose", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["tidings_users.id"], name=op.f("fk_tidings_passkey_challenges_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_tidings_passkey_challenges")),
    )
    op.create_index(
        op.f("ix_tidings_passkey_challenges_expires_at"), "tidings_passkey_challenges", ["expires_at"], unique=False
    )
    op.create_index(
        op.f("ix_tidings_passkey_challenges_user_id"), "tidings_passkey_challenges", ["user_id"], unique=False
    )
    op.create_table(
        "tidings_passkeys",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("transports", Json, nullable=False),
        sa.Column("is_backed_up", sa.Boolean(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("last_used_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["tidings_users.id"], name=op.f("fk_tidings_passkeys_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "id", name=op.f("pk_tidings_passkeys")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_tidings_passkeys_credential_id")),
    )
    op.create_table(
        "tidings_pending_sign_ins",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column(
            "kind", sa.Enum("browser", "token", name="sessionkind", native_enum=False, length=32), nullable=False
        ),
        sa.Column("device", sa.Uuid(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["tidings_users.id"], name=op.f("fk_tidings_pending_sign_ins_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "digest", name=op.f("pk_tidings_pending_sign_ins")),
        sa.UniqueConstraint("digest", name=op.f("uq_tidings_pending_sign_ins_digest")),
    )
    op.create_index(
        op.f("ix_tidings_pending_sign_ins_expires_at"), "tidings_pending_sign_ins", ["expires_at"], unique=False
    )
    op.create_table(
        "tidings_photos",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("length(content) <= 200000", name=op.f("ck_tidings_photos_small")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["tidings_users.id"], name=op.f("fk_tidings_photos_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_tidings_photos")),
        sa.UniqueConstraint("id", name=op.f("uq_tidings_photos_id")),
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
        "tidings_privacy",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column(
            "default_activity_visibility",
            sa.Enum("public", "followers", "private", name="visibility", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("hide_activity_start_time", sa.Boolean(), nullable=False),
        sa.Column("hide_activity_location", sa.Boolean(), nullable=False),
        sa.Column("hide_activity_map", sa.Boolean(), nullable=False),
        sa.Column("hide_activity_hr", sa.Boolean(), nullable=False),
        sa.Column("hide_activity_power", sa.Boolean(), nullable=False),
        sa.Column("hide_activity_cadence", sa.Boolean(), nullable=False),
        sa.Column("hide_activity_elevation", sa.Boolean(), nullable=False),
        sa.Column("hide_activity_speed", sa.Boolean(), nullable=False),
        sa.Column("hide_activity_pace", sa.Boolean(), nullable=False),
        sa.Column("hide_activity_laps", sa.Boolean(), nullable=False),
        sa.Column("hide_activity_workout_sets_steps", sa.Boolean(), nullable=False),
        sa.Column("hide_activity_gear", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["tidings_users.id"], name=op.f("fk_tidings_privacy_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_tidings_privacy")),
    )
    op.create_table(
        "tidings_recovery_codes",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["tidings_users.id"], name=op.f("fk_tidings_recovery_codes_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "digest", name=op.f("pk_tidings_recovery_codes")),
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
        sa.Column("confirmed_at", UtcDateTime(), nullable=False),
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
    op.create_index(op.f("ix_tidings_sessions_expires_at"), "tidings_sessions", ["expires_at"], unique=False)
    op.create_index(op.f("ix_tidings_sessions_idle_expires_at"), "tidings_sessions", ["idle_expires_at"], unique=False)
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
    op.create_index(op.f("ix_tidings_tickets_expires_at"), "tidings_tickets", ["expires_at"], unique=False)
    op.create_table(
        "tidings_totp",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("confirmed_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["tidings_users.id"], name=op.f("fk_tidings_totp_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_tidings_totp")),
    )
    op.create_table(
        "tidings_export_parts",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("section", sa.Text(), nullable=False),
        sa.Column("packed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["tidings_exports.user_id"], name=op.f("fk_tidings_export_parts_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "position", name=op.f("pk_tidings_export_parts")),
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
        postgresql_include=["type_code", "priority", "created_at", "read_at", "dismissed_at", "snoozed_until"],
        postgresql_where=sa.text("in_inbox AND deleted_at IS NULL AND expired_at IS NULL"),
        sqlite_where=sa.text("in_inbox = 1 AND deleted_at IS NULL AND expired_at IS NULL"),
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
            "in_inbox = 1 AND read_at IS NULL AND dismissed_at IS NULL AND snoozed_until IS NULL AND deleted_at IS NULL AND expired_at IS NULL"
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
    op.create_index(
        "ix_tidings_token_pairs_refreshed_at",
        "tidings_token_pairs",
        ["refreshed_at"],
        unique=False,
        postgresql_where=sa.text("refreshed_at IS NOT NULL"),
        sqlite_where=sa.text("refreshed_at IS NOT NULL"),
    )
    op.create_index(
        "ix_tidings_token_pairs_successor",
        "tidings_token_pairs",
        ["refreshed_at"],
        unique=False,
        postgresql_where=sa.text("successor IS NOT NULL"),
        sqlite_where=sa.text("successor IS NOT NULL"),
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
    guard(op.get_bind())


def downgrade() -> None:
    unguard(op.get_bind())
    op.drop_index("ix_tidings_collapsed_events_notification", table_name="tidings_collapsed_events")
    op.drop_table("tidings_collapsed_events")
    op.drop_index(
        "ix_tidings_token_pairs_successor",
        table_name="tidings_token_pairs",
        postgresql_where=sa.text("successor IS NOT NULL"),
        sqlite_where=sa.text("successor IS NOT NULL"),
    )
    op.drop_index(
        "ix_tidings_token_pairs_refreshed_at",
        table_name="tidings_token_pairs",
        postgresql_where=sa.text("refreshed_at IS NOT NULL"),
        sqlite_where=sa.text("refreshed_at IS NOT NULL"),
    )
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
            "in_inbox = 1 AND read_at IS NULL AND dismissed_at IS NULL AND snoozed_until IS NULL AND deleted_at IS NULL AND expired_at IS NULL"
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
        postgresql_include=["type_code", "priority", "created_at", "read_at", "dismissed_at", "snoozed_until"],
        postgresql_where=sa.text("in_inbox AND deleted_at IS NULL AND expired_at IS NULL"),
        sqlite_where=sa.text("in_inbox = 1 AND deleted_at IS NULL AND expired_at IS NULL"),
    )
    op.drop_index(
        "ix_tidings_notifications_changed",
        table_name="tidings_notifications",
        postgresql_where=sa.text("revision > 0"),
        sqlite_where=sa.text("revision > 0"),
    )
    op.drop_table("tidings_notifications")
    op.drop_table("tidings_export_parts")
    op.drop_table("tidings_totp")
    op.drop_index(op.f("ix_tidings_tickets_expires_at"), table_name="tidings_tickets")
    op.drop_table("tidings_tickets")
    op.drop_index(op.f("ix_tidings_stream_presence_user_id"), table_name="tidings_stream_presence")
    op.drop_table("tidings_stream_presence")
    op.drop_index(op.f("ix_tidings_sessions_idle_expires_at"), table_name="tidings_sessions")
    op.drop_index(op.f("ix_tidings_sessions_expires_at"), table_name="tidings_sessions")
    op.drop_table("tidings_sessions")
    op.drop_table("tidings_recovery_codes")
    op.drop_table("tidings_privacy")
    op.drop_table("tidings_preferences")
    op.drop_table("tidings_photos")
    op.drop_index(op.f("ix_tidings_pending_sign_ins_expires_at"), table_name="tidings_pending_sign_ins")
    op.drop_table("tidings_pending_sign_ins")
    op.drop_table("tidings_passkeys")
    op.drop_index(op.f("ix_tidings_passkey_challenges_user_id"), table_name="tidings_passkey_challenges")
    op.drop_index(op.f("ix_tidings_passkey_challenges_expires_at"), table_name="tidings_passkey_challenges")
    op.drop_table("tidings_passkey_challenges")
    op.drop_index(op.f("ix_tidings_oidc_states_user_id"), table_name="tidings_oidc_states")
    op.drop_index(op.f("ix_tidings_oidc_states_provider_id"), table_name="tidings_oidc_states")
    op.drop_index(op.f("ix_tidings_oidc_states_expires_at"), table_name="tidings_oidc_states")
    op.drop_table("tidings_oidc_states")
    op.drop_index("ix_tidings_mail_tokens_purpose_email", table_name="tidings_mail_tokens")
    op.drop_index(op.f("ix_tidings_mail_tokens_expires_at"), table_name="tidings_mail_tokens")
    op.drop_table("tidings_mail_tokens")
    op.drop_index(op.f("ix_tidings_known_devices_last_seen_at"), table_name="tidings_known_devices")
    op.drop_index(op.f("ix_tidings_known_devices_digest"), table_name="tidings_known_devices")
    op.drop_table("tidings_known_devices")
    op.drop_table("tidings_invitations")
    op.drop_table("tidings_inboxes")
    op.drop_index(op.f("ix_tidings_identities_provider_id"), table_name="tidings_identities")
    op.drop_table("tidings_identities")
    op.drop_table("tidings_fanouts")
    op.drop_index(op.f("ix_tidings_exports_expires_at"), table_name="tidings_exports")
    op.drop_table("tidings_exports")
    op.drop_table("tidings_audit_waiting")
    op.drop_table("tidings_audit_links")
    op.drop_index(op.f("ix_tidings_api_keys_owner_user_id"), table_name="tidings_api_keys")
    op.drop_table("tidings_api_keys")
    op.drop_index(
        "ix_tidings_users_must_verify_email",
        table_name="tidings_users",
        postgresql_where=sa.text("must_verify_email"),
        sqlite_where=sa.text("must_verify_email = 1"),
    )
    op.drop_index("ix_tidings_users_access_type_state", table_name="tidings_users")
    op.drop_table("tidings_users")
    op.drop_table("tidings_stream_nodes")
    op.drop_table("tidings_signing_secrets")
    op.drop_index(op.f("ix_tidings_signals_created_at"), table_name="tidings_signals")
    op.drop_table("tidings_signals")
    op.drop_index(op.f("ix_tidings_sign_in_failures_last_at"), table_name="tidings_sign_in_failures")
    op.drop_table("tidings_sign_in_failures")
    op.drop_table("tidings_setup_token")
    op.drop_table("tidings_server_settings")
    op.drop_table("tidings_recurring_runs")
    op.drop_index(op.f("ix_tidings_rate_counts_expires_at"), table_name="tidings_rate_counts")
    op.drop_table("tidings_rate_counts")
    op.drop_table("tidings_login_photo")
    op.drop_index(op.f("ix_tidings_letter_counts_day"), table_name="tidings_letter_counts")
    op.drop_table("tidings_letter_counts")
    op.drop_table("tidings_identity_providers")
    op.drop_index(op.f("ix_tidings_idempotency_keys_created_at"), table_name="tidings_idempotency_keys")
    op.drop_table("tidings_idempotency_keys")
    op.drop_index(op.f("ix_tidings_held_usernames_until"), table_name="tidings_held_usernames")
    op.drop_table("tidings_held_usernames")
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
    op.drop_index("ix_tidings_audit_log_target_id", table_name="tidings_audit_log")
    op.drop_index("ix_tidings_audit_log_actor_id_action", table_name="tidings_audit_log")
    op.drop_index("ix_tidings_audit_log_actor_id", table_name="tidings_audit_log")
    op.drop_index("ix_tidings_audit_log_action", table_name="tidings_audit_log")
    op.drop_table("tidings_audit_log")
