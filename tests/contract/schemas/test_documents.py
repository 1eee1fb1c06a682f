"""Nothing that is committed and read by others is broken by the code as it stands: events and APIs."""

from devstack import generated
from devstack.documents import apis
from libs.schemas.compatibility import incompatibilities
from libs.schemas.export import FOLDER, committed_schemas, public_events, schema_of


def test_no_event_of_a_committed_version_means_something_else_now() -> None:
    present = {name: schema_of(event) for name, event in public_events().items()}
    assert incompatibilities(committed_schemas(FOLDER), present) == []


def test_no_api_breaks_its_word_to_those_who_call_by_its_committed_document() -> None:
    assert apis.breaches(generated.DOCS) == []
