"""`python -m services.asset_inquiry` runs the service."""

from libs.web import run
from services.asset_inquiry.main import build
from services.asset_inquiry.settings import AssetInquirySettings

if __name__ == "__main__":
    run(build, AssetInquirySettings())
