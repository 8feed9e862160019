# mypy: disallow-untyped-decorators=False
"""The programs of docs/snippets, which the pages show, run with Pulumi's mocks.

pulumi-aws and pulumi-aws-native, 220 MB, are no requirement of the tests. Where they are not
installed, tests/standins stands in for them. What is checked then: that the programs run, what they
hand over, and which arguments they pass, by mypy and by the stand-ins' signatures. What is not:
what these providers and AWS make of the values.
"""

from __future__ import annotations

import importlib
import inspect
import json
import os
import re
import runpy
import subprocess
import sys
from importlib.util import find_spec
from typing import Any

import pulumi
import pytest
from setup.conftest import ROOT

SNIPPETS = ROOT / "docs/snippets"
STANDINS = ROOT / "tests/standins"
GROUP = "arn:aws:personalize:eu-west-1:123456789012:dataset-group/shop"
TRACKER = "pulumi-python:dynamic/personalize:EventTracker"
ARN = "arn:aws:personalize:eu-west-1:123456789012:event-tracker/clicks"

#: Marks a secret, as pulumi-aws makes them of some inputs.
SECRET = pulumi.runtime.rpc._special_sig_key
PUT_EVENTS = {"Effect": "Allow", "Action": "personalize:PutEvents", "Resource": "*"}

# pulumi-aws's own.
pytestmark = pytest.mark.filterwarnings("ignore:aws.lambda/microvms:DeprecationWarning")


class Engine(pulumi.runtime.Mocks):
    """Stands in for engine and providers: notes the resources, and makes up their outputs."""

    def __init__(self) -> None:
        self.resources: dict[tuple[str, str], dict[str, Any]] = {}

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        """The id and the outputs of a resource."""
        inputs = {
            key: value["value"] if isinstance(value, dict) and SECRET in value else value
            for key, value in args.inputs.items()
            if key not in ("__provider", "resourceContext")  # our provider's own
        }
        self.resources[args.typ, args.name] = inputs
        made = {key: f"{key} of {args.name}" for key in ("arn", "schemaArn", "datasetArn")}
        made |= {"datasetGroupArn": GROUP, "trackingId": f"id-of-{args.name}"}
        made["eventTrackerArn"] = ARN
        return f"id of {args.name}", {**made, **inputs}

    def call(self, args: pulumi.runtime.MockCallArgs) -> tuple[dict[str, Any], None]:
        """Answers functions, of which the programs call none."""
        raise NotImplementedError(args.token)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs a program of docs/snippets; its resources by type and name, and its exports."""
    if find_spec("pulumi_aws") is None or find_spec("pulumi_aws_native") is None:
        monkeypatch.syspath_prepend(STANDINS)

    def run(name: str, **config: str) -> tuple[dict[tuple[str, str], Any], dict[str, Any]]:
        engine = Engine()
        exported: dict[str, Any] = {}
        pulumi.runtime.set_mocks(engine, project="shop", stack="prod")
        config = {"datasetGroupArn": GROUP, **config}
        pulumi.runtime.set_all_config({f"shop:{key}": value for key, value in config.items()})
        monkeypatch.setattr(pulumi, "export", exported.__setitem__)

        @pulumi.runtime.test
        def program() -> pulumi.Output[None]:
            runpy.run_path(str(SNIPPETS / f"{name}.py"))
            return pulumi.Output.all(**exported).apply(exported.update)

        program()
        return engine.resources, exported

    return run


def statement(policy: str) -> Any:
    """The one statement of a policy."""
    (found,) = json.loads(policy)["Statement"]
    return found


class TestHandingOver:
    ID = "id-of-clicks"

    def test_parameter(self, run: Any) -> None:
        resources, _ = run("parameter")
        parameter = resources["aws:ssm/parameter:Parameter", "tracking-id"]
        assert parameter["value"] == self.ID

    def test_secret(self, run: Any) -> None:
        resources, _ = run("secret")
        version = resources["aws:secretsmanager/secretVersion:SecretVersion", "personalize"]
        assert version["secretId"] == "id of personalize"
        assert json.loads(version["secretString"]) == {"trackingId": self.ID}

    def test_function(self, run: Any) -> None:
        resources, _ = run("function")
        function = resources["aws:lambda/function:Function", "send-events"]
        assert function["environment"] == {"variables": {"TRACKING_ID": self.ID}}
        assert function["role"] == "arn of send-events"
        policy = resources["aws:iam/rolePolicy:RolePolicy", "put-events"]
        assert policy["role"] == "id of send-events"
        assert statement(policy["policy"]) == PUT_EVENTS

    def test_task(self, run: Any) -> None:
        given = {"image": "shop:1", "taskRoleArn": "role", "executionRoleArn": "other"}
        resources, _ = run("task", **given)
        task = resources["aws:ecs/taskDefinition:TaskDefinition", "shop"]
        (container,) = json.loads(task["containerDefinitions"])
        assert container["environment"] == [{"name": "TRACKING_ID", "value": self.ID}]
        assert (task["taskRoleArn"], task["executionRoleArn"]) == ("role", "other")

    def test_browser(self, run: Any) -> None:
        resources, exported = run("browser")
        trusts = statement(resources["aws:iam/role:Role", "guest"]["assumeRolePolicy"])
        audience = trusts["Condition"]["StringEquals"]["cognito-identity.amazonaws.com:aud"]
        assert audience == exported["identityPoolId"] == "id of shop"
        policy = resources["aws:iam/rolePolicy:RolePolicy", "put-events"]
        assert statement(policy["policy"]) == PUT_EVENTS
        attached = "aws:cognito/identityPoolRoleAttachment:IdentityPoolRoleAttachment"
        assert resources[attached, "guest"] == {
            "identityPoolId": "id of shop",
            "roles": {"unauthenticated": "arn of guest"},
        }
        assert (exported["trackingId"], exported["region"]) == (self.ID, "eu-west-1")


def test_alarm(run: Any) -> None:
    resources, _ = run("alarm", topicArn="topic")
    alarm = resources["aws:cloudwatch/metricAlarm:MetricAlarm", "no-events"]
    assert alarm["dimensions"] == {"EventTrackerArn": ARN}
    assert alarm["alarmActions"] == ["topic"]


def test_native_chain(run: Any) -> None:
    resources, exported = run("native_chain")
    dataset = resources["aws-native:personalize:Dataset", "interactions"]
    assert dataset["datasetGroupArn"] == GROUP
    assert dataset["datasetType"] == "Interactions"
    assert dataset["schemaArn"] == "schemaArn of shop"
    schema = json.loads(resources["aws-native:personalize:Schema", "shop"]["schema"])
    assert [field["name"] for field in schema["fields"]][2:] == ["EVENT_TYPE", "TIMESTAMP"]
    assert resources[TRACKER, "clicks"]["datasetGroupArn"] == GROUP
    assert exported == {"trackingId": "id-of-clicks"}


def test_move(run: Any) -> None:
    resources, before = run("before_move")
    assert list(resources) == [("aws-native:personalize:EventTracker", "clicks")]
    resources, after = run("after_move")
    assert resources == {
        (TRACKER, "clicks"): {
            "datasetGroupArn": GROUP,
            "tags": {"team": "search"},
            "adoptExisting": True,
        }
    }
    assert before == after == {"trackingId": "id-of-clicks"}


def test_accounts(run: Any) -> None:
    groups = [GROUP, GROUP.replace("123456789012", "210987654321")]
    resources, exported = run("accounts", datasetGroups=json.dumps(groups))
    for group in groups:
        account = group.split(":")[4]
        assert exported[account] == f"id-of-clicks-{account}"
        assert resources[TRACKER, f"clicks-{account}"] == {"datasetGroupArn": group}
        settings = resources["pulumi:providers:pulumi-python", account]
        assert f":{account}:role/deploy" in str(settings["personalize:assumeRole"])


@pytest.mark.parametrize("live", ["blue", "green"])
def test_blue_green(run: Any, live: str) -> None:
    groups = {"blue": f"{GROUP}-blue", "green": f"{GROUP}-green"}
    resources, exported = run("blue_green", datasetGroups=json.dumps(groups), live=live)
    assert {of["datasetGroupArn"] for of in resources.values()} == set(groups.values())
    assert exported == {"trackingId": f"id-of-clicks-{live}"}


def test_each_is_on_a_page_and_has_a_test() -> None:
    pages = "".join(page.read_text() for page in ROOT.glob("docs/**/*.md"))
    tests = "".join(test.read_text() for test in ROOT.glob("tests/*/test_*.py"))
    names = {path.stem for path in SNIPPETS.glob("*.py")}
    assert names
    assert names == set(re.findall(r"{literalinclude} \S*snippets/(\w+)\.py", pages))
    for name in names:
        assert f'"{name}"' in tests or f"/{name}.py" in tests, name


def stand_ins() -> dict[str, dict[str, Any]]:
    """The classes of the stand-ins, by module and name, with what they take and give."""
    script = """
import importlib, inspect, json, pathlib, pulumi, sys
found = {}
for path in sorted(pathlib.Path(sys.argv[1]).glob("*/[a-z]*.py")):
    module = importlib.import_module(f"{path.parent.name}.{path.stem}")
    for name, kind in vars(module).items():
        if inspect.isclass(kind) and "token" in vars(kind):
            takes = list(inspect.signature(kind.__init__).parameters)[2:]
            found[f"{module.__name__}.{name}"] = [kind.token, takes, kind.outputs]
print(json.dumps(found))
"""
    done = subprocess.run(
        [sys.executable, "-c", script, str(STANDINS)],
        env={**os.environ, "PYTHONPATH": str(STANDINS)},
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, dict[str, Any]] = json.loads(done.stdout)
    return found


@pytest.mark.skipif(
    find_spec("pulumi_aws") is None or find_spec("pulumi_aws_native") is None,
    reason="pulumi-aws or pulumi-aws-native is not installed",
)
def test_the_stand_ins_are_as_the_real_ones() -> None:
    classes = stand_ins()
    assert classes
    for path, (token, takes, gives) in classes.items():
        module, _, name = path.rpartition(".")
        real = getattr(importlib.import_module(module), name)
        assert real.pulumi_type == token
        assert set(takes) <= set(inspect.signature(real._internal_init).parameters), path
        assert all(isinstance(getattr(real, output), property) for output in gives), path
