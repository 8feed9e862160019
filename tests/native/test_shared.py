"""What holds for both front ends, over the native provider: the tests are those of the other.

Left out is what only the dynamic one can answer, and what differs: see `test_unfinished`.
"""

from provider.test_create import *  # noqa: F403
from provider.test_ownership import *  # noqa: F403
from provider.test_read_and_delete import *  # noqa: F403
from provider.test_update import *  # noqa: F403
