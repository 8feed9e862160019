"""Exceptions raised by the personalizeevents service."""

from ..personalize.exceptions import InvalidInputException

__all__ = ["InvalidInputException"]
