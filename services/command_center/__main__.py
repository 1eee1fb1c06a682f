"""`python -m services.command_center` runs the service."""

from libs.web import run
from services.command_center.main import build
from services.command_center.settings import CommandCenterSettings

if __name__ == "__main__":
    run(build, CommandCenterSettings())
