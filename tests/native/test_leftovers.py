"""What a failed create, rename or move leaves, over the native provider: the same tests."""

from provider.test_leftovers import *  # noqa: F403
