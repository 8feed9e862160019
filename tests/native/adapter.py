"""The native provider over gRPC, with the methods and answers of the dynamic one.

So that what is tested of one front end is tested of the other: in this process, without the CLI.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi import dynamic
from pulumi.dynamic.dynamic import PROVIDER_KEY
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc, status_pb2
from pulumi_personalize import PersonalizeError
from pulumi_personalize.engine import Log
from pulumi_personalize.native.__main__ import serve
from pulumi_personalize.native.address import TYPE
from pulumi_personalize.native.properties import from_struct, to_struct
from pulumi_personalize.native.servicer import Servicer
from pulumi_personalize.native.words import words_of
from pulumi_personalize.service.inputs import CONTEXT, UNFINISHED
from pulumi_personalize.service.waiter import Report
from pulumi_personalize.session import Session, from_pulumi

URN = f"urn:pulumi:dev::shop::{TYPE}::web"
MakeProvider = Callable[..., "NativeProvider"]


class StderrLog(Log):
    """The engine's log, shown as the dynamic provider shows its lines where there is no engine."""

    def report(self, urn: str, prefix: str) -> Report:
        assert not prefix
        return super().report("", _prefix(urn))

    def warn(self, warning: str, urn: str = "", prefix: str = "") -> None:
        assert not prefix
        super().warn(warning, "", _prefix(urn))


def _prefix(urn: str) -> str:
    return f"{urn.rpartition('::')[2]}: " if urn else ""


#: The errors that engines were told of, by their lines: gRPC has the lines alone.
ERRORS: dict[str, PersonalizeError] = {}


def note_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    """Has `ERRORS` filled, in this process."""
    new_error = PersonalizeError.__init__

    def noting(self: PersonalizeError, *args: Any, **fields: Any) -> None:
        new_error(self, *args, **fields)
        line, in_other_languages = str(self), words_of(None)
        ERRORS[line] = ERRORS[in_other_languages(line)] = self

    monkeypatch.setattr(PersonalizeError, "__init__", noting)


def _as_raised(error: Any) -> PersonalizeError:
    """The error that an engine was told of, as it was raised.

    With gRPC's code as ``answered``, and as ``kept`` what the state has of a tracker that is kept
    though it is not finished.
    """
    raised = ERRORS.get(error.details()) or PersonalizeError(error.details())
    raised.answered, raised.kept = error.code(), _kept(error)  # type: ignore[attr-defined]
    return raised


def kept_of(error: PersonalizeError) -> Any:
    """What the state has of a tracker that is kept though it is not finished: its id and outs."""
    return getattr(error, "kept")  # noqa: B009 - see `_as_raised`


def _kept(error: Any) -> dynamic.CreateResult | None:
    for key, value in error.trailing_metadata() or ():
        if key == "grpc-status-details-bin":
            (packed,) = status_pb2.Status.FromString(value).details
            found = provider_pb2.ErrorResourceInitFailed()
            assert packed.Unpack(found)
            assert list(found.reasons) == [error.details()]
            props = _outputs(found.properties)
            assert props[UNFINISHED] is True
            return dynamic.CreateResult(found.id, props)
    return None


def urn_of(props: Mapping[str, Any]) -> str:
    """The URN of the resource that a property bag tells of."""
    told = {"stack": "dev", "project": "shop", "resource": "web"}
    given = from_pulumi(props).get(CONTEXT) or {}
    told |= {key: text for key, text in given.items() if key in told}
    return f"urn:pulumi:{told['stack']}::{told['project']}::{TYPE}::{told['resource']}"


class NativeProvider:
    """The methods of the dynamic provider, each a request to a native one.

    Args:
        servicer: The native provider.
    """

    def __init__(self, servicer: Servicer) -> None:
        self.servicer = servicer
        self._server, port = serve(servicer)
        self._channel = grpc.insecure_channel(f"127.0.0.1:{port}")
        self.stub = provider_pb2_grpc.ResourceProviderStub(self._channel)

    @property
    def _session(self) -> Session:
        """What the tests of the dynamic provider look at."""
        return self.servicer._session

    def close(self) -> None:
        self._channel.close()
        self._server.stop(None)

    def configure(self, **settings: str) -> provider_pb2.ConfigureResponse:
        variables = {f"personalize:config:{key}": value for key, value in settings.items()}
        request = provider_pb2.ConfigureRequest(variables=variables, name="default")
        with told():
            answer: provider_pb2.ConfigureResponse = self.stub.Configure(request)
        return answer

    def check(self, olds: dict[str, Any], news: dict[str, Any]) -> Any:
        request = provider_pb2.CheckRequest(
            urn=urn_of(news), olds=to_struct(olds), news=to_struct(news)
        )
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
            id=id_, urn=urn_of(news), olds=to_struct(olds), news=to_struct(news)
        )
        with told():
            return self.stub.Diff(request)

    def create(
        self, props: dict[str, Any], timeout: float = 0, *, preview: bool = False
    ) -> dynamic.CreateResult:
        request = provider_pb2.CreateRequest(
            urn=urn_of(props), properties=to_struct(props), timeout=timeout, preview=preview
        )
        with told():
            answer = self.stub.Create(request)
        return dynamic.CreateResult(answer.id, _outputs(answer.properties))

    def read(self, id_: str, props: dict[str, Any], **inputs: Any) -> dynamic.ReadResult:
        request = provider_pb2.ReadRequest(id=id_, urn=urn_of(props), properties=to_struct(props))
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
            urn=urn_of(news),
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
            id=id_, urn=urn_of(props), properties=to_struct(props), timeout=timeout
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
        raise _as_raised(error) from None
