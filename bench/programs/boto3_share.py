"""Imports boto3 as the provider does, makes its client and one call; prints what that adds, in kiB.

boto3_share.py ENDPOINT_URL DATASET_GROUP_ARN
"""

import re
import sys
from pathlib import Path

import pulumi.dynamic
import tenacity
from pulumi_personalize.service.aws import Personalize
from pulumi_personalize.settings import Settings


def peak() -> int:
    """The most memory that this process had resident so far, in kiB."""
    found = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())
    assert found
    return int(found[1])


IMPORTED = pulumi.dynamic, tenacity
before = peak()
personalize = Personalize(Settings(endpoint_url=sys.argv[1]))
personalize.trackers(sys.argv[2], personalize.wait(lambda _: None))
print(peak() - before)
