"""States of earlier versions, over the native provider: the tests are those of the other."""

from provider.test_earlier_states import *  # noqa: F403
