"""The native provider: the engine's requests over gRPC, each a thin layer over `service`.

Source: ``proto/pulumi/provider.proto`` of github.com/pulumi/pulumi.
"""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from google.protobuf import empty_pb2, struct_pb2

from .. import __version__
from ..engine import Log
from ..errors import CancelledError, ConfigurationError, EventTrackerNotFoundError, InputError
from ..protocol import plugin_pb2, provider_pb2_grpc
from ..protocol import provider_pb2 as pb
from ..service import inputs as properties
from ..service import tracker as service
from ..service.create import UnfinishedError
from ..service.inputs import CONTEXT, NO_ATTEMPT, OWNERSHIP_TAG, UNFINISHED, Resource, unpack
from ..service.model import EventTracker
from ..service.names import Naming
from ..service.waiter import Clock, Limit
from ..session import Session, inputs_of, new_session, outputs_found, outputs_of
from ..settings import NAMESPACE, Settings, lacking
from . import AWS_KEYS, GET_EVENT_TRACKER, SECRET_KEYS, VERSION, outputs
from .other_languages import texts_of, unpassed
from .schema import schema
from .wire import Context, InitFailed, answering, from_struct, to_struct

#: The name of a resource that the engine reads only to learn whether it exists.
_PROBE = "__exists__"
_MakeSession = Callable[[Mapping[str, Any], Log, Clock], Session]


class Servicer(provider_pb2_grpc.ResourceProviderServicer):
    """One provider with one configuration, in a process of its own; thread-safe."""

    def __init__(self, log: Log | None = None, make_session: _MakeSession = new_session) -> None:
        self.log = log or Log()
        self._make_session = make_session
        self._configured: Session | None = None
        self._is_default = True
        self._config: Mapping[str, Any] = {}
        self._cancelled = threading.Event()
        self._lock = threading.Lock()
        self._serving = 0
        self._has_warned = False
        #: The secrets in requests, which no error repeats.
        self.secrets: set[str] = set()

    @property
    def is_idle(self) -> bool:
        """Whether no operation is being served."""
        return self._serving == 0

    @contextlib.contextmanager
    def at_work(self) -> Iterator[None]:
        """Counts an operation while it is served."""
        with self._lock:
            self._serving += 1
        try:
            yield
        finally:
            with self._lock:
                self._serving -= 1

    # The plugin.

    def Handshake(
        self, request: pb.ProviderHandshakeRequest, context: Context
    ) -> pb.ProviderHandshakeResponse:
        """Returns what this provider accepts."""
        return pb.ProviderHandshakeResponse(
            accept_secrets=True, supports_autonaming_configuration=True
        )

    def Attach(self, request: plugin_pb2.PluginAttach, context: Context) -> empty_pb2.Empty:
        """Switches to another engine, which attaches to this running process."""
        self.log = Log(request.address)
        self._cancelled, self._configured = threading.Event(), None
        return empty_pb2.Empty()

    def GetPluginInfo(self, request: empty_pb2.Empty, context: Context) -> plugin_pb2.PluginInfo:
        """Returns the version."""
        return plugin_pb2.PluginInfo(version=__version__)

    def GetSchema(self, request: pb.GetSchemaRequest, context: Context) -> pb.GetSchemaResponse:
        """Returns the schema, from which SDKs are generated and YAML programs are checked."""
        return pb.GetSchemaResponse(schema=json.dumps(schema()))

    def Cancel(self, request: empty_pb2.Empty, context: Context) -> empty_pb2.Empty:
        """Ends all waits."""
        self._cancelled.set()
        return empty_pb2.Empty()

    # Its configuration.

    @answering
    def CheckConfig(self, request: pb.CheckRequest, context: Context) -> pb.CheckResponse:
        """Checks the configuration, each key by itself."""
        failures = []
        is_default = _is_default(Resource(request.urn).name)
        for key, value in from_struct(request.news).items():
            if _is_pulumis(key) or _has_unknown(value):
                continue
            try:
                Settings.from_config({f"{NAMESPACE}:{key}": value})
            except ConfigurationError as error:
                # The advice is about the stack's configuration, which the default provider takes.
                reason = str(error) if is_default else error.message
                if "@" in str(value) or key in ("assumeRole", "defaultTags"):
                    # The engine would print the value: a password, an external ID or a tag.
                    failures.append(pb.CheckFailure(reason=f"{key}: {reason}"))
                    del request.news[key]
                else:
                    failures.append(pb.CheckFailure(property=key, reason=reason))
        return pb.CheckResponse(inputs=request.news, failures=failures)

    @answering
    def Configure(self, request: pb.ConfigureRequest, context: Context) -> pb.ConfigureResponse:
        """Takes the configuration, once for each process."""
        given = {key.rpartition(":")[2]: value for key, value in request.variables.items()}
        self._config = {
            f"{NAMESPACE}:{key}": value for key, value in given.items() if not _is_pulumis(key)
        }
        self._is_default = _is_default(request.name)
        self._configured = self._new_session()
        return pb.ConfigureResponse(supportsPreview=True, acceptSecrets=True)

    # The resource.

    @answering
    def Check(self, request: pb.CheckRequest, context: Context) -> pb.CheckResponse:
        """Checks the inputs, and that a new tracker's group can take it."""
        if self._is_default and CONTEXT not in request.news.fields and not self._has_warned:
            self._has_warned = True
            self.log.warn("", *filter(None, [unpassed(Resource(request.urn), self._config)]))
        if problem := self._problem_of_program(from_struct(request.news)):
            failure = pb.CheckFailure(reason=problem)
            return pb.CheckResponse(inputs=request.news, failures=[failure])
        naming = _naming(request)
        # A program passes its options; for others, only these names are known to be fixed.
        is_fixed = naming.is_disabled or naming.name == Resource(request.urn).name
        olds = from_struct(request.olds)
        wanted = self._inputs(request.news, request.urn, is_fixed=is_fixed)
        inputs, failures = self._session.check(olds, wanted, request.urn, naming)
        return pb.CheckResponse(
            inputs=to_struct(inputs),
            failures=[pb.CheckFailure(property=place, reason=reason) for place, reason in failures],
        )

    @answering
    def Diff(self, request: pb.DiffRequest, context: Context) -> pb.DiffResponse:
        """Compares the state with the inputs, property by property."""
        olds, news = from_struct(request.olds), self._inputs(request.news, request.urn)
        difference = self._session.diff(request.id, olds, news, request.urn)
        if not difference.changes:
            return pb.DiffResponse(changes=pb.DiffResponse.DIFF_NONE)
        detail = outputs.detailed_diff(olds, news, difference)
        return pb.DiffResponse(
            changes=pb.DiffResponse.DIFF_SOME,
            replaces=difference.replaces,
            deleteBeforeReplace=difference.delete_first,
            diffs=sorted({path.partition(".")[0].partition("[")[0] for path in detail}),
            detailedDiff=detail,
            hasDetailedDiff=True,
        )

    @answering
    def Create(self, request: pb.CreateRequest, context: Context) -> pb.CreateResponse:
        """Creates the event tracker, and returns once it is ACTIVE; at preview, what is known."""
        wanted = self._inputs(request.properties, request.urn)
        if request.preview:
            inputs, _ = properties.parse(wanted)
            planned = outputs.planned(wanted, self._session.planner.adopted(inputs))
            return pb.CreateResponse(properties=to_struct(planned))
        try:
            created = self._session.create(
                wanted,
                self.log.report(request.urn),
                context.is_active,
                keeps_unfinished=True,
                limit=_limit(request.timeout, "create"),
            )
        except UnfinishedError as error:
            raise _init_failed(error, wanted) from error
        kept = outputs.kept(outputs_of(created, wanted))
        return pb.CreateResponse(id=created.tracker.arn, properties=to_struct(kept))

    @answering
    def Read(self, request: pb.ReadRequest, context: Context) -> pb.ReadResponse:
        """Reads the event tracker as it is; one that is gone leaves the state.

        It serves refresh, import and `EventTracker.get`; only for refresh, gone is no error.
        """
        state, personalize = from_struct(request.properties), self._session.personalize
        is_import = False
        if properties.NAME in state:
            report = self.log.report(request.urn)
            tracker = service.read(personalize, request.id, state, report, request.urn)
            if tracker is None:
                return pb.ReadResponse()
        else:
            if problem := self._problem_of_program(state):
                raise ConfigurationError(problem, operation="reading", resource=request.id)
            if CONTEXT in state:
                # Without what only the plugin needs.
                state[CONTEXT] = Resource.of(state).context
            is_probe = Resource(request.urn).name.startswith(_PROBE)
            try:
                tracker = service.get(personalize, request.id)
            except EventTrackerNotFoundError:
                if is_probe:
                    return pb.ReadResponse()
                raise
            # An import has no inputs, and neither has a `get` of another language.
            is_import = not is_probe and not request.HasField("inputs")
            state = self._imported(tracker, request.urn) if is_import else state
        found = outputs.kept(outputs_found(tracker, state))
        # The inputs keep their own context; that of an import names the previous owner.
        context_of_inputs = from_struct(request.inputs).get(CONTEXT)
        struct = to_struct(inputs_of({**found, CONTEXT: context_of_inputs}))
        # A finished state is trusted over reads that may lag.
        may_be_unfinished = bool(state.get(UNFINISHED)) or is_import
        attempt = service.attempt_of(state)
        if may_be_unfinished and (reason := service.reason_unfinished(tracker, attempt)):
            raise InitFailed(request.id, {**found, UNFINISHED: True}, reason, struct)
        return pb.ReadResponse(id=request.id, properties=to_struct(found), inputs=struct)

    @answering
    def Update(self, request: pb.UpdateRequest, context: Context) -> pb.UpdateResponse:
        """Changes the tags in place, or completes an unfinished create."""
        olds, wanted = from_struct(request.olds), self._inputs(request.news, request.urn)
        if request.preview:
            return pb.UpdateResponse(properties=to_struct(outputs.updated(olds, wanted)))
        inputs, _ = properties.parse(wanted)
        try:
            updated = service.update(
                self._session.personalize,
                request.id,
                inputs,
                olds,
                self.log.report(request.urn),
                _limit(request.timeout, "update"),
                context.is_active,
            )
        except UnfinishedError as error:
            raise _init_failed(error, wanted) from error
        return pb.UpdateResponse(properties=to_struct(outputs.kept(outputs_of(updated, wanted))))

    @answering
    def Delete(self, request: pb.DeleteRequest, context: Context) -> empty_pb2.Empty:
        """Deletes the event tracker, and returns once it is gone."""
        state, report = from_struct(request.properties), self.log.report(request.urn)
        limit = _limit(request.timeout, "delete")
        service.delete(self._session.personalize, request.id, state, report, limit, request.urn)
        return empty_pb2.Empty()

    # The lookup.

    @answering
    def Invoke(self, request: pb.InvokeRequest, context: Context) -> pb.InvokeResponse:
        """Looks up the event tracker of a dataset group."""
        if request.tok != GET_EVENT_TRACKER:
            raise InputError(f"there is no function {request.tok}", operation="looking up")
        args = from_struct(request.args)
        if problem := self._problem_of_program(args):
            raise ConfigurationError(problem, operation="looking up")
        group = str(args.get(properties.DATASET_GROUP_ARN, ""))
        found = service.look_up(self._session.personalize, group)
        response = pb.InvokeResponse()
        getattr(response, "return").CopyFrom(to_struct(found.outputs))
        return response

    # What they share.

    @property
    def _session(self) -> Session:
        with self._lock:
            if self._configured is None:
                self._configured = self._new_session()
            self._configured.personalize.hidden.update(self.secrets)
            return self._configured

    def _new_session(self) -> Session:
        session = self._make_session(self._config, self.log, Clock(sleep=self._sleep))
        # The engine says which tags are secret.
        session.personalize.hides_tags = False
        return session

    def _inputs(
        self, struct: struct_pb2.Struct, urn: str, *, is_fixed: bool = False
    ) -> dict[str, Any]:
        """The inputs as `service` takes them, with the resource's URN and options."""
        props = self._session.with_default_tags(from_struct(struct))
        # The programs of other languages pass no options.
        if CONTEXT in props:
            return {**props, CONTEXT: Resource.of(props)._replace(urn=urn).context}
        resource = Resource(urn, is_fixed or None, is_fixed, options_known=False)
        return {**texts_of(props), CONTEXT: resource.context}

    def _sleep(self, seconds: float) -> None:
        """Sleeps until the time is over, or the engine cancels."""
        if self._cancelled.wait(seconds):
            raise CancelledError("cancelled")

    def _problem_of_program(self, props: Mapping[str, Any]) -> str:
        """What is wrong with the program's package or configuration; empty for nothing."""
        _, options = unpack(str(props.get(CONTEXT) or ""))
        wanted = options.get(VERSION, __version__)
        if wanted != __version__:
            return (
                f"the plugin is version {__version__}, and the program's package "
                f"pulumi-personalize is {wanted}. Run `pulumi-personalize install-plugin` in the "
                "program's environment, or name its pulumi-resource-personalize under `plugins:` "
                "in Pulumi.yaml"
            )
        names, secret = (options.get(key, "").split() for key in (AWS_KEYS, SECRET_KEYS))
        return lacking(names, self._config, secret) if self._is_default else ""

    def _imported(self, tracker: EventTracker, urn: str) -> dict[str, Any]:
        """The parts of an imported tracker's state that are not outputs."""
        tag, context = service.imported_tag(tracker, Resource(urn)), urn
        if tag and tag.owner != Resource(urn).owner:
            context = Resource(previous_owner=tag.owner).context
            self.log.warn(
                urn,
                f"{tracker} has the ownership tag of '{tag.owner}'. After an import, the next "
                "`pulumi up` replaces that tag, and a destroy deletes the event tracker: remove it "
                "from the stack or program that created it. A resource that is only read (get) "
                "changes nothing",
            )
        defaults = self._session.personalize.settings.default_tags or {}
        return properties.with_default_tags(
            {OWNERSHIP_TAG: tag.attempt if tag else NO_ATTEMPT, CONTEXT: context}, defaults
        )


def _is_default(name: str) -> bool:
    """Whether a provider is the default one: an engine that sends no name may mean either."""
    return name in ("", "default") or name.startswith("default_")


def _is_pulumis(key: str) -> bool:
    """Whether a key of a provider's configuration is Pulumi's own."""
    return key in ("version", "pluginDownloadURL") or key.startswith("__")


def _has_unknown(value: Any) -> bool:
    """Whether a value, or some of it, is not known yet."""
    if isinstance(value, Mapping | list):
        items = value.values() if isinstance(value, Mapping) else value
        return any(_has_unknown(item) for item in items)
    return value is properties.UNKNOWN


def _naming(request: pb.CheckRequest) -> Naming:
    """The name that the engine proposes, if the stack configures `pulumi:autonaming`."""
    it = request.autonaming
    return Naming(it.proposed_name, it.mode == it.ENFORCE, it.mode == it.DISABLE)


def _limit(seconds: float, operation: str) -> Limit | None:
    return Limit(seconds, f"customTimeouts.{operation}") if seconds > 0 else None


def _init_failed(error: UnfinishedError, props: Mapping[str, Any]) -> InitFailed:
    found = outputs.kept(outputs_of(error.created, props))
    return InitFailed(error.created.tracker.arn, {**found, UNFINISHED: True}, str(error.error))
