"""Settings of `command_center`: `COMMAND_CENTER_SMS_URL` first, then `SMS_URL`, then the default."""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from libs.web import ServiceSettings


class CommandCenterSettings(ServiceSettings):
    """What this service needs besides what every service needs."""

    model_config = SettingsConfigDict(env_prefix="COMMAND_CENTER_")

    sms_url: str = "http://127.0.0.1:8091"
    """Where the 12368 gateway takes short messages."""
    robot_url: str = "http://127.0.0.1:8092"
    """Where the robot of the bureau's work group takes alerts."""
    gateway_seconds_max: float = Field(default=5.0, gt=0)
    """How long a gateway may take to answer, in real seconds; after that it is asked what became of the message."""
