"""The main job, played for people: a stack, six services, simulated agencies, a story, and a proof of what happened."""

from devstack.demo.run import play

__all__ = ["play"]
