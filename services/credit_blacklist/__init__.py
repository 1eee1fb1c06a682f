"""Listing, restriction, removal, and the joint-punishment feed."""
