"""Every rule that the code or a test cites is in the register, with its article."""

from devstack.documents import rules


def test_every_cited_rule_stands_in_the_register_with_article_and_sentence() -> None:
    known = rules.register()
    lacking = sorted(number for number in rules.cited() if not {"article", "says"} <= known.get(number, {}).keys())
    assert lacking == []
