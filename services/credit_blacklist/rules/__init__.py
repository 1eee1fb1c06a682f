"""Grounds, terms, kinds and measures as dated data, each with its article and R-number."""
