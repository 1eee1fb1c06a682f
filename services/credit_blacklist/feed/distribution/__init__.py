"""What leaves the feed besides its pages: doorbell, Kafka mirror, key sets, policies, and who holds what since when."""
