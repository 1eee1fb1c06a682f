"""Shared libraries of Zhixing, in layers that import-linter holds.

`testing > web | bus > journal > evidence > telemetry > schemas > foundation`, top to bottom.
"""
