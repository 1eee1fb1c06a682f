"""The case-fund ledger: one case one account, double-entry postings, three-person payouts."""
