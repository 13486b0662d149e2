"""The server settings as they cross the wire: what GET gives, PUT takes back unchanged."""

from typing import Annotated

from pydantic import ConfigDict, Field

from tidings.accounts.server_settings.types import PasswordType
from tidings.accounts.types import Currency, Units
from tidings.kernel.http.schemas import Answer, Body

PasswordLength = Annotated[int, Field(ge=8, le=64)]


class ServerSettingsPut(Body):
    """Every decision at once, so that none is taken by leaving it out; clients of other systems know all but one."""

    model_config = ConfigDict(from_attributes=True)

    units: Units
    currency: Currency
    num_records_per_page: Annotated[int, Field(ge=1, le=100)]
    public_shareable_links: bool
    public_shareable_links_user_info: bool
    signup_enabled: bool
    signup_require_admin_approval: bool
    signup_require_email_verification: bool
    sso_enabled: bool
    local_login_enabled: bool
    sso_auto_redirect: bool
    mfa_required: bool | None = Field(default=None, description="Left out, it stays as it is.")
    password_type: PasswordType
    password_length_regular_users: PasswordLength
    password_length_admin_users: PasswordLength


class ServerSettingsOut(ServerSettingsPut):
    """All of them, as they are now."""

    mfa_required: bool


class PublicServerSettings(Answer):
    """What a page needs before anybody has signed in; nothing in it is secret."""

    model_config = ConfigDict(from_attributes=True)

    login_photo_url: str | None = Field(description="The picture of the sign-in page.")
    units: Units
    currency: Currency
    public_shareable_links: bool
    public_shareable_links_user_info: bool
    signup_enabled: bool
    signup_require_admin_approval: bool
    signup_require_email_verification: bool
    sso_enabled: bool
    local_login_enabled: bool
    sso_auto_redirect: bool
    password_type: PasswordType
    password_length_regular_users: int = Field(description="As it holds for passwords of this `password_type`.")
    password_length_admin_users: int = Field(description="Likewise.")
    password_length_with_mfa: int | None = Field(
        default=None, description="What is enough with a second factor, where that differs."
    )
