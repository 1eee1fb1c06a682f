"""Valuation, lots, bids, hammer, default, second round: the room stands, its behaviour comes with a later issue."""
