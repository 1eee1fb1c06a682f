"""Benchmarks: every letter compares the product with a rival in one run and says whether its goal holds."""
