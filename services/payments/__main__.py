"""`python -m services.payments` runs the service."""

from libs.web import run
from services.payments.main import build
from services.payments.settings import PaymentsSettings

if __name__ == "__main__":
    run(build, PaymentsSettings())
