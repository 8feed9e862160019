"""What breaks at the service, over the native provider: the tests are those of the other."""

from provider.test_faults import *  # noqa: F403
