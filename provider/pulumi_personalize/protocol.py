"""Pulumi's gRPC messages, loaded without the rest of its SDK.

``from .protocol import provider_pb2`` loads `pulumi.runtime.proto.provider_pb2`, with the very same
message classes, but does not import `pulumi` itself: its ``__init__`` loads the Automation API,
OpenTelemetry and YAML, which take longer than all that the native plugin needs for its start.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pulumi.runtime.proto import engine_pb2 as engine_pb2
    from pulumi.runtime.proto import engine_pb2_grpc as engine_pb2_grpc
    from pulumi.runtime.proto import plugin_pb2 as plugin_pb2
    from pulumi.runtime.proto import provider_pb2 as provider_pb2
    from pulumi.runtime.proto import provider_pb2_grpc as provider_pb2_grpc
    from pulumi.runtime.proto import status_pb2 as status_pb2


def _search_path() -> list[str]:
    """Returns the folder of Pulumi's generated modules, which import each other relatively."""
    found = find_spec("pulumi")
    for folder in (found and found.submodule_search_locations) or ():
        path = Path(folder, "runtime", "proto")
        if path.joinpath("provider_pb2.py").is_file():
            return [str(path)]
    # Moved by a later SDK, or not in a folder: the usual import finds it.
    from pulumi.runtime import proto

    return list(proto.__path__)


# Makes a package of this module, whose modules are Pulumi's.
__path__ = _search_path()
