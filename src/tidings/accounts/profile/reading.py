"""One's own profile, gathered from everywhere that keeps a part of it, and the part that everybody may see."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.contributors import Contributors
from tidings.accounts.errors import UserNotFound
from tidings.accounts.models import User
from tidings.accounts.privacy.keeping import privacy_of
from tidings.accounts.privacy.schemas import PrivacyPut
from tidings.accounts.schemas import UserOut, UsersMe
from tidings.accounts.server_settings.reading import read_server_settings
from tidings.kernel.bindings import bound


async def own_profile(session: AsyncSession, user: User) -> UsersMe:
    """The user as they see themselves: the account, the privacy settings, and which services are connected."""
    linked = {name for ask in bound(session, Contributors).linked_services for name in await ask(session, user.id)}
    privacy = PrivacyPut.model_validate(await privacy_of(session, user.id))
    settings = await read_server_settings(session)
    return UsersMe(
        **dict(UserOut.model_validate(user)),
        **dict(privacy),
        has_password=user.password_hash is not None,
        mfa_setup_required=settings.mfa_required and not user.mfa_enabled,
        is_strava_linked=1 if "strava" in linked else 0,
        is_garminconnect_linked=1 if "garminconnect" in linked else 0,
    )


async def public_profile(session: AsyncSession, user_id: UUID) -> User:
    """Somebody whom the whole world may see. Raises UserNotFound for everybody else, and while nobody is shown."""
    settings = await read_server_settings(session)
    shown = settings.public_shareable_links and settings.public_shareable_links_user_info
    user = await session.get(User, user_id) if shown else None
    if user is None or not user.is_active:
        raise UserNotFound()
    return user
