"""What tests and demos need and no service may import: builders, simulators, contract suites, fault drivers."""
