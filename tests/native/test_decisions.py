"""The decisions of `tests/provider/test_decisions.py`, over the native provider."""

from provider.test_decisions import *  # noqa: F403 - all of its tests
