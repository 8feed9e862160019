"""Time, as something that is passed in, so that no test has to sleep."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple


class Clock(NamedTuple):
    """Seconds from some fixed moment, and a way to let them pass.

    Attributes:
        now: Monotonic time in seconds.
        sleep: Lets the given number of seconds pass.
    """

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
