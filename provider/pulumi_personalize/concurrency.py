"""More than four operations at a time.

Pulumi's dynamic provider serves four requests at once (``pulumi/dynamic/__main__.py``), and a
create waits for minutes. This raises the private ``_max_workers`` of its thread pool, and does
nothing if the SDK's layout differs.
"""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor

#: Requests at a time; a waiting one costs a thread that sleeps.
LIMIT = 128


def raise_limit() -> None:
    """Lets the pool that runs the caller serve `LIMIT` requests."""
    pool = _current_pool()
    if pool is not None and isinstance(getattr(pool, "_max_workers", None), int):
        pool._max_workers = max(pool._max_workers, LIMIT)  # noqa: SLF001 - see above


def _current_pool() -> ThreadPoolExecutor | None:
    """The thread pool that runs the current thread, by a weak reference in its frames."""
    frame = sys._getframe()  # noqa: SLF001 - documented, for exactly such use
    while frame.f_back is not None:
        frame = frame.f_back
        reference = frame.f_locals.get("executor_reference")
        pool = reference() if callable(reference) else None
        if isinstance(pool, ThreadPoolExecutor):
            return pool
    return None
