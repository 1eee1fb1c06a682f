"""The outside world in one process: agencies, the custodian bank, an SMS gateway and a work-group robot.

`python -m libs.testing.simulators --config FILE` starts the parts that the configuration names. A part stands in a
module of this package with a function `parts(config, world) -> list[Part]`, which gets the whole configuration and
returns what of it is to run. The partners use the services' public API only, with tokens of their own, and keep books
of their own.
"""

from libs.testing.simulators.world import Part, World

__all__ = ["Part", "World"]
