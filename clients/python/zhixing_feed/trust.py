"""Who may sign what: the chain of key sets, walked one by one, and the policy that a head names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from zhixing_feed import fields
from zhixing_feed.alarms import AlarmCode, FeedFault
from zhixing_feed.heads import Head, read_head
from zhixing_feed.journal import Journal
from zhixing_feed.jws import NotVerified, unverified_claims
from zhixing_feed.key_sets import KeySet, read_key_set, root_ring, trusted_key_set
from zhixing_feed.policy import Policy, read_policy, stored_policy
from zhixing_feed.wire import Refused, Wire

STEPS_MAX: Final = 1000
"""Key sets that are walked at once; more rotations than that nobody has slept through."""


class Trust:
    """The keys and the policy that hold now. What verified is kept in the copy's file."""

    def __init__(self, root_keys: Iterable[Mapping[str, Any]], wire: Wire, journal: Journal) -> None:
        """`root_keys` were given by hand; they count for key set 1 only. Raises `ValueError` if none is usable."""
        self._given = root_ring(root_keys)
        self._wire = wire
        self._journal = journal
        stored = journal.key_set()
        self._keys = trusted_key_set(stored[1], stored[0]) if stored else None
        policy = journal.policy()
        self.policy: Policy | None = stored_policy(policy) if policy else None

    @property
    def keys(self) -> KeySet:
        """The newest key set. Raises `FeedFault` before there is one."""
        if self._keys is None:
            raise FeedFault(AlarmCode.KEY_CHAIN_BROKEN, "no key set was verified yet")
        return self._keys

    async def head(self, text: str) -> Head:
        """Return a head that verified under the key set it needs; the chain is walked to it. Raises `FeedFault`."""
        try:
            wanted = fields.whole(unverified_claims(text.strip()), "key_set_version", least=1)
        except (NotVerified, fields.FieldWrong) as error:
            raise FeedFault(AlarmCode.HEAD_MALFORMED, str(error)) from error
        trusted = self._keys.version if self._keys else 0
        if wanted < trusted:
            detail = f"a head of key set {wanted}, set {trusted} holds"
            raise FeedFault(AlarmCode.KEY_SET_LOWER, detail, stated=wanted, trusted=trusted)
        if wanted > trusted + STEPS_MAX:
            raise FeedFault(AlarmCode.KEY_CHAIN_BROKEN, f"a head of key set {wanted}, set {trusted} holds")
        while self._keys is None or self._keys.version < wanted:
            await self._step()
        return read_head(text, self._keys.heads)

    async def _step(self) -> None:
        version = self._keys.version + 1 if self._keys else 1
        try:
            text = await self._wire.key_set(version)
        except Refused as error:
            raise FeedFault(AlarmCode.KEY_CHAIN_BROKEN, f"key set {version}: {error}", version=version) from error
        self._keys = read_key_set(text, version, self._keys.roots if self._keys else self._given)
        self._journal.trust(version, self._keys.text)

    async def follow_policy(self, head: Head) -> None:
        """Take the policy that a head names, if it is another one. Raises `FeedFault`; the former one holds then."""
        known = self.policy
        if known is not None and (known.version, known.sha256) == (head.policy_version, head.policy_sha256):
            return
        try:
            text = await self._wire.policy(head.policy_version)
        except Refused as error:
            raise FeedFault(AlarmCode.POLICY_WRONG, f"policy {head.policy_version}: {error}") from error
        self.policy = read_policy(text, self.keys.heads, head.view, head.policy_version, head.policy_sha256)
        self._journal.keep_policy(head.policy_version, text)
