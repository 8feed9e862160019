"""Amazon Personalize Events: PutEvents."""

from .models import personalizeevents_backends

__all__ = ["personalizeevents_backends"]
