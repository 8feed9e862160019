"""What programs use: resource, arguments, lookups, also with `pulumi.runtime.set_mocks`."""

import contextvars
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pulumi
import pulumi_personalize
import pytest
from kinds import GROUP
from pulumi_personalize import (
    EventTracker,
    EventTrackerArgs,
    GetEventTrackerResult,
    InputError,
    errors,
    get_event_tracker,
    get_event_tracker_output,
    native,
)
from pulumi_personalize.arguments import take
from pulumi_personalize.lookup import result_of
from pulumi_personalize.provider import TYPE
from pulumi_personalize.service.model import OUTPUTS

EXAMPLE = Path(__file__).parents[2] / "examples" / "testing"
OPTS = pulumi.ResourceOptions(protect=True)
ARGS = EventTrackerArgs(dataset_group_arn=GROUP, name="clicks", tags={"a": "1"})
NAMED: dict[str, Any] = {"dataset_group_arn": GROUP, "name": "clicks", "tags": {"a": "1"}}

if TYPE_CHECKING:
    EventTracker("t", args=ARGS, opts=OPTS)
    native.EventTracker("t", OPTS, dataset_group_arn=pulumi.Output.from_input(GROUP))
    EventTracker("t", GROUP, OPTS)  # type: ignore[call-overload]
    native.EventTracker("t", OPTS, dataset_group_arn=GROUP, nome="x")  # type: ignore[call-overload]


def test_orders_of_arguments() -> None:
    for given, named in (
        ((GROUP, "clicks", {"a": "1"}, None, OPTS), {}),
        ((), {**NAMED, "opts": OPTS}),
        ((ARGS, OPTS), {}),
        ((OPTS,), {"args": ARGS}),
        ((OPTS,), NAMED),
    ):
        assert take("t", given, dict(named)) == (ARGS, OPTS)
    assert take("t", (None,), dict(NAMED)) == (ARGS, None)
    assert take("t", (None, "clicks", None, True), {})[0].adopt_existing is True


def test_arguments_that_do_not_fit() -> None:
    more = {"nome": "x"}
    for given, named in (((), {}), ((GROUP,), more), ((OPTS,), {}), ((ARGS, OPTS, OPTS), {})):
        with pytest.raises(TypeError, match=r"^EventTracker"):
            take("t", given, named)
    with pytest.raises(InputError, match="event tracker t: name must not be Res") as caught:
        take("t", (GROUP, OPTS), {})
    assert isinstance(caught.value, pulumi.RunError)


MOCKS = """
import json
import pulumi
from pulumi import ComponentResource, ResourceOptions
from pulumi_personalize import EventTracker, InputError, native

class Mocks(pulumi.runtime.Mocks):
    def new_resource(self, args):
        if "EventTracker" in args.typ:
            args.inputs.pop("__provider", None)
            context = args.inputs.pop("resourceContext")
            print(json.dumps([args.name, args.typ, args.inputs, context]))
        return "an-arn", {**args.inputs, "trackingId": "an-id"}

    def call(self, args):
        return {}

pulumi.runtime.set_mocks(Mocks(), project="shop", stack="dev")

def run(program):
    try:
        pulumi.runtime.test(program)()
    except InputError as error:
        assert isinstance(error, pulumi.RunError)
        print(json.dumps([str(error)]))
"""


def python(*arguments: str, cwd: Path) -> str:
    """Runs Python without a CLI on PATH; returns what it prints."""
    environment = {"PATH": "", "PYTHONPATH": str(Path(pulumi_personalize.__file__).parents[1])}
    # Pulumi's SDK asks for a loop that does not exist, of which Python 3.12 and 3.13 warn.
    pulumis = "ignore:There is no current event loop:DeprecationWarning"
    command = [sys.executable, "-W", "error", "-W", pulumis, *arguments]
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_example_of_a_users_unit_tests(tmp_path: Path) -> None:
    copy = shutil.copytree(EXAMPLE, tmp_path / "testing")
    assert "3 passed" in python("-m", "pytest", "-q", cwd=copy)


PROGRAM = """
def program():
    parent = ComponentResource("test:index:Parent", "parent")
    options = ResourceOptions(parent=parent, delete_before_replace=False, retain_on_delete=True)
    options.additional_secret_outputs = ["tags"]
    tags = {"accountId": pulumi.Output.from_input("1")}
    web = EventTracker("web", "G", tags=tags, adopt_existing=True, opts=options)
    group = pulumi.CustomResource("aws-native:personalize:DatasetGroup", "movies", {})
    EventTracker("a", group.urn.apply(str))
    EventTracker("b", pulumi.Output.from_input("G"))
    EventTracker.get("theirs", "an-arn")
    own = native.EventTracker("own", "G", "clicks", opts=ResourceOptions(protect=True))
    outputs = [web.dataset_group_arn, web.tags_all, web.adopt_existing, web.status, web.id]
    outputs += [web.tracking_id, web.tags, own.name, isinstance(own, EventTracker)]
    return pulumi.Output.all(*outputs).apply(lambda values: print(json.dumps([values])))

run(program)
group = ComponentResource("aws-native:personalize:DatasetGroup", "books")
run(lambda: EventTracker("t", "G", opts=ResourceOptions(deleted_with=group)))
run(lambda: EventTracker("t", "G", tags={1: "x"}))
run(lambda: EventTracker("t", "G", opts={"protect": True}))
run(lambda: EventTracker("t", {"protect": True}, dataset_group_arn="G"))
run(lambda: native.EventTracker.get("t", "an-arn", {"protect": True}))
run(lambda: EventTracker("t", "G", opts=ResourceOptions(import_="an-arn")))
pulumi.log.warn = lambda text: print(json.dumps([text]))
for kind in EventTracker, native.EventTracker:
    options = ResourceOptions(custom_timeouts=pulumi.CustomTimeouts(create="5m"))
    run(lambda: kind("slow", "G", opts=options))
"""


def test_inputs_and_outputs(tmp_path: Path) -> None:
    printed = python("-c", MOCKS + PROGRAM, cwd=tmp_path).splitlines()
    lines = [json.loads(line) for line in printed]
    resources = {name: rest for name, *rest in lines if rest}
    urn, parent = "urn:pulumi:dev::shop::", "pulumi:pulumi:Stack$test:index:Parent"
    options = "delete_before_replace=false&retain_on_delete=true&secret_outputs=true"
    tags = {"accountId": "1"}
    given = {"datasetGroupArn": "G", "tags": tags, "tagsAll": tags, "adoptExisting": True}
    assert resources["web"] == [TYPE, given, f"{options} {urn}{parent}${TYPE}::web"]
    assert resources["theirs"] == [TYPE, {}, f"{urn}{TYPE}::theirs"]
    kind, given = "personalize:index:EventTracker", {"datasetGroupArn": "G", "name": "clicks"}
    version = pulumi_personalize.__version__
    assert resources["own"] == [kind, given, f"version={version} {urn}{kind}::own"]
    # A group that is not known yet is identified by its URN.
    source, _, rest = resources["a"][-1].partition(" ")
    assert source.startswith("group=urn%3Apulumi%3Adev%3A%3Ashop%3A%3A")
    assert source.endswith("%3ADatasetGroup%3A%3Amovies")
    assert rest == f"{urn}{TYPE}::a"
    assert resources["b"][-1] == f"{urn}{TYPE}::b"
    outputs, deleted_with, keys, *refused, imported, slow = (
        line[0] for line in lines if len(line) == 1
    )
    assert outputs == ["G", tags, True, None, "an-arn", "an-id", tags, "clicks", True]
    assert "event tracker t: deleted_with=books would leave it undeleted" in deleted_with
    assert "event tracker t: tag keys must be strings, not 1" in keys
    for line in refused:
        assert "event tracker t: opts must be ResourceOptions, not dict. Write opts=" in line
    assert len(refused) == 3
    assert "not support import_. Set adopt_existing=True, or use pulumi_personalize.n" in imported
    assert "event tracker slow: custom_timeouts has no effect with the dynamic provider" in slow


Service = Any  # the fixture of this name


class OtherProvider(pulumi.ProviderResource):
    package = "aws"
    pulumi_resource_name = "main"


def error_of(group: Any = GROUP, **config: str) -> errors.PersonalizeError:
    def program() -> errors.PersonalizeError:
        pulumi.runtime.set_all_config(config)
        with pytest.raises(errors.PersonalizeError) as caught:
            get_event_tracker(group)
        assert isinstance(caught.value, pulumi.RunError)
        return caught.value

    return contextvars.copy_context().run(program)


def test_lookup_returns_all_outputs(service: Service) -> None:
    arn = service.put("clicks", tags={"team": "web"})
    given = {"name": "clicks", "dataset_group_arn": GROUP, "status": "ACTIVE", "tracking_id": "id"}
    given |= {"event_tracker_arn": arn, "account_id": "", "last_updated_date_time": ""}
    created = "2025-12-31T23:59:00.000Z"
    expected = GetEventTrackerResult(**given, creation_date_time=created, tags={"team": "web"})
    assert get_event_tracker(GROUP) == expected
    assert result_of({**dict.fromkeys(OUTPUTS, "x"), "tags": {}}).tracking_id == "x"


def test_lookup_errors_are_one_line(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(error_of(), errors.EventTrackerNotFoundError)
    for group in ("shop", None, 3):
        assert isinstance(error_of(group), InputError)
    forbidden = {"aws:forbiddenAccountIds": json.dumps(["123456789012"])}
    assert "account 123456789012 is in forbiddenAccountIds" in str(error_of(**forbidden))
    opts = pulumi.InvokeOptions(provider=object.__new__(OtherProvider))
    with pytest.raises(InputError, match="provider main is for 'aws'"):
        get_event_tracker_output(GROUP, opts)
    # The CLI sets the environment; a program sets its own configuration, which wins.
    monkeypatch.setenv("PULUMI_CONFIG", json.dumps({"personalize:regoin": "x"}))
    assert isinstance(error_of(), errors.ConfigurationError)
    monkeypatch.setenv("PULUMI_CONFIG", json.dumps({"personalize:maxAttempts": "3"}))
    assert isinstance(error_of(**{"personalize:maxAttempts": "0"}), errors.ConfigurationError)
