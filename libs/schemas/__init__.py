"""The shared schema library: what services say to each other, and nothing of how they do their work."""
