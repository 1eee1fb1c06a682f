"""`asset_inquiry`: questions to agencies (网络查控); freezes, seals, deductions. See README.md for the room."""
