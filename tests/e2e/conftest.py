"""A real endpoint and folders of its own for every test."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import harness
import pytest
from endpoints import Endpoint, key_service, local_endpoint
from environment import FOREIGN
from harness import PROJECT, STACK, Deployment
from kinds import named
from moto.server import ThreadedMotoServer
from moto.sts.models import sts_backends
from native_stack import NativeDeployment
from processes import Started

#: Scenarios left to `make situations`: they differ from others in what the service decides, which
#: is tested in process, or in which process dies at which moment, of which others have each.
VARIANTS = (
    "test_during_create[before-provider]",
    "test_during_create[before-everything]",
    "test_during_create[after-engine]",
    "test_during_the_delete_of_a_rename[everything]",
    "test_replace_works_with_that_option[None-clicks]",
    "test_replace_works_with_that_option[True-None]",
    "test_on_a_group_that_is_not_known_yet[*(*",
    "test_the_preview_tells_it_and_the_tracker_is_adopted[theirs]",
    "test_an_alias_changes_only_the_ownership_tag[parent]",
    "test_transforms_apply_to_the_tracker[register_stack_transformation*",
    "test_ctrl_c_ends_it_at_once_and_the_state_keeps_the_tracker[rename]",
    "test_ctrl_c_ends_it_at_once_and_the_state_keeps_the_tracker[delete]",
)
#: Those that `test_both` leaves besides: retries are botocore's, time limits and ways to die the
#: engine's, and the service is one.
VARIANTS_OF_BOTH = (
    "test_a_lost_answer_to_create_is_made_good[false]",
    "test_a_refusal_is_one_line_that_says_what_to_do[ExpiredTokenException*",
    "test_a_refusal_is_one_line_that_says_what_to_do[UnrecognizedClientException*",
    "test_during_the_delete_of_a_rename[provider]",
    "test_a_name_that_is_not_asked_for_is_kept_for_life",
    "test_calls_that_are_refused_for_now_are_made_again*",
    "test_an_endpoint_that_is_not_there",
    "test_during_create[after-everything]",
    "test_during_the_create_of_a_move",
    "test_in_use_is_waited_for",
    "test_a_group_whose_tracker_is_being_deleted_is_waited_for",
    "test_a_group_that_takes_no_tracker[600*",
    "test_a_move_to_a_group_that_has_a_tracker",
    "test_on_a_group_that_is_not_known_yet[other-other]",
    "test_different_unknown_groups_are_fine",
    "test_replace_works_with_that_option[True-clicks]",
    "test_replace_with_another_resource",
    "test_under_another_name_it_is_refused_naming_both",
    "test_it_waits_until_the_tracker_is_active",
    "test_a_hundred_take_about_as_long_as_one",
)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leaves variants to `make situations`."""
    here = Path(__file__).parent
    ours = [item for item in items if item.path.parent == here]
    both = [item for item in ours if item.path.stem == "test_both"]
    for item in [*named(ours, VARIANTS), *named(both, VARIANTS_OF_BOTH)]:
        item.add_marker("rest")


@pytest.fixture(autouse=True)
def no_credentials_but_a_stacks_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """The automation API passes this process's environment on, with what a stack has not."""
    for key in os.environ:
        if key.startswith(FOREIGN):
            monkeypatch.delenv(key)


@pytest.fixture(scope="session", autouse=True)
def cli() -> str:
    """The Pulumi CLI's version; there has to be one."""
    path = shutil.which("pulumi")
    assert path, "no Pulumi CLI on PATH: run the tests with `make test`, which sets one up"
    return subprocess.run([path, "version"], capture_output=True, text=True, check=True).stdout


@pytest.fixture(scope="session", autouse=True)
def _key_service() -> Iterator[None]:
    """A key for all stacks that have no passphrase."""
    with key_service() as told:
        harness.key_service = harness.KeyService(*told.split())
        yield
    harness.key_service = None


@pytest.fixture
def start_endpoint() -> Iterator[Callable[..., Endpoint]]:
    """Starts endpoints on ports of their own; ends them with the test."""
    with contextlib.ExitStack() as started:

        def start(*arguments: str) -> Endpoint:
            return Endpoint(started.enter_context(local_endpoint(*arguments)))

        yield start


@pytest.fixture
def endpoint(start_endpoint: Callable[..., Endpoint]) -> Endpoint:
    """An endpoint where everything is done at once; `pace` changes that."""
    return start_endpoint()


@pytest.fixture
def group(endpoint: Endpoint) -> str:
    """An ACTIVE dataset group."""
    return endpoint.group("movies")


@pytest.fixture
def deploy(tmp_path: Path, endpoint: Endpoint) -> Callable[..., Deployment]:
    """Makes stacks that share a state folder, as the stacks of one organization do."""

    def make(project: str = PROJECT, stack: str = STACK) -> Deployment:
        return Deployment(tmp_path, endpoint, project, stack)

    return make


@pytest.fixture
def shop(deploy: Callable[..., Deployment]) -> Deployment:
    """The usual stack."""
    return deploy()


@pytest.fixture
def make_native(tmp_path: Path, endpoint: Endpoint) -> Callable[..., NativeDeployment]:
    """Makes stacks of the native class, which share a state folder."""

    def make(project: str = PROJECT, stack: str = STACK) -> NativeDeployment:
        return NativeDeployment(tmp_path, endpoint, project, stack)

    return make


@pytest.fixture
def native(make_native: Callable[..., NativeDeployment]) -> NativeDeployment:
    """The usual stack, of the native class."""
    return make_native()


@pytest.fixture
def give_sts() -> Iterator[Callable[[Deployment], Callable[[], int]]]:
    """Gives a stack's provider an STS to ask: how many roles that handed out."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    # It is one for all tests of this process.
    sts_backends.reset()

    def assumed() -> int:
        return sum(len(found["global"].assumed_roles) for found in sts_backends.values())

    def give(deployment: Deployment) -> Callable[[], int]:
        deployment.environment["AWS_ENDPOINT_URL_STS"] = f"http://{host}:{port}"
        deployment.stack.workspace.env_vars = deployment.environment
        return assumed

    yield give
    server.stop()


@pytest.fixture
def start_up() -> Iterator[Callable[[Deployment], Started]]:
    """Begins ``pulumi up`` in the background; ends with the test what was left behind."""
    begun: list[Started] = []

    def begin(deployment: Deployment) -> Started:
        begun.append(deployment.start_up())
        return begun[-1]

    yield begin
    for started in begun:
        started.clean_up()
