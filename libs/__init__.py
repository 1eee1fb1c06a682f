"""Shared libraries of Zhixing. Layers, top to bottom: testing > web | bus > journal > evidence > telemetry > schemas > foundation."""
