"""The native provider over gRPC, with the methods and answers of the dynamic one.

So that what is tested of one front end is tested of the other: in this process, without the CLI.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi import dynamic
from pulumi.dynamic.dynamic import PROVIDER_KEY
from pulumi.runtime.proto import engine_pb2, provider_pb2, provider_pb2_grpc, status_pb2
from pulumi_personalize import PersonalizeError
from pulumi_personalize.engine import INFO, WARNING, Engine
from pulumi_personalize.native.__main__ import serve
from pulumi_personalize.native.properties import from_struct, to_struct
from pulumi_personalize.native.servicer import Servicer
from pulumi_personalize.service.inputs import UNFINISHED

URN = "urn:pulumi:dev::shop::personalize:index:EventTracker::web"


class Log(Engine):
    """The engine's log, kept as lines: progress, notes and warnings."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.progress: list[str] = []

    def log(self, urn: str, line: str, *, severity: int = INFO, ephemeral: bool = False) -> None:
        prefix = "warning: " if severity == WARNING else ""
        (self.progress if ephemeral else self.lines).append(prefix + line)

    def take(self) -> list[str]:
        """The lines since it was last asked; progress left out."""
        taken, self.lines = self.lines, []
        return taken


class NativeError(PersonalizeError):
    """What the engine was told instead of an answer.

    Attributes:
        code: gRPC's.
        kept: Of a tracker that is kept though it is not finished: what the state has of it.
    """

    def __init__(self, error: Any) -> None:
        super().__init__(error.details())
        self.grpc_code = error.code()
        self.kept = _kept(error)


def _kept(error: Any) -> dynamic.CreateResult | None:
    for key, value in error.trailing_metadata() or ():
        if key == "grpc-status-details-bin":
            (packed,) = status_pb2.Status.FromString(value).details
            found = provider_pb2.ErrorResourceInitFailed()
            assert packed.Unpack(found)
            assert list(found.reasons) == [error.details()]
            props = from_struct(found.properties)
            assert props[UNFINISHED] is True
            return dynamic.CreateResult(found.id, props)
    return None


class NativeProvider:
    """The methods of the dynamic provider, each a request to a native one.

    Args:
        servicer: The native provider.
        log: What it logs to.
    """

    def __init__(self, servicer: Servicer, log: Log) -> None:
        self.log = log
        self.servicer = servicer
        self._server, port = serve(servicer)
        self._channel = grpc.insecure_channel(f"127.0.0.1:{port}")
        self.stub = provider_pb2_grpc.ResourceProviderStub(self._channel)

    def close(self) -> None:
        self._channel.close()
        self._server.stop(None)

    def configure(self, **settings: str) -> provider_pb2.ConfigureResponse:
        variables = {f"personalize:config:{key}": value for key, value in settings.items()}
        request = provider_pb2.ConfigureRequest(variables=variables, name="default")
        with told():
            answer: provider_pb2.ConfigureResponse = self.stub.Configure(request)
        return answer

    def check(self, olds: dict[str, Any], news: dict[str, Any], urn: str = URN) -> Any:
        request = provider_pb2.CheckRequest(urn=urn, olds=to_struct(olds), news=to_struct(news))
        with told():
            answer = self.stub.Check(request)
        failures = [dynamic.CheckFailure(one.property, one.reason) for one in answer.failures]
        return dynamic.CheckResult(from_struct(answer.inputs), failures)

    def diff(self, id_: str, olds: dict[str, Any], news: dict[str, Any]) -> dynamic.DiffResult:
        answer = self.differ(id_, olds, news)
        changes = answer.changes == provider_pb2.DiffResponse.DIFF_SOME
        assert bool(answer.detailedDiff) is changes
        in_place = changes and not answer.replaces
        return dynamic.DiffResult(
            None if in_place else changes,
            list(answer.replaces),
            delete_before_replace=answer.deleteBeforeReplace,
        )

    def differ(self, id_: str, olds: dict[str, Any], news: dict[str, Any]) -> Any:
        request = provider_pb2.DiffRequest(
            id=id_, urn=URN, olds=to_struct(olds), news=to_struct(news)
        )
        with told():
            return self.stub.Diff(request)

    def create(
        self, props: dict[str, Any], timeout: float = 0, *, preview: bool = False
    ) -> dynamic.CreateResult:
        request = provider_pb2.CreateRequest(
            urn=URN, properties=to_struct(props), timeout=timeout, preview=preview
        )
        with told():
            answer = self.stub.Create(request)
        return dynamic.CreateResult(answer.id, _outputs(answer.properties))

    def read(self, id_: str, props: dict[str, Any], **inputs: Any) -> dynamic.ReadResult:
        request = provider_pb2.ReadRequest(id=id_, urn=URN, properties=to_struct(props))
        # The inputs are in the outputs, too, where a state has any.
        request.inputs.CopyFrom(to_struct(inputs or props))
        with told():
            answer = self.stub.Read(request)
        return dynamic.ReadResult(
            answer.id, _outputs(answer.properties), from_struct(answer.inputs)
        )

    def take_in(self, id_: str, urn: str = URN) -> dynamic.ReadResult:
        """Imports."""
        with told():
            answer = self.stub.Read(provider_pb2.ReadRequest(id=id_, urn=urn))
        return dynamic.ReadResult(
            answer.id, _outputs(answer.properties), from_struct(answer.inputs)
        )

    def update(
        self,
        id_: str,
        olds: dict[str, Any],
        news: dict[str, Any],
        timeout: float = 0,
        *,
        preview: bool = False,
    ) -> dynamic.UpdateResult:
        request = provider_pb2.UpdateRequest(
            id=id_,
            urn=URN,
            olds=to_struct(olds),
            news=to_struct(news),
            timeout=timeout,
            preview=preview,
        )
        with told():
            answer = self.stub.Update(request)
        return dynamic.UpdateResult(_outputs(answer.properties))

    def delete(self, id_: str, props: dict[str, Any], timeout: float = 0) -> None:
        request = provider_pb2.DeleteRequest(
            id=id_, urn=URN, properties=to_struct(props), timeout=timeout
        )
        with told():
            self.stub.Delete(request)

    def cancel(self) -> None:
        self.stub.Cancel(empty_pb2.Empty())


def _outputs(struct: Any) -> dict[str, Any]:
    """Outputs without what the native provider keeps for the dynamic one."""
    found: Mapping[str, Any] = from_struct(struct)
    return {key: value for key, value in found.items() if key != PROVIDER_KEY}


@contextlib.contextmanager
def told() -> Iterator[None]:
    """Raises what the engine is told as one of our errors."""
    try:
        yield
    except grpc.RpcError as error:
        raise NativeError(error) from None


assert INFO == engine_pb2.INFO
