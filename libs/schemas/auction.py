"""Facts of `auction`. The service has its room and topic; its facts come with its behaviour."""
