"""The native provider: what Pulumi's engine asks over gRPC, each a thin layer over `service`.

Source: ``proto/pulumi/provider.proto`` of github.com/pulumi/pulumi.
"""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from ..engine import Log
from ..errors import (
    CancelledError,
    ConfigurationError,
    EventTrackerNotFoundError,
    InputError,
)
from ..service import held
from ..service import inputs as properties
from ..service.clock import Clock
from ..service.inputs import CONTEXT, OWNERSHIP_TAG, UNFINISHED
from ..service.model import EventTracker
from ..service.request import UnfinishedError
from ..service.settings import NAMESPACE, Settings, lacking
from ..service.waiter import Limit, Progress, Report
from ..session import (
    CONTEXTS,
    INPUTS,
    LASTING,
    NO_OWNERSHIP_TAG,
    Session,
    failure_of,
    from_pulumi,
    new_session,
    outputs_found,
    outputs_of,
    to_pulumi,
)
from . import outputs, schema, version
from .address import GET_EVENT_TRACKER, context_of
from .answering import Context, Unhealthy, answering
from .detail import detailed_diff
from .properties import from_struct, to_struct
from .words import words_of

#: How the engine calls what it reads only to learn whether it exists.
PROBE = "__exists__"
#: What only the program knows, and a check uses up.
VERSION, AWS_KEYS, SECRET_KEYS = "version", "aws", "secret"


class Servicer(provider_pb2_grpc.ResourceProviderServicer):
    """Serves one provider: one configuration, in a process of its own; thread-safe.

    Args:
        log: The engine's log.
        make_session: Makes what lives for one operation, see `new_session`.
    """

    def __init__(
        self,
        log: Log | None = None,
        make_session: Callable[[Mapping[str, Any], Log, Clock], Session] = new_session,
    ) -> None:
        self.log = log or Log()
        self._make_session = make_session
        self._given: Session | None = None
        self._is_default = True
        self._config: Mapping[str, Any] = {}
        self._cancelled = threading.Event()
        self._lock = threading.Lock()
        self._serving = 0

    @property
    def is_idle(self) -> bool:
        """Whether no operation is being served."""
        return self._serving == 0

    @contextlib.contextmanager
    def at_work(self) -> Iterator[None]:
        """For as long as an operation is served."""
        with self._lock:
            self._serving += 1
        try:
            yield
        finally:
            with self._lock:
                self._serving -= 1

    # The plugin.

    def Handshake(
        self, request: provider_pb2.ProviderHandshakeRequest, context: Context
    ) -> provider_pb2.ProviderHandshakeResponse:
        """Tells what this provider takes."""
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True)

    def Attach(self, request: plugin_pb2.PluginAttach, context: Context) -> empty_pb2.Empty:
        """Takes the address of an engine that found this process instead of starting it.

        The one before it has said Cancel, as each does in the end.
        """
        self.log = Log(request.address)
        self._cancelled, self._given = threading.Event(), None
        return empty_pb2.Empty()

    def GetPluginInfo(self, request: empty_pb2.Empty, context: Context) -> plugin_pb2.PluginInfo:
        """Tells the version."""
        return plugin_pb2.PluginInfo(version=version.of_package())

    def GetSchema(
        self, request: provider_pb2.GetSchemaRequest, context: Context
    ) -> provider_pb2.GetSchemaResponse:
        """Gives the schema, by which SDKs and YAML programs go."""
        return provider_pb2.GetSchemaResponse(schema=json.dumps(schema.make()))

    def Cancel(self, request: empty_pb2.Empty, context: Context) -> empty_pb2.Empty:
        """Ends whatever waits."""
        self._cancelled.set()
        return empty_pb2.Empty()

    # Its configuration.

    @answering
    def CheckConfig(
        self, request: provider_pb2.CheckRequest, context: Context
    ) -> provider_pb2.CheckResponse:
        """Checks the configuration, each key by itself."""
        failures = []
        is_default = _is_default(context_of(request.urn).get("resource", ""))
        for key, value in from_pulumi(from_struct(request.news)).items():
            if _is_pulumis(key) or _holds_unknown(value):
                continue
            try:
                Settings.from_config({f"{NAMESPACE}:{key}": value})
            except ConfigurationError as error:
                # What it advises is for the stack's configuration, which reaches the default one.
                told = error if is_default else error.without_advice()
                failures.append(provider_pb2.CheckFailure(property=key, reason=str(told)))
        return provider_pb2.CheckResponse(inputs=request.news, failures=failures)

    def DiffConfig(
        self, request: provider_pb2.DiffRequest, context: Context
    ) -> provider_pb2.DiffResponse:
        """Tells whether the configuration changed, which replaces nothing."""
        olds, news = from_struct(request.old_inputs), from_struct(request.news)
        changed = sorted(key for key in {*olds, *news} if olds.get(key) != news.get(key))
        return provider_pb2.DiffResponse(changes=_changes(bool(changed)), diffs=changed)

    @answering
    def Configure(
        self, request: provider_pb2.ConfigureRequest, context: Context
    ) -> provider_pb2.ConfigureResponse:
        """Takes the configuration, once for each process."""
        given = {key.rpartition(":")[2]: value for key, value in request.variables.items()}
        self._config = {
            f"{NAMESPACE}:{key}": value for key, value in given.items() if not _is_pulumis(key)
        }
        self._is_default = _is_default(request.name)
        self._given = self._made()
        return provider_pb2.ConfigureResponse(supportsPreview=True, acceptSecrets=True)

    # The resource.

    @answering
    def Check(
        self, request: provider_pb2.CheckRequest, context: Context
    ) -> provider_pb2.CheckResponse:
        """Checks the inputs, and for a new tracker that its group has room."""
        wanted = self._inputs(request.news, request.urn)
        if problem := self._problem_of_program(wanted[CONTEXT]):
            failure = provider_pb2.CheckFailure(reason=problem)
            return provider_pb2.CheckResponse(inputs=request.news, failures=[failure])
        olds = from_pulumi(from_struct(request.olds))
        # With ignore_changes, the engine takes over what the dynamic provider has put there.
        wanted = {key: value for key, value in wanted.items() if key not in LASTING}
        checked = self._session.planner.check(olds, wanted, self._report(request))
        words = words_of(request)
        self._tell(request, checked.notes, checked.warnings)
        self._session.warn(unnamed=not olds and properties.NAME not in wanted)
        return provider_pb2.CheckResponse(
            inputs=to_struct(to_pulumi(checked.inputs)),
            failures=[
                provider_pb2.CheckFailure(property=place, reason=words(reason))
                for place, reason in (failure_of(wanted, *one) for one in checked.problems)
            ],
        )

    @answering
    def Diff(
        self, request: provider_pb2.DiffRequest, context: Context
    ) -> provider_pb2.DiffResponse:
        """Tells what would change, property by property, and whether it takes a replacement."""
        olds, news = from_pulumi(from_struct(request.olds)), self._inputs(request.news, request.urn)
        report = self._report(request)
        difference = self._session.planner.diff(request.id, olds, news, report)
        self._tell(request, difference.notes, difference.warnings)
        detail = detailed_diff(olds, news, difference) if difference.changes else {}
        return provider_pb2.DiffResponse(
            changes=_changes(difference.changes),
            replaces=difference.replaces,
            deleteBeforeReplace=difference.delete_first,
            diffs=sorted({path.partition(".")[0].partition("[")[0] for path in detail}),
            detailedDiff=detail,
            hasDetailedDiff=bool(detail),
        )

    @answering
    def Create(
        self, request: provider_pb2.CreateRequest, context: Context
    ) -> provider_pb2.CreateResponse:
        """Makes the event tracker, and comes back once it is ACTIVE; at preview, what is known."""
        props = from_struct(request.properties)
        wanted = self._inputs(request.properties, request.urn)
        if request.preview:
            inputs, _ = properties.parse(wanted)
            adopted = self._session.planner.adopted(inputs)
            planned = outputs.planned(wanted, adopted)
            return provider_pb2.CreateResponse(properties=to_struct(to_pulumi(planned)))
        try:
            created = self._session.create(
                wanted,
                self._report(request),
                context.is_active,
                keeps_unfinished=True,
                limit=_limit(request.timeout, "create"),
            )
        except UnfinishedError as left:
            raise _unfinished(left, props) from left
        kept = outputs.kept(outputs_of(created.tracker, props, created.attempt))
        return provider_pb2.CreateResponse(id=created.tracker.arn, properties=to_struct(kept))

    @answering
    def Read(
        self, request: provider_pb2.ReadRequest, context: Context
    ) -> provider_pb2.ReadResponse:
        """Reads the event tracker as it is, and writes nothing; one that is gone leaves the state.

        It serves refresh, import and `EventTracker.get`; only for the first, gone is no error.
        """
        props, lifecycle = from_struct(request.properties), self._session.lifecycle
        unpacked = from_pulumi(props)
        is_import = False
        if properties.NAME in unpacked:
            tracker = lifecycle.read(request.id, unpacked, self._report(request))
            if tracker is None:
                return provider_pb2.ReadResponse()
        else:
            if problem := self._problem_of_program(unpacked.get(CONTEXT) or {}):
                raise ConfigurationError(problem, operation="reading", resource=request.id)
            is_probe = context_of(request.urn).get("resource", "").startswith(PROBE)
            try:
                tracker = lifecycle.get(request.id)
            except EventTrackerNotFoundError:
                if is_probe:
                    return provider_pb2.ReadResponse()
                raise
            # An import has no inputs, nor has a `get` of another language: both may become ours.
            is_import = not is_probe and not request.HasField("inputs")
            props = self._imported(tracker, request.urn) if is_import else to_pulumi(unpacked)
            unpacked = from_pulumi(props)
        found = outputs.kept(outputs_found(tracker, props))
        # The context is the inputs' own: that of an imported tracker says whose it was.
        told = {**found, **dict.fromkeys(CONTEXTS), **_contexts(from_struct(request.inputs))}
        inputs = {key: told[key] for key in INPUTS if told.get(key) not in (None, {})}
        # A state that has it as finished knows better than reads that trail.
        may_be_unfinished = bool(unpacked.get(UNFINISHED)) or is_import
        if may_be_unfinished and (reason := held.unfinished(tracker, unpacked.get(OWNERSHIP_TAG))):
            found[UNFINISHED] = True
            raise Unhealthy(request.id, found, reason, to_struct(inputs))
        return provider_pb2.ReadResponse(
            id=request.id, properties=to_struct(found), inputs=to_struct(inputs)
        )

    @answering
    def Update(
        self, request: provider_pb2.UpdateRequest, context: Context
    ) -> provider_pb2.UpdateResponse:
        """Changes the tags in place, or brings a tracker to its end that was left unfinished."""
        props, olds = from_struct(request.news), from_pulumi(from_struct(request.olds))
        wanted = self._inputs(request.news, request.urn)
        if request.preview:
            planned = outputs.updated(olds, wanted)
            return provider_pb2.UpdateResponse(properties=to_struct(to_pulumi(planned)))
        inputs, _ = properties.parse(wanted)
        try:
            tracker, attempt = self._session.lifecycle.update(
                request.id,
                inputs,
                olds,
                self._report(request),
                _limit(request.timeout, "update"),
                context.is_active,
            )
        except UnfinishedError as left:
            raise _unfinished(left, props) from left
        kept = outputs.kept(outputs_of(tracker, props, attempt))
        return provider_pb2.UpdateResponse(properties=to_struct(kept))

    @answering
    def Delete(self, request: provider_pb2.DeleteRequest, context: Context) -> empty_pb2.Empty:
        """Deletes the event tracker, and comes back once it is gone."""
        unpacked = from_pulumi(from_struct(request.properties))
        limit = _limit(request.timeout, "delete")
        self._session.delete(request.id, unpacked, self._report(request), limit)
        return empty_pb2.Empty()

    # The lookup.

    @answering
    def Invoke(
        self, request: provider_pb2.InvokeRequest, context: Context
    ) -> provider_pb2.InvokeResponse:
        """Looks up the event tracker of a dataset group."""
        if request.tok != GET_EVENT_TRACKER:
            raise InputError(f"there is no function {request.tok}", operation="looking up")
        args = from_struct(request.args)
        problem = self._problem_of_program(properties.unpack(args.get(CONTEXT, "")))
        _, problems = properties.parse(
            {properties.DATASET_GROUP_ARN: args.get(properties.DATASET_GROUP_ARN)}
        )
        lifecycle, group = self._session.lifecycle, str(args.get(properties.DATASET_GROUP_ARN))
        reason = problems[0].reason if problems else lifecycle.settings.problem_of_group(group)
        if reason := problem or reason or "":
            failure = provider_pb2.CheckFailure(
                property="" if problem else properties.DATASET_GROUP_ARN, reason=reason
            )
            return provider_pb2.InvokeResponse(failures=[failure])
        found = lifecycle.look_up(group)
        answer = provider_pb2.InvokeResponse()
        getattr(answer, "return").CopyFrom(to_struct(found.outputs))
        return answer

    # What they share.

    @property
    def _session(self) -> Session:
        with self._lock:
            if self._given is None:
                self._given = self._made()
            return self._given

    def _made(self) -> Session:
        return self._make_session(self._config, self.log, Clock(sleep=self._sleep))

    def _sleep(self, seconds: float) -> None:
        if self._cancelled.wait(seconds):
            raise CancelledError("cancelled")

    def _inputs(self, struct: struct_pb2.Struct, urn: str) -> dict[str, Any]:
        """The inputs as `service` takes them, with a context in any case."""
        unpacked = from_pulumi(from_struct(struct))
        if not isinstance(unpacked.get(CONTEXT), Mapping):
            unpacked[CONTEXT] = context_of(urn)
        return unpacked

    def _problem_of_program(self, told: dict[str, Any]) -> str:
        """What is wrong with how the program and this provider fit; taken out of what it told."""
        wanted = told.pop(VERSION, None)
        names, secret = told.pop(AWS_KEYS, []), told.pop(SECRET_KEYS, [])
        if wanted not in (None, version.of_package()):
            return version.mismatch(wanted)
        return lacking(names, self._config, secret) if self._is_default else ""

    def _imported(self, tracker: EventTracker, urn: str) -> dict[str, Any]:
        """What the state has to tell of an imported tracker, before it is found."""
        found = held.imported(tracker, properties.Context.of({CONTEXT: context_of(urn)}))
        self.log.tell([], [found.warning] if found.warning else [], urn)
        marked = {CONTEXT: properties.pack({"marked": found.owner})} if found.owner else {}
        defaults = self._session.lifecycle.settings.default_tags or {}
        return properties.with_default_tags(
            {OWNERSHIP_TAG: found.attempt or NO_OWNERSHIP_TAG, **marked}, defaults
        )

    def _report(self, request: Any) -> Report:
        report, words = self.log.report(request.urn, ""), words_of(request)
        return lambda line: report(line if isinstance(line, Progress) else words(line))

    def _tell(self, request: Any, notes: Iterable[str], warnings: Iterable[str]) -> None:
        """Shows what was found out about a request's resource."""
        words = words_of(request)
        self.log.tell(map(words, notes), map(words, warnings), request.urn)


def _contexts(inputs: Mapping[str, Any]) -> dict[str, Any]:
    return {key: inputs[key] for key in CONTEXTS if key in inputs}


def _is_default(name: str) -> bool:
    """Whether a provider is not an explicit one: an engine that gives no name may mean either."""
    return not name or name.startswith("default")


def _is_pulumis(key: str) -> bool:
    """Whether a key of a provider's configuration is Pulumi's own."""
    return key in ("version", "pluginDownloadURL") or key.startswith("__")


def _holds_unknown(value: Any) -> bool:
    """Whether a value is not known yet, or some of it."""
    if isinstance(value, Mapping | list):
        items = value.values() if isinstance(value, Mapping) else value
        return any(_holds_unknown(item) for item in items)
    return value is properties.UNKNOWN


def _changes(are_some: bool) -> Any:
    some, none = provider_pb2.DiffResponse.DIFF_SOME, provider_pb2.DiffResponse.DIFF_NONE
    return some if are_some else none


def _limit(seconds: float, operation: str) -> Limit | None:
    return Limit(seconds, f"customTimeouts.{operation}") if seconds > 0 else None


def _unfinished(left: UnfinishedError, props: Mapping[str, Any]) -> Unhealthy:
    tracker, attempt, _ = left.created
    found = outputs.kept(outputs_of(tracker, props, attempt))
    return Unhealthy(tracker.arn, {**found, UNFINISHED: True}, str(left.error))
