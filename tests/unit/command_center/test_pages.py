"""The pages as text: what stands on them, and what can never stand on them."""

import re
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser

import pytest

from libs.schemas.intake import CAUSE_NAMES, CaseRegistered
from services.command_center import pages
from services.command_center.domain.dossier import Dossier
from services.command_center.domain.picture import picture, summary
from tests.unit.command_center.wages import MORNING, Told, recorded, story, until

NAMES = {"bank-a": "甲银行", "bank-b": "乙银行"}


def rendered(told: list[Told], names: dict[str, str] | None = None) -> str:
    state, _ = recorded(Dossier(), told)
    now = MORNING + timedelta(hours=2)
    context = pages.case_context(picture(state, names or NAMES, now), now)
    return pages._environment().get_template("case.html").render(context)


class Outline(HTMLParser):
    """Tags that are open, and addresses that the page refers to."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in {"meta", "link", "br", "rect"}:
            self.open.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in {"href", "src"}]

    def handle_endtag(self, tag: str) -> None:
        if tag != "rect":
            assert self.open.pop() == tag


@pytest.mark.parametrize("told", [story(), until("filing"), until("inquiry"), until("filing")[:4]], ids=len)
def test_at_every_stage_the_page_is_whole_and_refers_to_nothing_outside(told: list[Told]) -> None:
    outline = Outline()
    outline.feed(rendered(told))
    assert outline.open == []
    assert all(address in {"/", "data:,"} or address.startswith("#") for address in outline.addresses)


def test_what_other_services_say_can_never_become_markup() -> None:
    page = rendered(story(), {"bank-a": "<script>alert(1)</script>"})
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_the_policy_names_the_style_sheet_that_the_page_carries() -> None:
    [style] = re.findall(r"<style>(.*?)</style>", rendered(until("filing")), flags=re.DOTALL)
    assert style == pages.STYLE
    assert "script-src" not in pages.POLICY
    assert "default-src 'none'" in pages.POLICY


def test_every_cause_that_an_application_may_name_stands_on_the_page_in_its_words() -> None:
    told = until("filing")
    for cause, words in CAUSE_NAMES.items():
        other = [
            replace(one, event=one.event.model_copy(update={"cause": cause}))
            if isinstance(one.event, CaseRegistered)
            else one
            for one in told
        ]
        assert words in rendered(other)
        assert cause not in rendered(other)


def test_every_stage_that_was_reached_is_on_the_rail_and_no_other() -> None:
    page = rendered(until("inquiry"))
    assert re.findall(r'<a href="#stage-\d">(..)</a>', page) == ["立案", "通知", "查控", "分案"]
    assert '<li class=" current"' not in page


@pytest.mark.parametrize(
    ("seconds", "text"), [(-5, "0小时0分"), (59, "0小时0分"), (2 * 3600 + 12 * 60, "2小时12分"), (90_061, "1天1小时")]
)
def test_how_long_it_took_is_said_in_two_units(seconds: int, text: str) -> None:
    assert pages.lasted_text(seconds) == text


@pytest.mark.parametrize(
    ("part", "whole", "share"), [(0, 0, "0.0%"), (1, 3, "33.3%"), (5, 5, "100.0%"), (9, 5, "100.0%"), (-1, 5, "0.0%")]
)
def test_a_bar_is_never_longer_than_the_whole(part: int, whole: int, share: str) -> None:
    assert pages._share(part, whole) == share


@pytest.mark.rule("R-GEN-01")
def test_the_last_day_is_shown_for_terms_in_days_and_the_minute_for_shorter_ones() -> None:
    assert pages._until("2026-03-12T16:00:00.000000Z") == "2026年3月12日"
    assert pages._until("2026-03-02T01:19:00.000000Z") == "3月2日09:19"


def test_days_in_a_formula_are_read_in_chinese() -> None:
    assert pages._formula("5,000.00 × 0.000175 × 18 d") == "5,000.00 × 0.000175 × 18 天"


def test_the_list_of_cases_says_what_is_next_and_the_whole_term_only_when_nothing_else_is_open() -> None:
    filed = summary(recorded(Dossier(), until("filing"))[0])
    assert (filed["next_node"], filed["stage"], filed["closed"]) == ("确定承办人", "立案", None)
    closed = summary(recorded(Dossier(), story())[0])
    assert (closed["next_node"], closed["closed"], closed["open_alerts"]) == (None, "执行完毕", 0)
