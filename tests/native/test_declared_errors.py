"""Every error that the service declares, over the native provider: the tests are the other's."""

from provider.test_declared_errors import *  # noqa: F403
