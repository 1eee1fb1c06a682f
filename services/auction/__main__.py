"""`python -m services.auction` serves until SIGTERM."""

from libs.web import run
from services.auction.main import build
from services.auction.settings import AuctionSettings

if __name__ == "__main__":
    run(build, AuctionSettings())
