"""The bureau's watch: every deadline, alert and message of a case, and the page that people look at."""
