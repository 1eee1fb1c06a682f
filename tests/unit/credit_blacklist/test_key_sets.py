"""Key sets are served as far as they can be walked to; policies are signed, and hashed over what they say."""

import hashlib
from pathlib import Path
from typing import Any

import pytest

from libs.evidence import Signer, Verifier
from libs.evidence.keys import new_key
from libs.foundation.canonical import canonical_bytes
from services.credit_blacklist.feed.distribution.key_sets import TYP, KeySets, KeySetUnknown
from services.credit_blacklist.feed.distribution.policies import (
    NothingIsSigned,
    Policies,
    PolicyUnknown,
    policy_digest,
)
from services.credit_blacklist.rules.views import POLICY_VERSION, policy_of

ROOTS = [Signer(new_key(kid=f"root-{number}")) for number in range(3)]


def write(folder: Path, version: int, signer: Signer, root: Signer, *, typ: str = TYP, **changed: Any) -> str:
    payload = {"version": version, "roots": root.jwks()["keys"], "head_keys": [], "entry_keys": [], **changed}
    jws = signer.sign_now(payload, typ)
    (folder / f"{version}.jws").write_text(jws + "\n")
    return jws


@pytest.mark.asyncio
async def test_a_chain_of_three_is_served_one_by_one(tmp_path: Path) -> None:
    signed = [write(tmp_path, 1, ROOTS[0], ROOTS[0])]
    signed += [write(tmp_path, number + 1, ROOTS[number - 1], ROOTS[number]) for number in (1, 2)]
    sets = KeySets(tmp_path)
    assert [(await sets.numbered(number)).jws for number in (1, 2, 3)] == signed
    assert (await sets.latest()).version == 3


@pytest.mark.asyncio
async def test_a_set_that_is_added_is_found_without_a_restart(tmp_path: Path) -> None:
    write(tmp_path, 1, ROOTS[0], ROOTS[0])
    sets = KeySets(tmp_path)
    assert (await sets.latest()).version == 1
    write(tmp_path, 2, ROOTS[0], ROOTS[1])
    assert (await sets.latest()).version == 2


@pytest.mark.asyncio
async def test_a_set_that_no_root_of_its_predecessor_signed_is_kept_back_with_all_behind_it(tmp_path: Path) -> None:
    write(tmp_path, 1, ROOTS[0], ROOTS[0])
    write(tmp_path, 2, ROOTS[1], ROOTS[1])
    write(tmp_path, 3, ROOTS[1], ROOTS[2])
    sets = KeySets(tmp_path)
    assert (await sets.latest()).version == 1
    assert list(sets.alarms()) == ["feed key sets"]
    with pytest.raises(KeySetUnknown):
        await sets.numbered(2)


@pytest.mark.asyncio
@pytest.mark.parametrize("wrong", [{"version": 3}, {"typ": "zhixing-head+jws"}])
async def test_a_file_that_is_not_what_its_name_says_is_kept_back(tmp_path: Path, wrong: dict[str, Any]) -> None:
    payload = {"roots": ROOTS[0].jwks()["keys"], "version": 1} | {k: v for k, v in wrong.items() if k != "typ"}
    (tmp_path / "1.jws").write_text(ROOTS[0].sign_now(payload, wrong.get("typ", TYP)))
    sets = KeySets(tmp_path)
    with pytest.raises(KeySetUnknown):
        await sets.latest()
    assert list(sets.alarms()) == ["feed key sets"]


@pytest.mark.asyncio
@pytest.mark.parametrize("version", [0, 1, 2])
async def test_a_publisher_without_sets_has_none(tmp_path: Path, version: int) -> None:
    for folder in (None, tmp_path, tmp_path / "missing"):
        with pytest.raises(KeySetUnknown):
            await KeySets(folder).numbered(version)


@pytest.mark.asyncio
@pytest.mark.rule("R-CRB-32")
async def test_a_policy_is_signed_once_and_its_hash_is_over_what_it_says() -> None:
    signer = Signer(new_key(kid="head-1"))
    policies = Policies(signer)
    jws = await policies.signed("air", POLICY_VERSION)
    header, payload = Verifier(signer.jwks()).opened(jws)
    assert header["typ"] == "zhixing-policy+jws"
    assert payload == policy_of("air")
    assert all(measure["legal_basis"] for measure in payload["measures"])
    assert policy_digest("air") == (POLICY_VERSION, hashlib.sha256(canonical_bytes(payload)).hexdigest())
    assert await policies.signed("air", POLICY_VERSION) == jws


@pytest.mark.asyncio
async def test_a_policy_of_another_number_is_unknown_and_nothing_is_signed_without_a_key() -> None:
    with pytest.raises(PolicyUnknown):
        await Policies(Signer(new_key())).signed("air", POLICY_VERSION + 1)
    with pytest.raises(NothingIsSigned):
        await Policies(None).signed("air", POLICY_VERSION)
