"""What can go wrong before anything runs, said so that a person can act on it."""


class StackUnavailable(RuntimeError):
    """The broker, the database or a service cannot be had here; the message is one sentence for a person."""


class NotOurs(StackUnavailable):
    """A fault was asked of a broker or database that this process did not start and must not touch."""
