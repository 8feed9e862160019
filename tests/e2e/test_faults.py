"""What breaks in real deployments, with the real CLI: nothing is lost and nothing doubled."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from endpoints import Endpoint
from harness import Deployment, shows_traceback
from processes import Started, eventually

THROTTLED = {"code": "ThrottlingException", "status": 400}
FAILING = {"code": "InternalServerError", "status": 500}


def without_seconds(text: str) -> str:
    """A message without the time waited, which a loaded machine stretches."""
    return re.sub(r"after \d+ s", "after N s", text)


class TestAnswers:
    @pytest.mark.parametrize("marked", ["true", "false"])
    def test_a_lost_answer_to_create_is_made_good(
        self, shop: Deployment, endpoint: Endpoint, group: str, marked: str
    ) -> None:
        shop.config({"personalize:ownershipTag": marked})
        shop.trackers({"resource": "clicks", "dataset_group_arn": group, "name": "clicks"})
        endpoint.fault("CreateEventTracker", "close", when="after")
        run = shop.up()
        assert run.ok, run.text
        assert endpoint.operations().count("CreateEventTracker") == 2
        assert endpoint.trackers() == {"clicks": shop.tracker()["id"]}

    @pytest.mark.parametrize("error", [THROTTLED, FAILING], ids=["throttled", "failing"])
    def test_calls_that_are_refused_for_now_are_made_again(
        self, shop: Deployment, endpoint: Endpoint, group: str, error: dict[str, object]
    ) -> None:
        declared = {"resource": "clicks", "dataset_group_arn": group, "name": "clicks"}
        for operation in (
            "DescribeDatasetGroup",
            "ListDatasets",
            "ListEventTrackers",
            "CreateEventTracker",
            "DescribeEventTracker",
            "TagResource",
        ):
            endpoint.fault(operation, "error", times=2, **error)
        shop.trackers(declared)
        run = shop.up()
        assert run.ok, run.text
        assert endpoint.trackers() == {"clicks": shop.tracker()["id"]}
        for operation in ("UntagResource", "ListTagsForResource", "DeleteEventTracker"):
            endpoint.fault(operation, "error", times=2, **error)
        assert shop.destroy().ok
        assert endpoint.trackers() == {}

    def test_create_failed_is_cleaned_up_and_named(
        self, shop: Deployment, endpoint: Endpoint, group: str
    ) -> None:
        shop.trackers({"resource": "clicks", "dataset_group_arn": group, "name": "clicks"})
        endpoint.fault("CreateEventTracker", "fail")
        run = shop.up()
        assert not run.ok
        assert run.lines[0].startswith("creating event tracker clicks (arn:aws:")
        assert "): CREATE FAILED: " in run.lines[0]
        assert run.lines[0].endswith(" tracker was removed.")
        assert endpoint.trackers() == {}
        assert shop.up().ok
        assert endpoint.trackers() == {"clicks": shop.tracker()["id"]}

    @pytest.mark.parametrize(
        ("code", "operation", "what", "advice"),
        [
            (
                "AccessDeniedException",
                "CreateEventTracker",
                "creating event tracker clicks",
                "personalize:CreateEventTracker",
            ),
            (
                "ExpiredTokenException",
                "ListEventTrackers",
                "reading event trackers of dataset group "
                "arn:aws:personalize:us-east-1:123456789012:dataset-group/movies",
                "aws sso login",
            ),
            (
                "UnrecognizedClientException",
                "DescribeDatasetGroup",
                "reading dataset group "
                "arn:aws:personalize:us-east-1:123456789012:dataset-group/movies",
                "account and partition",
            ),
        ],
    )
    def test_a_refusal_is_one_line_that_says_what_to_do(
        self,
        shop: Deployment,
        endpoint: Endpoint,
        group: str,
        code: str,
        operation: str,
        what: str,
        advice: str,
    ) -> None:
        if operation == "DescribeDatasetGroup":
            # Else a dataset would tell of the group.
            endpoint.fault("ListDatasets", "error", code="AccessDeniedException", times=None)
        endpoint.fault(operation, "error", code=code, status=400, message="no", times=None)
        shop.trackers({"resource": "clicks", "dataset_group_arn": group, "name": "clicks"})
        run = shop.up()
        assert not run.ok
        told, found, advised = run.lines[0].partition(f": {code}: no. ")
        assert found
        assert told == what
        assert advice in advised
        assert "\n" not in advised
        assert not run.shows_traceback

    def test_without_credentials(self, shop: Deployment, group: str) -> None:
        # The stack's key is to be had with credentials only.
        shop.pulumi("stack", "change-secrets-provider", "passphrase")
        shop.forget_environment("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
        shop.trackers({"resource": "clicks", "dataset_group_arn": group})
        run = shop.preview()
        (line,) = run.lines
        assert line.startswith(
            f"reading datasets of dataset group {group}: "
            "NoCredentialsError: Unable to locate credentials. "
        )
        assert not run.shows_traceback

    def test_an_endpoint_that_is_not_there(self, shop: Deployment, group: str) -> None:
        shop.config({"personalize:endpointUrl": "http://127.0.0.1:9"})
        shop.trackers({"resource": "clicks", "dataset_group_arn": group})
        run = shop.preview()
        (line,) = run.lines
        assert line.startswith(
            f"reading datasets of dataset group {group}: EndpointConnectionError: "
            'Could not connect to the endpoint URL: "http://127.0.0.1:9/". '
        )
        assert "personalize:endpointUrl" in line

    @pytest.mark.parametrize(
        ("key", "text", "advice"),
        [("createTimout", "60", "personalize:createTimeout?"), ("createTimeout", "-1", "86400")],
    )
    def test_configuration_that_cannot_be_used(
        self, shop: Deployment, group: str, key: str, text: str, advice: str
    ) -> None:
        shop.config({f"personalize:{key}": text})
        shop.trackers({"resource": "clicks", "dataset_group_arn": group})
        run = shop.preview()
        (error,) = run.errors
        assert error.startswith(
            f"pulumi_personalize.ConfigurationError: reading configuration personalize:{key}: "
        )
        assert advice in error


class TestTimeLimit:
    def test_an_unfinished_create_is_resumed(
        self, shop: Deployment, endpoint: Endpoint, group: str
    ) -> None:
        shop.config({"personalize:createTimeout": "2"})
        shop.trackers({"resource": "clicks", "dataset_group_arn": group})
        endpoint.fault("CreateEventTracker", "stay", status="CREATE IN_PROGRESS")
        run = shop.up()
        ((name, arn),) = endpoint.trackers().items()
        assert without_seconds(run.errors[0]).startswith(
            f"pulumi_personalize.WaitTimeoutError: creating event tracker {name} ({arn}): still "
            "CREATE IN_PROGRESS after N s. personalize:createTimeout "
        )
        assert ": run `pulumi up` again" in run.errors[0]
        assert "adopt_existing" not in run.errors[0]
        assert shop.state() == []
        endpoint.release()
        run = shop.up()
        assert run.ok, run.text
        assert re.search(rf"resuming .* event tracker {name} \({arn}\)", run.text)
        assert shop.tracker()["id"] == arn
        assert endpoint.trackers() == {name: arn}
        assert shop.up(expect_no_changes=True).ok

    def test_without_the_mark_the_error_gives_the_line_that_adopts(
        self, shop: Deployment, endpoint: Endpoint, group: str
    ) -> None:
        shop.config({"personalize:createTimeout": "2", "personalize:ownershipTag": "false"})
        declared = {"resource": "clicks", "dataset_group_arn": group}
        shop.trackers(declared)
        endpoint.fault("CreateEventTracker", "stay", status="CREATE IN_PROGRESS")
        run = shop.up()
        assert ": set adopt_existing=True and run `pulumi up` again" in run.errors[0]
        before = endpoint.trackers()
        endpoint.release()
        assert not shop.preview().ok
        shop.trackers(declared | {"adopt_existing": True})
        assert shop.up().ok
        assert endpoint.trackers() == before

    def test_a_delete_that_takes_too_long_says_so_and_the_next_one_ends_it(
        self, shop: Deployment, endpoint: Endpoint, group: str
    ) -> None:
        shop.config({"personalize:deleteTimeout": "1"})
        shop.trackers({"resource": "clicks", "dataset_group_arn": group, "name": "clicks"})
        assert shop.up().ok
        endpoint.fault("DeleteEventTracker", "stay", status="DELETE IN_PROGRESS")
        run = shop.destroy()
        arn = shop.tracker()["id"]
        # A busy machine may have looked only once by then.
        line = without_seconds(run.lines[0]).replace("DELETE PENDING", "DELETE IN_PROGRESS")
        assert line.startswith(
            f"deleting event tracker clicks ({arn}): still DELETE IN_PROGRESS after N s. Run again"
        )
        assert "personalize:deleteTimeout" in line
        endpoint.release()
        assert shop.destroy().ok
        assert shop.state() == []


StartUp = Callable[[Deployment], Started]


class TestKilled:
    @pytest.fixture
    def renamed(self, shop: Deployment, group: str) -> Deployment:
        """A stack whose program asks for another name than its tracker has."""
        declared = {"resource": "clicks", "dataset_group_arn": group}
        shop.trackers(declared | {"name": "old"})
        assert shop.up().ok
        shop.trackers(declared | {"name": "new"})
        return shop

    @pytest.mark.parametrize("victim", ["provider", "engine", "everything"])
    @pytest.mark.parametrize("when", ["before", "after"])
    def test_during_create(
        self,
        shop: Deployment,
        endpoint: Endpoint,
        group: str,
        victim: str,
        when: str,
        start_up: StartUp,
    ) -> None:
        shop.trackers({"resource": "clicks", "dataset_group_arn": group})
        if when == "before":
            endpoint.fault("CreateEventTracker", "delay", seconds=60, when="before")
        else:
            endpoint.fault("CreateEventTracker", "stay", status="CREATE PENDING")
        started = start_up(shop)
        sign = "CreateEventTracker" if when == "before" else "DescribeEventTracker"
        eventually(lambda: sign in endpoint.operations())
        started.kill(victim)
        eventually(started.is_without_provider)
        shop.unlock()
        before = endpoint.trackers()
        assert len(before) == (when == "after")
        endpoint.release()
        endpoint.clear_faults()
        run = shop.up()
        assert run.ok, run.text
        assert endpoint.trackers() == {shop.tracker()["outputs"]["name"]: shop.tracker()["id"]}
        assert set(before.values()) <= {shop.tracker()["id"]}

    @pytest.mark.parametrize("victim", ["provider", "engine", "everything"])
    def test_during_the_delete_of_a_rename(
        self, renamed: Deployment, endpoint: Endpoint, victim: str, start_up: StartUp
    ) -> None:
        endpoint.fault("DeleteEventTracker", "stay", status="DELETE PENDING")
        started = start_up(renamed)
        eventually(lambda: "DeleteEventTracker" in endpoint.operations())
        started.kill(victim)
        renamed.unlock()
        endpoint.release()
        run = renamed.up()
        assert run.ok, run.text
        assert endpoint.trackers() == {"new": renamed.tracker()["id"]}

    def test_between_the_delete_and_the_create_of_a_rename(
        self, renamed: Deployment, endpoint: Endpoint, start_up: StartUp
    ) -> None:
        endpoint.fault("CreateEventTracker", "delay", seconds=60, when="before")
        endpoint.clear_calls()
        started = start_up(renamed)
        eventually(lambda: "CreateEventTracker" in endpoint.operations())
        started.kill("everything")
        renamed.unlock()
        endpoint.clear_faults()
        assert endpoint.trackers() == {}
        run = renamed.up()
        assert run.ok, run.text
        assert endpoint.trackers() == {"new": renamed.tracker()["id"]}

    def test_during_the_create_of_a_move(
        self, shop: Deployment, endpoint: Endpoint, group: str, start_up: StartUp
    ) -> None:
        books = endpoint.group("books")
        shop.trackers({"resource": "clicks", "dataset_group_arn": group, "name": "old"})
        first = shop.up()
        shop.trackers({"resource": "clicks", "dataset_group_arn": books, "name": "new"})
        endpoint.fault("CreateEventTracker", "stay", status="CREATE PENDING")
        endpoint.clear_calls()
        started = start_up(shop)
        eventually(lambda: "DescribeEventTracker" in endpoint.operations())
        started.kill("everything")
        shop.unlock()
        assert shop.outputs["clicks"] == first.outputs["clicks"]
        assert set(endpoint.trackers()) == {"old", "new"}
        endpoint.release()
        run = shop.up()
        assert run.ok, run.text
        assert endpoint.trackers() == {"new": shop.tracker()["id"]}


class TestDelete:
    def test_in_use_is_waited_for(self, shop: Deployment, endpoint: Endpoint, group: str) -> None:
        shop.trackers({"resource": "clicks", "dataset_group_arn": group})
        assert shop.up().ok
        endpoint.fault(
            "DeleteEventTracker", "error", code="ResourceInUseException", status=400, times=3
        )
        run = shop.destroy()
        assert run.ok, run.text
        assert endpoint.trackers() == {}


class TestRace:
    def test_two_stacks_on_one_group_one_wins_and_both_states_are_true(
        self, deploy: Callable[..., Deployment], endpoint: Endpoint, group: str, start_up: StartUp
    ) -> None:
        stacks = [deploy(stack=name) for name in ("one", "two")]
        # Held back until both have seen that the group is free.
        endpoint.fault("CreateEventTracker", "delay", seconds=4, when="before", times=2)
        started = []
        for stack in stacks:
            stack.trackers({"resource": "clicks", "dataset_group_arn": group, "name": "clicks"})
            started.append(start_up(stack))
        shown = [run.wait() for run in started]
        states = [stack.state() for stack in stacks]
        assert sorted(len(state) for state in states) == [0, 1]
        (winner,) = states[0] + states[1]
        assert endpoint.trackers() == {"clicks": winner["id"]}
        lost = shown[0] if not states[0] else shown[1]
        assert f"event tracker 'clicks' ({winner['id']}, " in lost
        assert not shows_traceback(lost)
