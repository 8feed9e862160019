"""Users' own unit tests with `pulumi.runtime.set_mocks`: neither the CLI nor a network is needed.

Each runs in a process of its own: once they are set, mocks stay in force.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from pulumi_personalize.service.inputs import Context, Inputs
from pulumi_personalize.service.ownership import two_of_one_program

EXAMPLE = Path(__file__).parents[2] / "examples" / "testing"

NO_NETWORK = """
import sys


def refuse(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "subprocess.Popen", "os.posix_spawn"):
        raise AssertionError(f"a unit test asks for {event}")


sys.addaudithook(refuse)
"""

Python = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def python(tmp_path: Path) -> Python:
    """Runs Python where there is no CLI, no network and nothing to start."""
    (tmp_path / "sitecustomize.py").write_text(NO_NETWORK)

    def run(*arguments: str, cwd: Path = tmp_path) -> subprocess.CompletedProcess[str]:
        environment = {"PATH": str(tmp_path), "PYTHONPATH": str(tmp_path)}
        # Pulumi's SDK asks for a loop that is not there, of which Python 3.12 and 3.13 warn.
        pulumis = "ignore:There is no current event loop:DeprecationWarning"
        command = [sys.executable, "-W", "error", "-W", pulumis, *arguments]
        return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True)

    return run


@pytest.mark.parametrize(
    "asks", ["socket.create_connection(('127.0.0.1', 9))", "subprocess.run(['pulumi', 'version'])"]
)
def test_network_and_cli_are_out_of_reach(python: Python, asks: str) -> None:
    run = python("-c", f"import socket, subprocess; {asks}")
    assert "AssertionError: a unit test asks for " in run.stderr


def test_the_example_as_it_is(python: Python, tmp_path: Path) -> None:
    copy = shutil.copytree(EXAMPLE, tmp_path / "testing")
    run = python("-m", "pytest", "-q", cwd=copy)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "3 passed" in run.stdout


def test_mocks_and_programs_each_have_their_own_names(python: Python) -> None:
    run = python(
        "-c",
        """
import json
import pulumi
from pulumi_personalize import EventTracker


class Mocks(pulumi.runtime.Mocks):
    def new_resource(self, args):
        print(json.dumps([args.typ, args.name, args.resource_id, sorted(args.inputs)]))
        return "an-arn", {**args.inputs, "trackingId": "an-id", "creationDateTime": "now"}

    def call(self, args):
        return {}


pulumi.runtime.set_mocks(Mocks())


@pulumi.runtime.test
def program():
    tracker = EventTracker("clicks", "a-group", adopt_existing=True)
    found = EventTracker.get("theirs", tracker.id)
    outputs = [
        tracker.dataset_group_arn,
        tracker.adopt_existing,
        tracker.creation_date_time,
        tracker.status,
        found.id,
        found.tracking_id,
    ]
    return pulumi.Output.all(*outputs).apply(lambda values: print(json.dumps(values)))


program()
""",
    )
    assert run.returncode == 0, run.stderr
    kind, context = "pulumi-python:dynamic/personalize:EventTracker", "resourceContext"
    assert [json.loads(line) for line in run.stdout.splitlines()] == [
        [kind, "clicks", "", ["__provider", "adoptExisting", "datasetGroupArn", context]],
        [kind, "theirs", "an-arn", ["__provider", context]],
        # An output that the mock does not give is None.
        ["a-group", True, "now", None, "an-arn", "an-id"],
    ]


TWO_PROVIDERS = """
import asyncio
import contextvars
import gc

import pulumi
from pulumi import Output, ProviderResource, ResourceOptions
from pulumi_personalize import EventTracker, InputError, native, program


class Mocks(pulumi.runtime.Mocks):
    def new_resource(self, args):
        return "an-id", args.inputs

    def call(self, args):
        return {}


def provider(name, **settings):
    keys = {f"personalize:{key}": value for key, value in settings.items()}
    return ProviderResource("pulumi-python", name, keys)


def tracker(name, group, provider=None):
    return EventTracker(name, group, opts=ResourceOptions(provider=provider)).dataset_group_arn


def default_and_explicit():
    return Output.all(tracker("a", "G"), tracker("b", "G", provider("second")))


def two_explicit():
    url = Output.from_input("http://x/")
    first, second = provider("one", endpointUrl="http://x"), provider("two", endpointUrl=url)
    return Output.all(tracker("a", "G", first), tracker("b", Output.concat("G"), second))


def of_the_native_class(name, provider=None):
    return native.EventTracker(name, "G", opts=ResourceOptions(provider=provider)).dataset_group_arn


def dynamic_and_native():
    return Output.all(tracker("a", "G"), of_the_native_class("b"))


def two_explicit_native():
    first, second = native.Provider("one", profile="x"), native.Provider("two")
    return Output.all(of_the_native_class("a", first), of_the_native_class("b", second))


def native_alone():
    return Output.all(of_the_native_class("b"))


def all_different():
    second, third = provider("second"), provider("third", endpointUrl="http://x")
    return Output.all(
        tracker("a", "G"), tracker("b", "H", second), tracker("c", "G", third), tracker("d", "G")
    )


def not_known():
    # As of a resource that is still to be made.
    url = Output(set(), Output.from_input("http://x").future(), is_known())
    return Output.all(tracker("a", "G"), tracker("b", "G", provider("second", endpointUrl=url)))


def is_known():
    known = asyncio.get_event_loop().create_future()
    known.set_result(False)
    return known


def explicit_alone():
    return Output.all(tracker("b", "G", provider("second")))


def outcome(run):
    try:
        pulumi.runtime.test(run)()
    except InputError as error:
        assert isinstance(error, pulumi.RunError)
        return str(error)
    return "fine"
"""
# In the words of one provider's refusal.
REASON = two_of_one_program(Inputs("G", None, context=Context(resource="b")), Context(resource="a"))
REFUSED = f"declaring event tracker b: {REASON.reason}.".replace("G,", "G, through two providers,")


def outcomes(python: Python, program: str) -> list[str]:
    run = python("-c", TWO_PROVIDERS + program)
    assert run.returncode == 0, run.stderr
    return run.stdout.splitlines()


def test_two_providers_of_one_program_do_not_share_a_group(python: Python) -> None:
    assert outcomes(
        python,
        """
pulumi.runtime.set_mocks(Mocks())
for run in (default_and_explicit, two_explicit, dynamic_and_native, two_explicit_native):
    print(outcome(run))
for run in (all_different, explicit_alone, native_alone):
    print(outcome(run))
pulumi.runtime.set_mocks(Mocks(), preview=True)
print(outcome(not_known))
""",
    ) == [*[REFUSED] * 4, *["fine"] * 4]


def test_what_one_program_claims_is_forgotten_with_it(python: Python) -> None:
    assert outcomes(
        python,
        """
def afresh(run):
    pulumi.runtime.set_mocks(Mocks())
    print(outcome(run))


for run in (all_different, explicit_alone, default_and_explicit) + (explicit_alone,) * 9:
    contextvars.copy_context().run(afresh, run)
gc.collect()
# Pulumi itself keeps the first run's context and, with the event loop, the last ones.
print(sum(type(found) is program.Program for found in gc.get_objects()) <= 6)
""",
    ) == ["fine", "fine", REFUSED, *["fine"] * 9, "True"]


@pytest.mark.parametrize(
    "hides",
    ["program.settings = None", "program.getattr = lambda _object, _name, otherwise: otherwise"],
)
def test_without_what_is_private_to_the_sdk_nothing_is_refused(python: Python, hides: str) -> None:
    run = "pulumi.runtime.set_mocks(Mocks())\nprint(outcome(default_and_explicit))"
    assert outcomes(python, f"{hides}\n{run}") == ["fine"]


@pytest.mark.parametrize(
    ("organization", "told"), [("acme", True), ("organization", False), (None, False)]
)
def test_organization_is_part_of_the_context_where_it_says_something(
    python: Python, organization: str | None, told: bool
) -> None:
    program = f"""
class Noting(Mocks):
    def new_resource(self, args):
        print(args.inputs["resourceContext"])
        return super().new_resource(args)


pulumi.runtime.set_mocks(Noting(), organization={organization!r})
outcome(lambda: tracker("a", "G"))
"""
    (context,) = outcomes(python, program)
    assert ("organization=acme" in context) is told
    assert ("organization" in context) is told


def test_deleted_with_of_a_dataset_group_is_refused(python: Python) -> None:
    assert outcomes(
        python,
        """
pulumi.runtime.set_mocks(Mocks())


def run():
    group = pulumi.ComponentResource("aws-native:personalize:DatasetGroup", "movies")
    EventTracker("clicks", "G", opts=ResourceOptions(deleted_with=group))


print(outcome(run))
""",
    ) == [
        "declaring event tracker clicks: deleted_with=movies would leave it undeleted on destroy, "
        "and Personalize deletes no dataset group that has an event tracker. Remove deleted_with."
    ]
