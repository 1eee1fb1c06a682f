"""The law of intake as dated data: papers, conditions, periods, triage, authority, control orders, closing."""
