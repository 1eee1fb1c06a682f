"""Where a key goes: the same partition whoever counts, because the order of the key hangs on it."""

import pytest

from libs.bus.publisher import partition_of

# Kafka's own examples of its hash (UtilsTest.testMurmur2).
HASHES = {"21": -973932308, "foobar": -790332482, "a-little-bit-long-string": -985981536, "abc": 479470107}


@pytest.mark.parametrize("key", HASHES)
@pytest.mark.parametrize("partitions", [1, 6, 50])
def test_a_key_goes_where_kafkas_own_clients_send_it(key: str, partitions: int) -> None:
    assert partition_of(key.encode(), partitions) == (HASHES[key] & 0x7FFFFFFF) % partitions
