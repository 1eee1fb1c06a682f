"""Listing, restriction, removal and the joint-punishment feed: the room stands, its behaviour comes later."""
