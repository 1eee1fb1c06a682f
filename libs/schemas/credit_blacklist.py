"""Facts of `credit_blacklist`. The service has its room and topic; its facts come with its behaviour."""
