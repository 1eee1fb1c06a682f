"""`python -m services.credit_blacklist` serves until SIGTERM."""

from libs.web import run
from services.credit_blacklist.main import build
from services.credit_blacklist.settings import CreditBlacklistSettings

if __name__ == "__main__":
    run(build, CreditBlacklistSettings())
