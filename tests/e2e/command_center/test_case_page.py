"""The case page as a person sees it: the real service over real HTTP, in a real headless Chromium."""

import asyncio
import json
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

from devstack.devkeys import KeyFolder
from devstack.processes import Processes
from tests.integration.command_center.wire import Wire, reader_token
from tests.unit.command_center.wages import CASE, story

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
DRIVER = shutil.which("chromedriver")
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1280,1600",
)
STAGES = ["立案", "通知", "查控", "分案", "冻结", "扣划", "发放", "结案"]
SECONDS = 60.0

pytestmark = [
    pytest.mark.skipif(
        CHROMIUM is None or DRIVER is None, reason="test_case_page needs Chromium and its driver; neither is found here"
    ),
    pytest.mark.timeout(240),
]


@dataclass
class Site:
    """The running service, with a case that was played to its end."""

    url: str
    keys: KeyFolder
    token: str

    def page(self, path: str, token: str | None = None) -> str:
        return f"{self.url}{path}?access_token={token or self.token}"


@pytest.fixture(scope="module")
def site(kafka_bootstrap: str, mongo_uri: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("page")
    unique = f"t{time.time_ns():x}"
    keys = KeyFolder(folder / "keys")
    keys.make(("command_center",))
    env = {
        "KAFKA_BOOTSTRAP": kafka_bootstrap,
        "MONGO_URI": mongo_uri,
        "TOPIC_PREFIX": f"{unique}.",
        "MONGO_DATABASE": f"{unique}_cc",
        "JWKS": str(keys.jwks),
    }
    with Processes(folder, env) as processes:
        service = processes.service("command_center")
        processes.start_all()
        wire = Wire(kafka_bootstrap, f"{unique}.")
        told = story()
        asyncio.run(wire.set_the_ground())
        asyncio.run(wire.say(told))
        found = Site(service.url, keys, reader_token(keys.issuer_key))
        _wait_for(found, f"{len(told)} 条记录")
        yield found


def _wait_for(site: Site, text: str) -> None:
    deadline, last = time.monotonic() + SECONDS, ""
    while time.monotonic() < deadline:
        last = httpx.get(site.page(f"/cases/{CASE}"), timeout=10).text
        if text in last:
            return
        time.sleep(0.3)
    pytest.fail(f"the page never said {text!r}: {last[:800]}")


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[webdriver.Chrome]:
    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for flag in (*FLAGS, f"--user-data-dir={tmp_path / 'profile'}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(DRIVER))
    try:
        yield driver
    finally:
        driver.quit()


def log_of(browser: webdriver.Chrome, kind: str) -> list[dict[str, Any]]:
    return list(browser.get_log(kind))  # type: ignore[no-untyped-call] # selenium ships types for all but this


def requested(browser: webdriver.Chrome) -> list[str]:
    messages = [json.loads(line["message"])["message"] for line in log_of(browser, "performance")]
    return [one["params"]["request"]["url"] for one in messages if one["method"] == "Network.requestWillBeSent"]


def one(browser: webdriver.Chrome, selector: str) -> WebElement:
    return browser.find_element(By.CSS_SELECTOR, selector)


def test_the_page_shows_the_river_by_stages_and_the_exact_money(site: Site, browser: webdriver.Chrome) -> None:
    browser.get(site.page(f"/cases/{CASE}"))
    assert one(browser, "h1").text == "(2026)云0381执1号"
    stages = browser.find_elements(By.CSS_SELECTOR, "section.stage")
    assert [stage.get_attribute("data-stage") for stage in stages] == STAGES
    river = one(browser, "section[aria-labelledby=river-title]").text
    for sentence in (
        "甲银行足额冻结",
        "乙银行逾期未答复，已第1次催办",
        "曲靖市车辆管理所退回请求：文书为空，已自动重发",
    ):
        assert sentence in river
    money = one(browser, "section[aria-labelledby=money-title]").text
    for figure in ("5,000.00", "15.75", "50.00", "5,065.75", "5,015.75", "超额冻结 0.00 元", "0.0175%"):
        assert figure in money
    assert one(browser, "[data-money=余额]").text == "0.00"


@pytest.mark.rule("R-CMD-10", "R-GEN-01")
def test_every_deadline_opens_and_says_why_it_is_that_date(site: Site, browser: webdriver.Chrome) -> None:
    browser.get(site.page(f"/cases/{CASE}"))
    nodes = browser.find_elements(By.CSS_SELECTOR, "details.node")
    assert len(nodes) == 28
    notice = one(browser, "details[data-node='07']")
    reason = notice.find_element(By.CSS_SELECTOR, ".why")
    assert not reason.is_displayed()
    notice.find_element(By.TAG_NAME, "summary").click()
    assert reason.is_displayed()
    assert "自次日起算10日，至2026年3月12日24时届满" in reason.text
    assert "民诉法解释第480条" in reason.text


def test_the_page_loads_nothing_from_elsewhere_and_the_console_stays_silent(
    site: Site, browser: webdriver.Chrome
) -> None:
    browser.get(site.page(f"/cases/{CASE}"))
    one(browser, "details[data-node='07'] summary").click()
    urls = [url for url in requested(browser) if not url.startswith(("data:", "chrome:"))]
    assert urls == [site.page(f"/cases/{CASE}")]
    assert log_of(browser, "browser") == []
    assert browser.execute_script("return document.scripts.length") == 0
    background = browser.execute_script("return getComputedStyle(document.querySelector('header.band')).color")
    assert background == "rgb(255, 255, 255)"


def test_the_list_of_cases_leads_to_the_case_without_the_token_in_the_address(
    site: Site, browser: webdriver.Chrome
) -> None:
    deadline = time.monotonic() + SECONDS
    while True:
        browser.get(site.page("/"))
        links = browser.find_elements(By.LINK_TEXT, "(2026)云0381执1号")
        if links or time.monotonic() > deadline:
            break
        time.sleep(0.3)
    links[0].click()
    assert browser.current_url == f"{site.url}/cases/{CASE}"
    assert one(browser, "h1").text == "(2026)云0381执1号"
    cookie = browser.get_cookie("zhixing_token")
    assert cookie is not None
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Strict"


def test_the_page_fits_a_telephone_without_scrolling_sideways(site: Site, browser: webdriver.Chrome) -> None:
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride", {"width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": True}
    )
    browser.get(site.page(f"/cases/{CASE}"))
    assert browser.execute_script("return document.documentElement.scrollWidth") <= 390


def test_the_printed_page_shows_every_reason_without_a_click(site: Site, browser: webdriver.Chrome) -> None:
    browser.get(site.page(f"/cases/{CASE}"))
    hidden = "return [...document.querySelectorAll('.why')].filter(each => !each.checkVisibility()).length"
    assert browser.execute_script(hidden) == 28
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    assert browser.execute_script(hidden) == 0


@pytest.mark.rule("R-GEN-06")
def test_the_page_says_nothing_to_another_court_or_without_a_token(site: Site, browser: webdriver.Chrome) -> None:
    browser.get(site.page(f"/cases/{CASE}", reader_token(site.keys.issuer_key, court="京0105")))
    assert "云0381执1号" not in browser.page_source
    browser.delete_all_cookies()
    browser.get(f"{site.url}/cases/{CASE}")
    assert "云0381执1号" not in browser.page_source
    browser.get(site.page(f"/cases/{CASE}"))
    for personal in ("浦明远", "李建业", "139087"):
        assert personal not in browser.page_source
