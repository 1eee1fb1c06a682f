"""The joint-punishment feed: entries made and signed, kept in a local register, offered in four ways."""
