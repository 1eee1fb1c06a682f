"""The catalogue of joint punishment, its legality filter, and the views that carry it (R-CRB-30 to R-CRB-32)."""

from collections import Counter

import pytest

from libs.schemas.credit_blacklist import FeedRecord
from services.credit_blacklist.api.measures import _measure
from services.credit_blacklist.rules.measure import Measure, MeasureWithoutLegalBasis
from services.credit_blacklist.rules.measures import CATALOGUE, CLASSES, DECIDABLE, catalogue_of
from services.credit_blacklist.rules.views import COURT, VIEWS, ViewUnknown, policy_of, view_of


@pytest.mark.rule("R-CRB-30")
def test_the_catalogue_has_eleven_classes_with_as_many_measures_as_the_policy_names() -> None:
    counted = Counter(measure.measure_class for measure in CATALOGUE.values())
    assert sorted(CLASSES) == list(range(1, 12))
    assert [counted[number] for number in CLASSES] == [7, 2, 8, 3, 3, 4, 6, 1, 1, 1, 1]


@pytest.mark.rule("R-CRB-32")
@pytest.mark.parametrize("basis", ["", "  ", "\n"])
def test_a_measure_without_a_legal_basis_is_not_loaded(basis: str) -> None:
    with pytest.raises(MeasureWithoutLegalBasis):
        Measure("1.1", "设立金融类公司限制", "金融监管", basis)


@pytest.mark.rule("R-CRB-32")
def test_every_measure_and_every_act_names_an_article_or_the_central_policy() -> None:
    for measure in (*CATALOGUE.values(), *DECIDABLE.values()):
        assert "条" in measure.legal_basis or "中办发〔2016〕64号" in measure.legal_basis, measure.measure_code


@pytest.mark.rule("R-CRB-31")
@pytest.mark.parametrize("code", ["1.1", "12.1", "0.1"], ids=["twice", "of no class", "of class nought"])
def test_a_catalogue_with_a_code_twice_or_of_no_class_is_not_loaded(code: str) -> None:
    with pytest.raises(ValueError, match="measure code"):
        catalogue_of([*CATALOGUE.values(), Measure(code, "t", "b", "某法 第1条")])


@pytest.mark.rule("R-CRB-21")
def test_every_kind_of_consumption_is_stopped_by_some_measure() -> None:
    stopped = {kind for measure in DECIDABLE.values() if "RESTRICTION" in measure.list_types for kind in measure.kinds}
    assert stopped == set(range(1, 10))


@pytest.mark.rule("R-CRB-23")
def test_measures_on_consumption_rest_on_restrictions_alone_so_that_a_release_releases() -> None:
    for measure in DECIDABLE.values():
        if measure.measure_class == 7:
            assert measure.list_types == ("RESTRICTION",), measure.measure_code
            assert measure.kinds, measure.measure_code


@pytest.mark.rule("R-CRB-30")
def test_what_is_pushed_is_what_some_agency_view_carries() -> None:
    carried = {one.measure_code for view in VIEWS.values() if view.view_id != COURT for one in view.measures}
    assert carried == {code for code, measure in DECIDABLE.items() if measure.auto_push}


def test_a_view_carries_the_list_types_of_its_measures_and_no_others() -> None:
    for view in VIEWS.values():
        assert set(view.list_types) == {one for measure in view.measures for one in measure.list_types}, view.view_id


def test_the_court_sees_every_measure() -> None:
    assert {measure.measure_code for measure in view_of(COURT).measures} == set(DECIDABLE)


@pytest.mark.rule("R-GEN-06")
@pytest.mark.parametrize("view_id", ["air", "rail"])
def test_who_sells_tickets_learns_no_debt(view_id: str) -> None:
    assert not VIEWS[view_id].fields & {"duty", "performance", "basis", "grounds", "legal_representative"}


def test_optional_fields_are_fields_of_an_entry() -> None:
    of_record = {"court.telephone": "court_phone", "subject.sex": None, "subject.birth_date": None}
    for name in VIEWS[COURT].fields:
        field = of_record.get(name, name)
        assert field is None or field in FeedRecord.model_fields, name


def test_a_view_that_is_not_there_is_unknown() -> None:
    with pytest.raises(ViewUnknown):
        view_of("sea")


@pytest.mark.rule("R-CRB-32")
def test_a_policy_says_of_each_measure_what_it_rests_on_and_whether_it_can_be_undone() -> None:
    policy = policy_of("land")
    land = next(one for one in policy["measures"] if one["measure_code"] == "6.1.LAND")
    assert (land["reversible"], land["kinds"], land["list_types"], land["class"]) == (
        False,
        [3],
        ["LISTING", "RESTRICTION"],
        6,
    )
    assert all(one["legal_basis"] for one in policy["measures"])
    assert (policy["ageing_h"], policy["stale_h"], policy["clock_skew_s"]) == (24, 72, 300)


@pytest.mark.rule("R-CRB-30")
def test_an_agency_is_shown_its_own_acts_of_a_measure() -> None:
    shown = _measure(CATALOGUE["7.1"], VIEWS["rail"])
    assert shown is not None
    assert [act["measure_code"] for act in shown["acts"]] == ["7.1.SOFT_SLEEPER", "7.1.HIGH_SPEED", "7.1.SHIP"]
    assert _measure(CATALOGUE["5.3"], VIEWS["rail"]) is None
