"""The law of intake, pure: one module per kind of stream, `decide(state, command, now)` and `evolve(state, event)`."""
