"""Goes the way of a program, then that of the provider's process; prints each stretch's seconds.

stretches.py ENDPOINT_URL DATASET_GROUP_ARN
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from pulumi_personalize.service.aws import Personalize

Result = TypeVar("Result")

URL, GROUP = sys.argv[1:]
seconds: dict[str, float] = {}


def stretch(name: str, work: Callable[[], Result]) -> Result:
    """Measures a stretch."""
    begin = time.perf_counter()
    result = work()
    seconds[name] = time.perf_counter() - begin
    return result


def imported(*modules: str) -> None:
    """Imports modules."""
    for module in modules:
        import_module(module)


def configured() -> Personalize:
    """Imports what the provider's process needs, and takes a configuration."""
    from pulumi_personalize.session import new_session

    return new_session({"personalize:endpointUrl": URL}).personalize


def called(times: int) -> None:
    """Lists the event trackers of a group that has none, in one call each."""
    for _ in range(times):
        personalize.trackers(GROUP, personalize.wait(lambda _: None))


stretch("Pulumi: imports", lambda: imported("pulumi.dynamic"))
stretch("ours: imports of a program", lambda: imported("pulumi_personalize.event_tracker"))
personalize = stretch("ours: what the provider's process imports besides", configured)
stretch("tenacity: import, before the first call", lambda: imported("tenacity"))
stretch("boto3: import, before the first call", lambda: imported("boto3", "botocore.config"))
stretch("boto3: client, before the first call", lambda: personalize.endpoint(GROUP))
stretch("the first call", lambda: called(1))
stretch("100 further calls, the endpoint's part included", lambda: called(100))
print(json.dumps(seconds))
