"""Reads that trail, over the native provider: the tests are those of the other."""

from provider.test_lag import *  # noqa: F403
