"""Every error class of the libraries is worth reading for whom it meets."""

from collections import defaultdict

import pytest

from devstack.documents.errors import import_everything
from libs.foundation.errors import ZhixingError, every_error
from libs.web.problem_pages import as_page, cause_of, described


@pytest.fixture(scope="module", autouse=True)
def _all_imported() -> None:
    import_everything()


def test_every_error_says_its_cause_and_its_remedy() -> None:
    ours = [cls for cls in every_error() if cls.__module__.startswith(("libs.", "services."))]
    for cls in ours:
        facts = described(cls)
        assert facts["title"], cls
        assert facts["remedy"], cls
        assert cls is ZhixingError or (cls.__doc__ or "").strip(), cls
        assert cause_of(cls) == facts["cause"]
        assert cls.code.encode() in as_page(cls).body


def test_a_code_means_one_thing_in_each_service() -> None:
    owners: dict[tuple[str, str], set[str]] = defaultdict(set)
    pending: list[type[ZhixingError]] = [ZhixingError]
    while pending:
        cls = pending.pop()
        pending.extend(cls.__subclasses__())
        if "code" in vars(cls) and cls.__module__.startswith(("libs.", "services.")):
            room = ".".join(cls.__module__.split(".")[:2])
            owners[room, cls.code].add(cls.__qualname__)
    assert {place: names for place, names in owners.items() if len(names) > 1} == {}
