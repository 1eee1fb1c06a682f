"""Seeds and sizes of the fault suite: `make test` takes one short seed, `make faults` the whole campaign."""

import os
import secrets

import pytest


@pytest.fixture
def seed() -> int:
    """The seed of this test's schedule; a failing run prints it, `make faults SEED=…` repeats it."""
    number = int(os.environ.get("SEED", "0")) or secrets.randbelow(10**6) + 1
    print(f"seed {number}: repeat with make faults SEED={number}")  # noqa: T201 -- a failing run must be repeatable
    return number


@pytest.fixture(scope="session")
def campaign() -> bool:
    """Whether the whole campaign runs, not only one short seed of it."""
    return os.environ.get("CAMPAIGN", "") == "1"
