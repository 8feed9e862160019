"""A client of the native provider, which runs in this process: gRPC from and to plain dicts."""

from __future__ import annotations

from typing import Any

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc, status_pb2
from pulumi_personalize.engine import Log
from pulumi_personalize.native.__main__ import serve
from pulumi_personalize.native.outputs import PROVIDER
from pulumi_personalize.native.servicer import Servicer
from pulumi_personalize.native.wire import from_struct, to_struct
from pulumi_personalize.service.inputs import NATIVE_TYPE

URN = f"urn:pulumi:dev::shop::{NATIVE_TYPE}::web"


class RecordedLog(Log):
    """Keeps the lines, which are all on a resource's row, but for those about the whole program."""

    lines: list[tuple[str, str]]

    def _send(self, severity: str, line: str, urn: str, *_: Any, **__: Any) -> None:
        whole = ("Traceback", "Pulumi does not pass")
        assert urn.startswith("urn:pulumi:dev::shop::") or line.startswith(whole), line
        self.lines.append((severity, line))


class Plugin:
    """A client, and the native provider that it calls."""

    def __init__(self, servicer: Servicer) -> None:
        self.servicer = servicer
        self._server, port = serve(servicer)
        self._channel = grpc.insecure_channel(f"127.0.0.1:{port}")
        self.stub = provider_pb2_grpc.ResourceProviderStub(self._channel)

    def close(self) -> None:
        self._channel.close()
        self._server.stop(None)

    def call(self, method: str, **fields: Any) -> Any:
        """Sends a request, see `request_of`."""
        return getattr(self.stub, method)(request_of(method, **fields))

    def fail(self, method: str, **fields: Any) -> tuple[str, Any]:
        """Sends a request that fails: its line, and the resource that the state keeps."""
        with pytest.raises(grpc.RpcError) as caught:
            self.call(method, **fields)
        return error_of(caught.value)

    def log_lines(self, severity: str = "") -> list[str]:
        """Takes the lines logged since the last call; returns those of a severity."""
        log = self.servicer.log
        assert isinstance(log, RecordedLog)
        lines, log.lines = log.lines, []
        return [line for kind, line in lines if severity in ("", kind)]


def error_of(error: Any) -> tuple[str, Any]:
    """An error's line, and the resource that the state keeps; ``None`` for none."""
    line, code, kept = error.details(), error.code(), provider_pb2.ErrorResourceInitFailed()
    assert "\n" not in line
    if code != grpc.StatusCode.UNKNOWN:
        assert code == grpc.StatusCode.FAILED_PRECONDITION
        return line, None
    (details,) = (it for key, it in error.trailing_metadata() if key == "grpc-status-details-bin")
    status = status_pb2.Status.FromString(details)
    assert (status.code, status.message) == (code.value[0], line)
    assert status.details[0].Unpack(kept)
    assert (list(kept.reasons), kept.properties["unfinished"]) == ([line], True)
    return line, kept


def request_of(method: str, **fields: Any) -> Any:
    """A request, by default about the resource ``web``; dicts become structs."""
    kind = getattr(provider_pb2, f"{method.removesuffix('Config')}Request")
    if "urn" in kind.DESCRIPTOR.fields_by_name and not method.endswith("Config"):
        fields = {"urn": URN, **fields}
    bags = [key for key, it in fields.items() if isinstance(it, dict) and key != "variables"]
    return kind(**{key: to_struct(it) if key in bags else it for key, it in fields.items()})


def bag(struct: Any) -> dict[str, Any]:
    """A property bag, without what the state keeps for the dynamic provider."""
    return {key: it for key, it in from_struct(struct).items() if key not in PROVIDER}


def changes_of(diff: Any) -> dict[str, str]:
    """The kind of each property's change, by its path; empty if nothing changes."""
    assert diff.hasDetailedDiff is (diff.changes == provider_pb2.DiffResponse.DIFF_SOME)
    name = provider_pb2.PropertyDiff.Kind.Name
    return {path: name(it.kind) for path, it in diff.detailedDiff.items()}
