"""The meta of a command, and of what follows from the same cause."""

from dataclasses import replace

from libs.journal import Actor, CommandMeta

META = CommandMeta("c-1", "body", Actor("u-1", "云0381", "fund_officer"), "云0381", expected_seq=4, key="case_1")


def test_a_further_step_has_an_id_of_its_own_that_a_repeat_finds_again() -> None:
    ids = {META.step("paper").command_id, META.step("draft").command_id, META.step("party", "p1").command_id, "c-1"}
    assert len(ids) == 4
    assert META.step("paper") == META.step("paper")
    assert META.step("paper").command_id != replace(META, command_id="c-2").step("paper").command_id


def test_a_further_step_keeps_who_and_where_but_neither_version_nor_key() -> None:
    further = META.step("paper")
    assert (further.actor, further.court, further.fingerprint) == (META.actor, META.court, META.fingerprint)
    assert (further.expected_seq, further.key) == (None, None)
    assert META.step("paper", key="case_1").key == "case_1"
