"""Refused creates, over the native provider: the tests are those of the other."""

from provider.test_refusals import *  # noqa: F403
