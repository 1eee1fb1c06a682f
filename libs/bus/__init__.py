"""The bus: journal to Kafka (relay) and Kafka to journal (consumer), at least once and in the order of every stream."""

from libs.bus.admin import ensure_topics
from libs.bus.consumer import Consumer
from libs.bus.message import Dispatch, Handler, Message
from libs.bus.quarantine import Quarantine
from libs.bus.relay import Relay
from libs.bus.settings import BusSettings

__all__ = ["BusSettings", "Consumer", "Dispatch", "Handler", "Message", "Quarantine", "Relay", "ensure_topics"]
