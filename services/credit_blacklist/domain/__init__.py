"""The law of listing, restriction and their feed: pure deciders."""
