"""The fact that a service signed a root over all its stream heads; the same in every service, published by none."""

from __future__ import annotations

from libs.schemas.envelope import Event


class RootSigned(Event, name="root_signed"):
    """A root was signed: `jws` is the compact JWS, the other fields are what it says (libs.evidence.roots)."""

    hour: str
    number: int
    count: int
    tree_root: str
    previous_sha256: str
    jws: str
