"""Privacy settings as they cross the wire: what GET gives, PUT takes back unchanged."""

from pydantic import BaseModel, ConfigDict

from tidings.accounts.privacy.types import Visibility
from tidings.kernel.http.schemas import Body


class PrivacyFields(BaseModel):
    """Who may see an activity unless it says otherwise, and what of it is hidden from everybody else."""

    default_activity_visibility: Visibility
    hide_activity_start_time: bool
    hide_activity_location: bool
    hide_activity_map: bool
    hide_activity_hr: bool
    hide_activity_power: bool
    hide_activity_cadence: bool
    hide_activity_elevation: bool
    hide_activity_speed: bool
    hide_activity_pace: bool
    hide_activity_laps: bool
    hide_activity_workout_sets_steps: bool
    hide_activity_gear: bool


class PrivacyPut(Body, PrivacyFields):
    """Every privacy setting."""

    model_config = ConfigDict(from_attributes=True)
