"""The built-in types: what the house itself tells people, and general ones for host apps (PARITY §2).

Their texts are the English ones; `tidings/templates/locales` has them in every language.
"""

from tidings.notifications.types import Channel, NotificationType, Priority
from tidings.templates.catalogue import HOUSE

IN_APP = (Channel.IN_APP,)
IN_APP_AND_EMAIL = (Channel.IN_APP, Channel.EMAIL)

BUILT_IN: tuple[NotificationType, ...] = (
    NotificationType(
        "activity.new",
        "New activity",
        "{{ data.name | default('A new activity', true) }} was added.",
        code=1,
        category="activities",
        icon="activity",
        variables=("activity_id",),
        why="You recorded an activity.",
        catalogue=HOUSE,
    ),
    NotificationType(
        "activity.duplicate",
        "Possible duplicate activity",
        "An activity with the same start time exists already, so the new one is hidden.",
        code=2,
        category="activities",
        icon="copy",
        variables=("activity_id",),
        why="You recorded an activity.",
        catalogue=HOUSE,
    ),
    NotificationType(
        "follower.requested",
        "New follower request",
        "{{ data.user_name }} wants to follow you.",
        code=11,
        category="social",
        icon="user-plus",
        variables=("user_id", "user_name", "user_username"),
        why="Somebody asked to follow you.",
        catalogue=HOUSE,
    ),
    NotificationType(
        "follower.accepted",
        "Follower request accepted",
        "{{ data.user_name }} accepted your request.",
        code=12,
        category="social",
        icon="user-check",
        variables=("user_id", "user_name", "user_username"),
        why="You asked to follow them.",
        catalogue=HOUSE,
    ),
    NotificationType(
        "integration.token_expired",
        "Reconnect {{ data.provider }}",
        "{{ data.provider }} no longer lets us in. Connect it again to go on.",
        code=21,
        category="integrations",
        channels=IN_APP_AND_EMAIL,
        priority=Priority.HIGH,
        icon="plug",
        variables=("provider",),
        why="You connected this service.",
        catalogue=HOUSE,
    ),
    NotificationType(
        "integration.sync_failed",
        "{{ data.provider }} could not be read",
        "The last attempts failed. We go on trying.",
        code=22,
        category="integrations",
        icon="alert",
        variables=("provider",),
        why="You connected this service.",
        catalogue=HOUSE,
    ),
    NotificationType(
        "account.approval_requested",
        "A sign-up awaits approval",
        "{{ data.user_name }} (@{{ data.user_username }}) would like an account.",
        code=101,
        category="account",
        channels=IN_APP_AND_EMAIL,
        priority=Priority.HIGH,
        icon="user-plus",
        variables=("user_id", "user_name", "user_username"),
        why="You are an administrator.",
        catalogue=HOUSE,
    ),
    NotificationType(
        "account.security",
        "A change to your sign-in",
        "{% if data.change == 'password' %}Your password was changed."
        "{% elif data.change == 'email' %}Your e-mail address was changed."
        "{% elif data.change == 'totp_added' %}An authenticator app was added."
        "{% elif data.change == 'totp_removed' %}The authenticator app was removed."
        "{% elif data.change == 'passkey_added' %}A passkey was added."
        "{% elif data.change == 'passkey_removed' %}A passkey was removed."
        "{% elif data.change == 'recovery_codes_made' %}New recovery codes were made."
        "{% elif data.change == 'factors_removed' %}The authenticator app and every passkey were removed."
        "{% elif data.change == 'api_key_made' %}An API key was made."
        "{% elif data.change == 'identity' %}Your sign-in with a provider was changed."
        "{% else %}{{ data.change }}{% endif %}",
        code=111,
        category="account",
        channels=IN_APP_AND_EMAIL,
        priority=Priority.HIGH,
        required=True,
        icon="shield",
        variables=("change",),
        why="It concerns the safety of your account.",
        catalogue=HOUSE,
    ),
    NotificationType(
        "account.export_ready",
        "Your export is ready",
        "Download it while it is kept.",
        code=112,
        category="account",
        channels=IN_APP_AND_EMAIL,
        icon="download",
        why="You asked for your data.",
        catalogue=HOUSE,
    ),
    NotificationType("insight", code=201, category="insights", icon="lightbulb", variables=("action_items",)),
    NotificationType("recommendation", code=202, category="insights", icon="compass"),
    NotificationType(
        "achievement",
        "Achievement unlocked: {{ data.achievement_name }}",
        "{{ data.achievement_description | default('', true) }}"
        "{% if data.xp_earned is number %} You earned {{ data.xp_earned | number }} XP.{% endif %}",
        code=203,
        category="progress",
        icon="trophy",
        variables=("achievement_name", "achievement_description", "xp_earned"),
        catalogue=HOUSE,
    ),
    NotificationType(
        "level_up",
        "You reached level {{ data.new_level | number }}",
        "{% if data.new_level is defined %}Congratulations!"
        "{% if data.rewards | default([], true) %} You unlocked {{ data.rewards | listed }}.{% endif %}{% endif %}",
        code=204,
        category="progress",
        icon="star",
        variables=("new_level", "rewards"),
        catalogue=HOUSE,
    ),
    NotificationType(
        "streak",
        "{% if data.milestone | default(false) %}Milestone: {{ data.streak_days | number }} days in a row"
        "{% else %}{{ data.streak_days | number }} days in a row{% endif %}",
        "{% if data.streak_days is defined %}{% if data.milestone | default(false) %}That is a milestone. Well done!"
        "{% else %}Keep it going!{% endif %}{% endif %}",
        code=205,
        category="progress",
        icon="flame",
        variables=("streak_days", "milestone"),
        catalogue=HOUSE,
        counted="streak_days",
    ),
    NotificationType("reminder", code=206, category="reminders", icon="bell"),
    NotificationType("social", code=207, category="social", icon="users", variables=("social_type", "actor_name")),
    NotificationType("system", code=208, category="system", icon="info"),
    NotificationType("alert", code=209, category="system", icon="alert"),
    NotificationType("message", code=221, category="messages", icon="message"),
    NotificationType("update", code=222, category="updates", icon="megaphone"),
)
