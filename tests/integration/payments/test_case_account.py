"""From a registered case to its own account and its debt."""

import pytest

from tests.integration.payments.stage import COURT, PREFIX, Stage, line

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.rule("R-PAY-01")
async def test_a_registered_case_gets_its_own_account_under_the_courts(stage: Stage) -> None:
    first = await stage.account(await stage.register_case())
    second = await stage.account(await stage.register_case())
    serials = [int(account["account"]["account_number"].removeprefix(PREFIX)) for account in (first, second)]
    assert serials[1] == serials[0] + 1
    assert (first["balance_fen"], first["settled"]) == (0, False)


@pytest.mark.rule("R-PAY-08", "R-PAY-20")
async def test_the_debt_statement_shows_formulas_and_articles(stage: Stage) -> None:
    case_id = await stage.register_case(claim_fen=500_000)
    statement = (await stage.get("officer", "/v1/debt-statements", case_id=case_id, as_of="2090-01-19")).json()
    assert (statement["principal_fen"], statement["interest_fen"], statement["fee_fen"]) == (500_000, 1_575, 5_000)
    assert statement["total_fen"] == 506_575
    doubled = next(item for item in statement["lines"] if item["code"] == "DOUBLED_PART")
    assert doubled["formula"] == "5,000.00 × 0.000175 × 18 d"
    assert doubled["article"] == "民事诉讼法 第264条; 法释〔2014〕8号 第1条、第2条"


@pytest.mark.rule("R-PAY-01", "R-PAY-04")
async def test_money_of_a_statement_line_stands_in_the_case_account_with_its_clock(stage: Stage) -> None:
    case_id = await stage.register_case()
    number = (await stage.account(case_id))["account"]["account_number"]
    (result,) = await stage.results(line(number, 320_000, stage.reference(), payment_reference="DED-1"))
    assert (result["status"], result["case_id"]) == ("RECORDED", case_id)
    account = await stage.until(f"/v1/case-accounts/{case_id}", lambda seen: seen["balance_fen"] == 320_000)
    assert account["available_fen"] == 320_000
    assert account["credits"][0]["payment_reference"] == "DED-1"
    assert account["credits"][0]["payer_display"] == "李**"
    (entry,) = (await stage.get("maker", f"/v1/case-accounts/{case_id}/entries")).json()["items"]
    assert sum(leg["amount_fen"] for leg in entry["legs"]) == 0
    balance = await stage.balance()
    assert balance["difference_fen"] == 0
    before = (await stage.get("maker", "/v1/trial-balances/2020-01-01", court=COURT)).json()
    assert before["bank_fen"] == before["case_balances_fen"] == 0
    assert balance["bank_fen"] == balance["case_balances_fen"] + balance["unidentified_fen"] + balance["in_transit_fen"]


@pytest.mark.rule("R-PAY-04")
async def test_money_that_stood_still_too_long_is_overdue_at_every_stage(stage: Stage) -> None:
    case_id = await stage.register_case()
    number = (await stage.account(case_id))["account"]["account_number"]
    await stage.results(line(number, 700, stage.reference(), value_at="2025-09-24T10:00:00+08:00"))
    account = await stage.until(f"/v1/case-accounts/{case_id}", lambda seen: len(seen["overdue"]) == 3)
    assert {late["stage"]: late["due_at"] for late in account["overdue"]} == {
        "PAYMENT_NOTICE": "2025-10-14T16:00:00.000000Z",
        "PAYOUT": "2025-10-21T16:00:00.000000Z",
        "OUTER_LIMIT": "2025-10-24T16:00:00.000000Z",
    }
    assert {late["amount_fen"] for late in account["overdue"]} == {700}


@pytest.mark.rule("R-INQ-20", "R-PAY-20")
async def test_an_officer_assesses_the_debt_for_an_expected_day(stage: Stage) -> None:
    case_id = await stage.register_case(claim_fen=500_000)
    before = (await stage.account(case_id))["debt"]
    far = await stage.post("officer", "/v1/debt-statements", {"case_id": case_id, "as_of": "2098-01-01"})
    assert (far.status_code, far.json()["code"]) == (409, "assessment_day_out_of_reach")
    today = await stage.post("officer", "/v1/debt-statements", {"case_id": case_id})
    assert today.status_code == 201
    assert (today.json()["as_of"], today.json()["total_fen"]) == (before["as_of"], before["total_fen"])
