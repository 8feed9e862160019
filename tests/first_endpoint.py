"""Imported by the process that local endpoints are copies of: a first one, which has read all that
moto reads once, and is over."""

from endpoints import quick_group
from pulumi_personalize.local import LocalEndpoint

with LocalEndpoint() as _endpoint:
    quick_group(_endpoint.url, "first")
