"""Failures of the service, of a process, or of the network: nothing is lost, nothing doubled."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from endpoints import Endpoint
from harness import Deployment, shows_traceback
from processes import Started, eventually

StartUp = Callable[[Deployment], Started]


class TestAnswers:
    def test_a_lost_answer_to_create_is_made_good(
        self, shop: Deployment, endpoint: Endpoint, group: str
    ) -> None:
        shop.declare(group, name="clicks")
        endpoint.fault("CreateEventTracker", "close", when="after")
        run = shop.up()
        assert run.ok, run.text
        assert endpoint.operations().count("CreateEventTracker") == 2
        assert endpoint.trackers() == shop.existing

    def test_without_the_ownership_tag_a_lost_answer_is_an_error_that_names_adoption(
        self, shop: Deployment, endpoint: Endpoint, group: str
    ) -> None:
        shop.config({"personalize:ownershipTag": "false"})
        shop.declare(group, name="clicks")
        endpoint.fault("CreateEventTracker", "close", when="after")
        line = shop.up().line
        (arn,) = endpoint.trackers().values()
        assert arn in line
        assert "set adopt_existing=True" in line
        shop.declare(group, name="clicks", adopt_existing=True)
        run = shop.up()
        assert run.ok, run.text
        assert shop.existing == endpoint.trackers() == {"clicks": arn}
        assert endpoint.tags(arn) == {}

    def test_calls_that_are_refused_for_now_are_made_again(
        self, shop: Deployment, endpoint: Endpoint, group: str
    ) -> None:
        errors: list[dict[str, object]] = [
            {"code": "ThrottlingException", "status": 400},
            {"code": "InternalServerError", "status": 500},
        ]

        def refuse(*operations: str) -> None:
            for number, operation in enumerate(operations):
                endpoint.fault(operation, "error", times=2, **errors[number % 2])

        refuse("DescribeDatasetGroup", "ListDatasets", "ListEventTrackers")
        refuse("CreateEventTracker", "DescribeEventTracker", "TagResource")
        shop.declare(group, name="clicks")
        run = shop.up()
        assert run.ok, run.text
        assert endpoint.trackers() == shop.existing
        refuse("ListTagsForResource", "DeleteEventTracker")
        run = shop.destroy()
        assert run.ok, run.text
        assert endpoint.trackers() == {}

    def test_create_failed_is_cleaned_up_and_named(
        self, either: Deployment, endpoint: Endpoint, group: str
    ) -> None:
        either.declare(group, name="clicks")
        endpoint.fault("CreateEventTracker", "fail")
        line = either.up().line
        assert line.startswith("creating event tracker clicks (arn:aws:")
        assert "): CREATE FAILED: " in line
        assert line.endswith(" tracker was removed.")
        assert (endpoint.trackers(), either.state()) == ({}, [])
        run = either.up()
        assert run.ok, run.text
        assert endpoint.trackers() == either.existing

    def test_a_refusal_is_one_line_that_says_what_to_do(
        self, either: Deployment, endpoint: Endpoint, group: str
    ) -> None:
        code = "AccessDeniedException"
        endpoint.fault("CreateEventTracker", "error", code=code, message="no", times=None)
        either.declare(group, name="clicks")
        run = either.up()
        start, found, advice = run.line.partition(f": {code}: no. ")
        assert (start, bool(found)) == ("creating event tracker clicks", True)
        assert "personalize:CreateEventTracker" in advice
        assert endpoint.trackers() == {}

    def test_without_credentials(self, shop: Deployment, group: str) -> None:
        # The key service needs credentials, too.
        shop.pulumi("stack", "change-secrets-provider", "passphrase")
        for key in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            del shop.environment[key]
        shop.stack.workspace.env_vars = shop.environment
        shop.declare(group)
        assert shop.preview().line.startswith(
            f"reading datasets of dataset group {group}: "
            "NoCredentialsError: Unable to locate credentials. "
        )

    def test_configuration_that_cannot_be_used(self, either: Deployment, group: str) -> None:
        either.config({"personalize:createTimout": "60"})
        either.declare(group)
        run = either.preview()
        assert not run.ok
        assert "did you mean personalize:createTimeout?" in run.errors[0]
        assert not shows_traceback(run.text)


class TestTimeLimit:
    def test_of_a_create_and_of_a_delete(
        self, shop: Deployment, endpoint: Endpoint, group: str
    ) -> None:
        shop.config({"personalize:createTimeout": "2", "personalize:deleteTimeout": "1"})
        shop.declare(group)
        endpoint.fault("CreateEventTracker", "stay", status="CREATE IN_PROGRESS")
        line = shop.up().line
        ((name, arn),) = endpoint.trackers().items()
        start = rf"creating event tracker {name} \({arn}\): still CREATE IN_PROGRESS after \d+ s\. "
        assert re.match(f"{start}Increase personalize:createTimeout", line)
        assert ": run `pulumi up` again, which resumes it" in line
        assert shop.state() == []
        endpoint.release()
        run = shop.up()
        assert run.ok, run.text
        assert re.search(rf"resuming .* event tracker {name} \({arn}\)", run.text)
        assert shop.existing == endpoint.trackers() == {name: arn}

        endpoint.fault("DeleteEventTracker", "stay", status="DELETE IN_PROGRESS")
        line = shop.destroy().line
        start = rf"deleting event tracker {name} \({arn}\): still DELETE \w+ after \d+ s\. "
        assert re.match(f"{start}Run again", line)
        assert "personalize:deleteTimeout" in line
        assert shop.tracker()["id"] == arn
        endpoint.release()
        run = shop.destroy()
        assert run.ok, run.text
        assert shop.state() == []


class TestKilled:
    @pytest.mark.parametrize("victim", ["provider", "everything"])
    def test_during_create(
        self,
        shop: Deployment,
        endpoint: Endpoint,
        group: str,
        victim: str,
        start_up: StartUp,
    ) -> None:
        shop.declare(group)
        endpoint.fault("CreateEventTracker", "stay", status="CREATE PENDING")
        started = start_up(shop)
        eventually(lambda: "DescribeEventTracker" in endpoint.operations())
        started.kill(victim)
        shop.unlock()
        before = endpoint.trackers()
        assert (len(before), shop.state()) == (1, [])
        endpoint.release()
        run = shop.up()
        assert run.ok, run.text
        assert endpoint.trackers() == shop.existing == before

    def test_native_provider_ends_with_a_killed_engine_and_the_next_up_resumes(
        self, native: Deployment, endpoint: Endpoint, group: str, start_up: StartUp
    ) -> None:
        endpoint.fault("CreateEventTracker", "stay", status="CREATE PENDING")
        native.declare(group)
        started = start_up(native)
        eventually(endpoint.trackers)
        started.kill("engine")
        assert started.providers
        eventually(started.is_without_provider)
        native.unlock()
        before = endpoint.trackers()
        endpoint.release()
        run = native.up()
        assert run.ok, run.text
        assert endpoint.trackers() == native.existing == before

    def test_between_the_delete_and_the_create_of_a_rename(
        self, shop: Deployment, endpoint: Endpoint, group: str, start_up: StartUp
    ) -> None:
        shop.declare(group, name="old")
        assert shop.up().ok
        shop.declare(group, name="new")
        endpoint.fault("CreateEventTracker", "delay", seconds=60, when="before")
        endpoint.clear_calls()
        started = start_up(shop)
        eventually(lambda: "CreateEventTracker" in endpoint.operations())
        started.kill("everything")
        shop.unlock()
        endpoint.clear_faults()
        assert endpoint.trackers() == {}
        run = shop.up()
        assert run.ok, run.text
        assert endpoint.trackers() == shop.existing
        assert list(shop.existing) == ["new"]

    def test_during_the_create_of_a_move(
        self, shop: Deployment, endpoint: Endpoint, group: str, start_up: StartUp
    ) -> None:
        shop.declare(group, name="old")
        first = shop.up()
        shop.declare(endpoint.group("books"), name="new")
        endpoint.fault("CreateEventTracker", "stay", status="CREATE PENDING")
        endpoint.clear_calls()
        started = start_up(shop)
        eventually(lambda: "DescribeEventTracker" in endpoint.operations())
        started.kill("everything")
        shop.unlock()
        assert shop.outputs["clicks"] == first.outputs["clicks"]
        assert set(endpoint.trackers()) == {"old", "new"}
        new = endpoint.trackers()["new"]
        endpoint.release()
        run = shop.up()
        assert run.ok, run.text
        assert endpoint.trackers() == shop.existing == {"new": new}


class TestRace:
    def test_two_stacks_on_one_group_one_wins_and_both_states_are_correct(
        self, deploy: Callable[..., Deployment], endpoint: Endpoint, group: str, start_up: StartUp
    ) -> None:
        stacks = [deploy(stack=name) for name in ("one", "two")]
        # Delayed until both have seen that the group is free.
        endpoint.fault("CreateEventTracker", "delay", seconds=6, when="before", times=2)
        started = []
        for stack in stacks:
            stack.declare(group, name="clicks")
            started.append(start_up(stack))
        outputs = [run.wait() for run in started]
        states = [stack.state() for stack in stacks]
        assert sorted(len(state) for state in states) == [0, 1]
        (winner,) = states[0] + states[1]
        assert endpoint.trackers() == {"clicks": winner["id"]}
        lost = outputs[0] if not states[0] else outputs[1]
        assert f"event tracker 'clicks' ({winner['id']}, " in lost
        assert not shows_traceback(lost)
