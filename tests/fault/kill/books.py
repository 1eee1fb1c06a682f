"""The partners' own books against the journals: transfers, deductions, messages; and the ledger to the fen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from tests.fault.kill.counting import apart, twice
from tests.fault.kill.facts import Facts

CHANNELS = {"SMS_12368": "sms", "WORK_GROUP": "robot"}


def effects(facts: Facts) -> list[str]:
    """Return every effect that did not happen once in the partner's own books."""
    return [*_transfers(facts), *_deductions(facts), *_messages(facts), *_once_in_our_books(facts)]


def _transfers(facts: Facts) -> list[str]:
    approved = {event.id for event in facts.events("payout_approved")}
    transfers = facts.bank["transfers"]
    faults = apart("the payout ordered by", approved, {str(one["reference"]) for one in transfers})
    faults += twice("the transfer", [str(one["reference"]) for one in transfers])
    paid = {str(event.data["reference"]): int(event.data["amount_fen"]) for event in facts.events("payout_confirmed")}
    done = {str(one["reference"]): int(one["amount_fen"]) for one in transfers if one["state"] == "DONE"}
    if paid != done:
        odd = sorted({*paid.items()} ^ {*done.items()})
        faults.append(f"confirmed payouts and executed transfers differ in {odd[:5]}")
    failed = sum(1 for _ in facts.events("payout_failed"))
    refused = sum(one["state"] == "REFUSED" for one in transfers)
    if failed != refused:
        faults.append(f"{failed} payouts failed, the bank refused {refused} transfers")
    return faults


def _deductions(facts: Facts) -> list[str]:
    told = {str(event.data["payment_reference"]) for event in facts.events("deduction_answered")}
    debited: dict[str, int] = {}
    faults: list[str] = []
    for agency in facts.agencies:
        taken: dict[str, int] = defaultdict(int)
        for one in agency["deductions"]:
            debited[one["payment_reference"]] = one["amount_fen"]
            taken[one["account_number"]] += one["amount_fen"]
        for account in agency["accounts"]:
            gone = account["opening_fen"] - account["balance_fen"]
            if gone != taken[account["account_number"]]:
                faults.append(f"account {account['account_number']} lost {gone}, was told to pay otherwise")
    arrived = [one for one in facts.bank["incoming"] if one["payment_reference"] in debited]
    faults += twice("the money of deduction", [one["payment_reference"] for one in arrived])
    faults += apart("the deduction", told, set(debited))
    asked = [str(event.data["deduction_id"]) for event in facts.events("deduction_requested")]
    faults += twice("the request of deduction", asked)
    if len(asked) != len(debited):
        faults.append(f"{len(asked)} deductions were asked for, {len(debited)} were made")
    confirmed = [str(event.data["payment_reference"]) for event in facts.events("deduction_confirmed")]
    faults += twice("the confirmation of deduction", confirmed)
    faults += apart("the confirmed deduction", set(confirmed), {one["payment_reference"] for one in arrived})
    return faults


def _messages(facts: Facts) -> list[str]:
    faults: list[str] = []
    for channel, partner in CHANNELS.items():
        intents = {e.id for e in facts.events("notification_requested") if e.data["channel"] == channel}
        taken = [str(one["reference"]) for one in facts.messages[partner]]
        faults += twice(f"the {partner} message", taken)
        faults += apart(f"the {partner} message", intents, set(taken))
    return faults


def _once_in_our_books(facts: Facts) -> list[str]:
    facets: dict[str, tuple[str, ...]] = {
        "account_credited": ("incoming_id",),
        "case_number_bound": ("application_id",),
        "case_registered": ("case_id",),
        "case_account_opened": ("case_id",),
        "payout_confirmed": ("payout_id",),
        "inquiry_opened": ("inquiry_id",),
        "request_issued": ("request_id",),
    }
    faults: list[str] = []
    for name, keys in facets.items():
        faults += twice(name, ["/".join(str(event.data[key]) for key in keys) for event in facts.events(name)])
    numbers = sorted(int(event.data["serial"]) for event in facts.events("case_number_bound"))
    if numbers != list(range(1, len(numbers) + 1)):
        faults.append(f"case numbers are not 1 to {len(numbers)}: {numbers[-5:]}")
    return faults


def ledger(facts: Facts) -> list[str]:
    """Return where our ledger and the banks' books differ, per case and in all, in fen."""
    accounts = {e.data["case_id"]: e.data["account"]["account_number"] for e in facts.events("case_account_opened")}
    ours: dict[str, int] = defaultdict(int)
    for event in facts.events("account_credited"):
        elsewhere = event.data["bank_id"] != facts.bank["bank_id"]
        ours[accounts[event.data["case_id"]]] += 0 if elsewhere else event.data["amount_fen"]
    for event in facts.events("payout_confirmed"):
        ours[accounts[event.data["case_id"]]] -= event.data["amount_fen"]
    theirs = {one["account_number"]: one["balance_fen"] for one in facts.bank["accounts"]}
    faults = [
        f"account {number}: {ours.get(number, 0)} fen in our ledger, {theirs.get(number, 0)} at the bank"
        for number in sorted({*ours, *theirs})
        if ours.get(number, 0) != theirs.get(number, 0)
    ]
    lines = {e.data["reference"]: e.data["amount_fen"] for e in facts.events("incoming_payment_recorded")}
    booked = {one["reference"]: one["amount_fen"] for one in facts.bank["incoming"]} | facts.other_lines
    if lines != booked:
        odd = sorted({*lines.items()} ^ {*booked.items()})
        faults.append(f"our list of lines and the banks' differ in {odd[:5]}")
    out = _sum(one["amount_fen"] for one in facts.bank["transfers"] if one["state"] == "DONE")
    stands = _sum(booked.values()) - out
    shown = facts.trial_balance
    if (shown.get("bank_fen"), shown.get("difference_fen")) != (stands, 0):
        faults.append(f"the trial balance says {shown}, the banks hold {stands}")
    return faults


def _sum(amounts: Iterable[int]) -> int:
    return sum(amounts)
