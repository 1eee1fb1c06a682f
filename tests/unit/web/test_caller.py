"""What a token says about its caller, and what routes may conclude from it."""

import pytest

from libs.foundation.errors import NotFound
from libs.journal import Actor
from libs.web.caller import Caller, caller_from
from libs.web.errors import CourtNotYours, RoleMissing, TokenInvalid

CLAIMS = {
    "iss": "https://issuer",
    "sub": "u-1",
    "org": "云0381",
    "roles": ["team_leader", "case_officer"],
    "scope": "intake.cases.read intake.cases.write",
    "courts": ["云0381"],
    "name": "孙执行长",
}


@pytest.fixture
def caller() -> Caller:
    return caller_from(CLAIMS)


def test_claims_become_a_caller(caller: Caller) -> None:
    assert (caller.subject, caller.organisation, caller.client) == ("u-1", "云0381", "u-1")
    assert caller.scopes == {"intake.cases.read", "intake.cases.write"}
    assert caller.name == "孙执行长"
    assert caller.agency_id is None


@pytest.mark.parametrize("lack", [{"sub": None}, {"sub": ""}, {"org": None}, {"org": 5}])
def test_a_token_that_names_nobody_is_refused(lack: dict[str, object]) -> None:
    with pytest.raises(TokenInvalid):
        caller_from(CLAIMS | lack)


@pytest.mark.parametrize("strange", [None, "云0381", 5, {"云0381": 1}, [["云0381"], 5]])
def test_claims_of_a_strange_form_give_no_rights(strange: object) -> None:
    caller = caller_from(CLAIMS | {"courts": strange, "roles": strange, "agency_id": ["a"]})
    assert (caller.courts, caller.roles, caller.agency_id) == (frozenset(), frozenset(), None)


def test_a_court_is_the_callers_only_if_the_token_names_it(caller: Caller) -> None:
    assert caller.require_court("云0381") == caller.require_sight("云0381") == "云0381"
    with pytest.raises(CourtNotYours):
        caller.require_court("京0105")
    with pytest.raises(NotFound):
        caller.require_sight("京0105")


def test_an_operator_of_the_whole_system_may_act_in_every_court() -> None:
    assert caller_from(CLAIMS | {"courts": ["*"]}).may_act_in("京0105")


def test_a_list_is_kept_to_the_callers_courts_whose_only_one_need_not_be_named(caller: Caller) -> None:
    assert caller.fence() == {"court": ["云0381"]}
    assert caller_from(CLAIMS | {"courts": ["云0381", "京0105"]}).fence() == {"court": ["云0381", "京0105"]}
    assert caller_from(CLAIMS | {"courts": []}).fence() == {"court": []}
    assert caller_from(CLAIMS | {"courts": ["*"]}).fence() == {}


def test_a_role_is_required_by_name(caller: Caller) -> None:
    assert caller.require_role("president", "case_officer") == "case_officer"
    with pytest.raises(RoleMissing, match="president"):
        caller.require_role("president")


def test_an_agency_speaks_for_itself_only() -> None:
    assert caller_from(CLAIMS | {"agency_id": "bank-a"}).require_agency() == "bank-a"
    with pytest.raises(RoleMissing):
        caller_from(CLAIMS).require_agency()


def test_an_actor_acts_in_the_named_role_or_in_all(caller: Caller) -> None:
    assert caller.actor("team_leader") == Actor("u-1", "云0381", "team_leader")
    assert caller.actor().role == "case_officer+team_leader"
    assert caller_from(CLAIMS | {"roles": []}).actor().role == "client"
