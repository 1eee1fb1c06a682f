"""What a client may rely on: a code means one thing, wherever it is answered."""

from collections import defaultdict

from devstack.documents.errors import import_everything
from libs.foundation.errors import ZhixingError
from libs.web.statuses import status_of


def test_one_code_has_one_status_and_says_the_same_about_repeating() -> None:
    import_everything()
    meanings: dict[str, set[tuple[int, bool]]] = defaultdict(set)
    pending: list[type[ZhixingError]] = [ZhixingError]
    while pending:
        error = pending.pop()
        pending += error.__subclasses__()
        if error.__module__.startswith(("libs.", "services.")):
            meanings[error.code].add((status_of(error), error.retryable))
    assert {code: found for code, found in meanings.items() if len(found) > 1} == {}
