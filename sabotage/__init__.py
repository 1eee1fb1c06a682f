"""Sabotage: patches of one line that each break a promise, and the tests that must notice it (`patches.toml`)."""
