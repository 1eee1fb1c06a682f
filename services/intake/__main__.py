"""`python -m services.intake` runs the service."""

from libs.web import run
from services.intake.main import build
from services.intake.settings import IntakeSettings

if __name__ == "__main__":
    run(build, IntakeSettings())
