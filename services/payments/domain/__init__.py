"""The law of the money. Pure: no clock, no I/O; `decide_*` turns a command into facts, `evolve_*` a fact into state."""
