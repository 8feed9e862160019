"""Amazon Personalize: schemas, dataset groups, datasets, event trackers and tags."""

from .models import personalize_backends

__all__ = ["personalize_backends"]
