"""A whole bundle verifies; each way of changing one is found and named."""

import io
from typing import Any

import pytest
from rich.console import Console

from libs.evidence import Signer
from libs.evidence.bundle.findings import KINDS
from libs.evidence.bundle.reporting import as_json, print_report
from libs.evidence.bundle.verifying import verify_bundle
from libs.evidence.chain import commit_hash, entry_hash, merkle_root
from libs.evidence.keys import new_key
from tests.unit.evidence.made_bundle import (
    CASE,
    OTHER_CASE,
    Commit,
    House,
    Lines,
    bundle_of,
    commit_after,
    copied,
    entry,
    intake,
    kinds,
    part_line,
    payments,
    sealed,
    verified,
)

OWN = f"case/{CASE}"


@pytest.fixture(scope="module")
def whole() -> Lines:
    return bundle_of(intake(), payments())


@pytest.fixture
def lines(whole: Lines) -> Lines:
    return copied(whole)


def rehashed(commit: Commit) -> Commit:
    """The commit as a forger leaves it: everything in it fits again."""
    commit["entries_root"] = merkle_root([entry_hash(each) for each in commit["entries"]]).hex()
    return commit | {"hash": commit_hash(commit)}


def rewritten(house: House, stream: str, version: int) -> None:
    """Alter a commit in the service's database and make the whole chain behind it fit again."""
    old, new = house.streams[stream], list[Commit]()
    for commit in old:
        entries = commit["entries"]
        if commit["version"] == version:
            changed = {"case_id": CASE, "n": 999}
            entries = [each | {"events": [each["events"][0] | {"data": changed}]} for each in entries]
        new.append(commit_after(new[-1] if new else None, stream, commit["at"], entries))
    house.streams[stream] = new


# --- whole -----------------------------------------------------------------------------------------------------------


def test_a_whole_bundle_has_no_finding_and_says_what_was_looked_at(lines: Lines) -> None:
    report = verified(lines, expected={"intake", "payments"})
    assert report.findings == []
    assert report.whole
    intake_summary = report.services["intake"]
    assert (intake_summary.streams, intake_summary.shared_streams, intake_summary.commits) == (2, 1, 11)
    assert (intake_summary.signatures, intake_summary.roots, intake_summary.open_commits) == (4, 3, 0)
    assert report.services["payments"].commits == 3


def test_entries_of_other_cases_are_not_in_it(lines: Lines) -> None:
    assert OTHER_CASE not in str(lines)
    assert f"'case_id': '{CASE}'" in str(lines)


def test_pinned_keys_that_are_those_of_the_bundle_verify_it() -> None:
    first, second = intake(), payments()
    pinned = {"intake": first.signer.jwks(), "payments": second.signer.jwks()}
    report = verified(bundle_of(first, second), pinned=pinned)
    assert report.whole
    assert report.pinned


def test_commits_that_are_too_young_for_a_root_are_counted_and_no_finding() -> None:
    house = payments()
    stream = f"account/{CASE}"
    young = commit_after(house.streams[stream][-1], stream, "2024-06-30T12:10:00.000000Z", [entry("y", 4, {"fen": 9})])
    house.streams[stream].append(young)
    report = verified(bundle_of(house))
    assert report.whole
    assert report.services["payments"].open_commits == 1
    text = io.StringIO()
    print_report(report, Console(file=text, width=160, no_color=True))
    assert "1 commits are too young to stand under a root" in text.getvalue()


# --- changed in the file, without the service's key -------------------------------------------------------------------


def test_a_removed_commit_is_named(lines: Lines) -> None:
    del lines[part_line(lines, "intake", OWN, 2)]
    found = kinds(verified(lines))
    assert ("removed", f"{OWN}@2") in found
    assert ("removed", "the part") in found


def test_a_removed_last_commit_is_a_truncation(lines: Lines) -> None:
    del lines[part_line(lines, "intake", OWN, 4)]
    assert ("truncated", f"{OWN}@4") in kinds(verified(lines))


def test_a_removed_stream_is_named(lines: Lines) -> None:
    left = [line for line in lines if "document/d1" not in str(line.get("line", {}).get("commit", ""))]
    assert ("removed", "document/d1") in kinds(verified(left))


def test_reordered_commits_are_named(lines: Lines) -> None:
    one, two = part_line(lines, "intake", OWN, 2), part_line(lines, "intake", OWN, 3)
    lines[one], lines[two] = lines[two], lines[one]
    found = kinds(verified(lines))
    assert ("reordered", f"{OWN}@2") in found
    assert ("altered", "the part") in found


def test_a_repeated_commit_is_named(lines: Lines) -> None:
    place = part_line(lines, "intake", OWN, 2)
    lines.insert(place, lines[place])
    assert ("repeated", f"{OWN}@2") in kinds(verified(lines))


def test_an_altered_entry_is_named(lines: Lines) -> None:
    commit = lines[part_line(lines, "intake", OWN, 2)]["line"]["commit"]
    commit["entries"][0]["events"][0]["data"]["n"] = 99
    assert ("altered", f"{OWN}@2") in kinds(verified(lines))


def test_an_entry_that_was_taken_out_of_a_commit_is_named(lines: Lines) -> None:
    lines[part_line(lines, "intake", "document/d1", 2)]["line"]["commit"]["entries"].pop()
    assert ("truncated", "document/d1@2") in kinds(verified(lines))


def test_an_altered_author_is_named(lines: Lines) -> None:
    commit = lines[part_line(lines, "intake", OWN, 3)]["line"]["commit"]
    commit["entries"][0]["actor"]["subject"] = "somebody else"
    assert ("altered", f"{OWN}@3") in kinds(verified(lines))


def test_an_altered_commit_whose_hashes_fit_again_breaks_the_chain(lines: Lines) -> None:
    place = part_line(lines, "intake", OWN, 2)
    commit = lines[place]["line"]["commit"]
    commit["entries"][0]["events"][0]["data"]["n"] = 99
    lines[place]["line"]["commit"] = rehashed(commit)
    found = kinds(verified(lines))
    assert ("altered", f"{OWN}@2") in found
    assert ("altered", "the part") in found


def test_an_altered_entry_of_a_shared_stream_is_named(lines: Lines) -> None:
    shown = lines[part_line(lines, "intake", "numbering/执", 2)]["line"]["shown"]
    shown[0]["entry"]["events"][0]["data"]["serial"] = 7
    assert ("altered", "numbering/执@2") in kinds(verified(lines))


def test_an_entry_of_a_shared_stream_that_is_shown_elsewhere_is_named(lines: Lines) -> None:
    lines[part_line(lines, "intake", "numbering/执", 3)]["line"]["shown"][0]["index"] = 0
    assert ("altered", "numbering/执@3") in kinds(verified(lines))


def test_a_commit_of_a_shared_stream_that_names_the_case_and_is_gone_is_named(lines: Lines) -> None:
    del lines[part_line(lines, "intake", "numbering/执", 3)]
    assert ("removed", "numbering/执@3") in kinds(verified(lines))


def test_lines_of_another_stream_that_were_added_are_named(lines: Lines) -> None:
    commit = commit_after(None, "case/planted", "2024-06-30T08:00:00.000000Z", [entry("p", 1, {"case_id": CASE})])
    place = part_line(lines, "intake", OWN, 1)
    lines.insert(place, {"kind": "line", "service": "intake", "line": {"kind": "commit", "commit": commit}})
    found = kinds(verified(lines))
    assert ("foreign", "case/planted") in found
    assert ("unproved", "case/planted@1") in found


def test_a_part_without_its_signed_end_is_truncated(lines: Lines) -> None:
    left = [line for line in lines if line["kind"] != "line" or line["line"]["kind"] != "end"]
    found = kinds(verified(left))
    assert ("truncated", "the part") in found
    assert ("missing_service", "intake") in found


def test_the_end_of_another_part_is_foreign() -> None:
    first, second = intake(), payments()
    second.signer = first.signer
    swapped = bundle_of(first, second)
    ends = [place for place, line in enumerate(swapped) if line["kind"] == "line" and line["line"]["kind"] == "end"]
    one, two = (swapped[place]["line"] for place in ends)
    swapped[ends[0]]["line"], swapped[ends[1]]["line"] = two, one
    assert ("foreign", "the part") in kinds(verified(swapped))


def test_a_missing_service_is_named_though_the_opening_keeps_silent_about_it(lines: Lines) -> None:
    left = [line for line in lines if line.get("service") != "payments"]
    left[0]["services"] = ["intake"]
    assert ("missing_service", "payments") in kinds(verified(left))


def test_a_service_that_the_reader_expects_is_named(lines: Lines) -> None:
    assert ("missing_service", "auction") in kinds(verified(lines, expected={"auction"}))


def test_the_part_of_another_case_is_foreign(lines: Lines) -> None:
    lines[0]["case_id"] = OTHER_CASE
    assert ("foreign", "the part") in kinds(verified(lines))


def test_a_part_of_another_bundle_is_foreign(lines: Lines) -> None:
    lines[0]["id"] = "bundle_2"
    assert ("foreign", "the part") in kinds(verified(lines))


# --- roots ------------------------------------------------------------------------------------------------------------


def test_a_removed_root_is_named(lines: Lines) -> None:
    roots = [place for place, line in enumerate(lines) if line["kind"] == "root" and line["service"] == "intake"]
    del lines[roots[1]]
    found = kinds(verified(lines))
    assert ("root_removed", "root 3 of 2024-06-30T11") in found
    assert ("root_removed", "2024-06-30T09") in found


def test_a_bundle_without_the_newest_root_is_stale(lines: Lines) -> None:
    newest = [place for place, line in enumerate(lines) if line["kind"] == "root" and line["service"] == "intake"][-1]
    del lines[newest]
    assert ("stale_root", "root 3 of 2024-06-30T11") in kinds(verified(lines))


def test_a_service_that_signs_no_roots_any_more_is_stale() -> None:
    house = intake()
    late = bundle_of(house, exported_at="2024-07-10T08:00:00.000000Z")
    assert verified(late).whole
    stream = house.streams[OWN]
    stream.append(commit_after(stream[-1], OWN, "2024-06-30T12:00:00.000000Z", [entry("late", 5, {"case_id": CASE})]))
    report = verified(bundle_of(house, exported_at="2024-07-10T08:00:00.000000Z"))
    assert kinds(report) == {("stale_root", "newest root: 2024-06-30T11")}
    assert verified(bundle_of(house, exported_at="2024-07-10T08:00:00.000000Z"), young_hours=24 * 30).whole


def test_a_root_that_was_signed_anew_does_not_fit_into_the_line() -> None:
    house, other = intake(), intake()
    other.signer, other.roots, other.heads = house.signer, [], {}
    for hour in ("2024-06-30T08", "2024-06-30T10"):
        other.sign_root(hour)
    lines = bundle_of(house)
    place = [place for place, line in enumerate(lines) if line["kind"] == "root"][1]
    lines[place]["jws"] = other.roots[1]
    found = kinds(verified(lines))
    assert ("root_removed", "root 2 of 2024-06-30T10") in found
    assert ("root_removed", "root 3 of 2024-06-30T11") in found


def test_roots_in_another_order_are_named(lines: Lines) -> None:
    roots = [place for place, line in enumerate(lines) if line["kind"] == "root" and line["service"] == "intake"]
    lines[roots[0]], lines[roots[1]] = lines[roots[1]], lines[roots[0]]
    assert any(finding.kind == "root_removed" for finding in verified(lines).findings)


def test_removed_proofs_leave_the_stream_unproved(lines: Lines) -> None:
    left = [line for line in lines if line["kind"] != "proofs" or line["hour"] != "2024-06-30T09"]
    assert ("unproved", f"{OWN}@3") in kinds(verified(left))


def test_a_proof_of_another_head_contradicts_the_root(lines: Lines) -> None:
    proof = next(line for line in lines if line["kind"] == "proofs" and line["service"] == "intake")["proofs"][0]
    proof["hash"] = "0" * 64
    found = kinds(verified(lines))
    assert ("root_contradicted", f"{OWN} at 2024-06-30T08") in found
    assert ("unproved", f"{OWN}@2") in found


def test_the_root_of_another_service_is_foreign(lines: Lines) -> None:
    house, other = intake(), payments()
    other.signer = house.signer
    other.roots, other.heads = [], {}
    other.name = "somebody"
    other.sign_root("2024-06-30T11")
    lines = bundle_of(house)
    place = next(place for place, line in enumerate(lines) if line["kind"] == "root")
    lines[place]["jws"] = other.roots[0]
    assert ("foreign", "root 1 of the bundle") in kinds(verified(lines))


# --- changed in the database, and told by an honest service -----------------------------------------------------------


def test_history_that_was_written_anew_contradicts_the_old_roots() -> None:
    house = intake()
    rewritten(house, OWN, 2)
    found = kinds(verified(bundle_of(house)))
    assert ("altered", f"{OWN}@2") in found
    assert ("altered", f"{OWN}@4") in found


def test_an_end_that_was_cut_off_in_the_database_is_a_truncation() -> None:
    house = intake()
    del house.streams[OWN][-1]
    assert ("truncated", f"{OWN}@3") in kinds(verified(bundle_of(house)))


def test_a_commit_that_was_put_into_the_past_is_backdated() -> None:
    house = payments()
    stream = f"account/{CASE}"
    planted = commit_after(
        house.streams[stream][-1], stream, "2024-06-30T11:59:00.000000Z", [entry("p", 4, {"case_id": CASE})]
    )
    house.streams[stream].append(planted)
    assert kinds(verified(bundle_of(house))) == {("backdated", f"{stream}@4")}


def test_a_shared_stream_that_was_written_anew_contradicts_the_old_roots() -> None:
    house = intake()
    rewritten(house, "numbering/执", 1)
    found = kinds(verified(bundle_of(house)))
    assert any(kind == "altered" and place.startswith("numbering/执") for kind, place in found)


# --- keys and signatures ----------------------------------------------------------------------------------------------


def test_keys_of_somebody_else_are_wrong(lines: Lines) -> None:
    jwks = next(line for line in lines if line["kind"] == "jwks" and line["service"] == "intake")
    jwks["jwks"] = Signer(new_key()).jwks()
    assert ("wrong_key", "the part's signed end") in kinds(verified(lines))


def test_a_bundle_that_was_signed_anew_is_told_by_pinned_keys() -> None:
    true_keys = {"intake": Signer(new_key()).jwks()}
    report = verified(bundle_of(intake()), pinned=true_keys)
    assert {finding.kind for finding in report.findings} >= {"wrong_key"}
    assert not report.whole


def test_a_key_of_the_same_name_makes_no_valid_signature() -> None:
    house = intake()
    forger = Signer(new_key(), kid=house.signer.kid)
    report = verified(bundle_of(house), pinned={"intake": forger.jwks()})
    assert ("signature_invalid", "the part's signed end") in kinds(report)


def test_a_root_in_the_place_of_the_signed_end_is_a_swapped_signature(lines: Lines) -> None:
    root = next(line for line in lines if line["kind"] == "root")["jws"]
    end = next(line for line in lines if line["kind"] == "line" and line["line"]["kind"] == "end")
    end["line"]["jws"] = root
    assert ("signature_swapped", "the part's signed end") in kinds(verified(lines))


def test_a_receipt_that_was_signed_for_another_case_is_named() -> None:
    house = intake()
    house.streams, house.roots, house.heads = {}, [], {}
    stolen = house.signer.sign_now({"case_id": OTHER_CASE}, "receipt+jws")
    house.streams[OWN] = [
        commit_after(None, OWN, "2024-06-30T08:00:00.000000Z", [entry("c", 1, {"case_id": CASE, "receipt": stolen})])
    ]
    house.sign_root("2024-06-30T08")
    found = kinds(verified(bundle_of(house)))
    assert found == {("signature_swapped", f"{OWN}@1 zhixing.t.noted.v1")}


def test_a_paper_in_an_event_whose_signature_is_broken_is_named() -> None:
    house = House("intake")
    token = house.signer.sign_now({"case_id": CASE}, "receipt+jws")
    header, payload, signature = token.split(".")
    broken = f"{header}.{payload}.{'A' * len(signature)}"
    data = {"case_id": CASE, "papers": [{"seal": broken}]}
    house.streams[OWN] = [commit_after(None, OWN, "2024-06-30T08:00:00.000000Z", [entry("c", 1, data)])]
    house.sign_root("2024-06-30T08")
    assert kinds(verified(bundle_of(house))) == {("signature_invalid", f"{OWN}@1 zhixing.t.noted.v1")}


def test_papers_of_agencies_are_counted_and_no_finding() -> None:
    house = House("intake")
    reply = Signer(new_key()).sign_now({"request_id": "r"}, "reply+jws")
    house.streams[OWN] = [
        commit_after(None, OWN, "2024-06-30T08:00:00.000000Z", [entry("c", 1, {"case_id": CASE, "reply": reply})])
    ]
    house.sign_root("2024-06-30T08")
    report = verified(bundle_of(house))
    assert report.whole
    assert report.services["intake"].foreign_signatures == 1


def with_replies(*replies: tuple[str, Signer]) -> Lines:
    """A house that registered the keys of two agencies and took replies."""
    house = House("asset_inquiry")
    registered = [
        {"agency_id": f"bank-{name}", "kid": BANKS[name].kid, "jwk": BANKS[name].jwks()["keys"][0]}
        for name in ("a", "b")
    ]
    taken = [
        {"case_id": CASE, "agency_id": agency, "jws": signer.sign_now({"agency_id": agency}, "reply+jws")}
        for agency, signer in replies
    ]
    entries = [entry("k", place, data) for place, data in enumerate((*registered, *taken), 1)]
    house.streams[OWN] = [commit_after(None, OWN, "2024-06-30T08:00:00.000000Z", entries)]
    house.sign_root("2024-06-30T08")
    return bundle_of(house)


BANKS = {name: Signer(new_key()) for name in ("a", "b")}


def test_a_reply_verifies_with_the_key_that_the_bundle_says_is_its_agencys() -> None:
    report = verified(with_replies(("bank-a", BANKS["a"]), ("bank-b", BANKS["b"])))
    assert report.whole
    assert report.services["asset_inquiry"].signatures == 2


def test_a_reply_that_another_agency_signed_has_the_wrong_key() -> None:
    report = verified(with_replies(("bank-a", BANKS["b"])))
    assert kinds(report) == {("wrong_key", f"{OWN}@1 zhixing.t.noted.v1")}


# --- the file ---------------------------------------------------------------------------------------------------------


def test_a_bundle_without_its_seal_is_truncated(lines: Lines) -> None:
    report = verify_bundle(sealed(lines)[:-1])
    assert kinds(report) == {("truncated", "the bundle")}


def test_a_line_that_was_written_otherwise_is_unreadable(lines: Lines) -> None:
    raw = sealed(lines)
    raw[3] = raw[3].replace(b":", b": ", 1)
    assert {kind for kind, _ in kinds(verify_bundle(raw))} == {"unreadable", "seal_broken"}


@pytest.mark.parametrize(
    "junk",
    [
        b"",
        b"\n",
        b"{}\n",
        b"[]\n",
        b"7\n",
        b"\xff\xfe\n",
        b'{"kind":"line"}\n',
        b'{"kind":"line","line":{},"service":"intake"}\n',
    ],
)
def test_junk_is_a_finding_and_never_an_accident(lines: Lines, junk: bytes) -> None:
    raw = sealed(lines)
    assert not verify_bundle([*raw[:5], junk, *raw[5:]]).whole
    assert not verify_bundle([junk]).whole
    assert not verify_bundle([]).whole


@pytest.mark.parametrize("name", ["hash", "at", "version", "entries", "prev_hash", "count", "seq", "_id"])
@pytest.mark.parametrize("value", [None, [], {}, "x", -1])
def test_fields_of_the_wrong_kind_are_findings_and_never_accidents(lines: Lines, name: str, value: Any) -> None:
    lines[part_line(lines, "intake", OWN, 2)]["line"]["commit"][name] = value
    assert not verified(lines).whole


# --- the report -------------------------------------------------------------------------------------------------------


def test_every_finding_has_a_meaning_and_the_report_names_it(lines: Lines) -> None:
    del lines[part_line(lines, "intake", OWN, 2)]
    report = verified(lines)
    text = io.StringIO()
    print_report(report, Console(file=text, width=160, no_color=True))
    assert {finding.kind for finding in report.findings} <= KINDS.keys()
    assert f"✘ removed intake: {OWN}@2: there is no such commit" in text.getvalue()
    assert "out of the bundle itself" in text.getvalue()
    assert as_json(report)["whole"] is False


def test_a_clean_report_says_so(lines: Lines) -> None:
    text = io.StringIO()
    print_report(verified(lines), Console(file=text, width=160, no_color=True))
    assert "✔ nothing is missing and nothing was changed" in text.getvalue()
