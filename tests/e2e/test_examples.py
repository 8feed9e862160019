"""The programs of examples/, each in a copy of its folder, as a user has it."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from endpoints import REGION, Endpoint
from harness import STACK, Deployment
from pulumi_personalize.local import make_dataset_group

EXAMPLES = Path(__file__).parents[2] / "examples"

Example = Callable[..., Deployment]


@pytest.fixture
def example(tmp_path: Path, endpoint: Endpoint) -> Example:
    """Makes a stack of an example, in a copy of its folder."""

    def make(name: str, stack: str = STACK, **config: str) -> Deployment:
        made = Deployment(tmp_path, endpoint, name, stack, EXAMPLES / name)
        made.config(config)
        return made

    return make


def edit(deployment: Deployment, old: str, new: str) -> None:
    """Changes one place of the program."""
    text = program(deployment).read_text()
    assert text.count(old) == 1
    program(deployment).write_text(text.replace(old, new))


def program(deployment: Deployment) -> Path:
    """The program's file."""
    return deployment.stack_folder / "__main__.py"


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("existing-group", "datasetGroupArn"),
        ("consumer", "producer"),
        ("environments", "datasetGroups"),
        ("adoption", "datasetGroupArn"),
        ("lookup", "datasetGroupArn"),
    ],
)
def test_a_missing_configuration_value_is_named(example: Example, name: str, key: str) -> None:
    run = example(name).preview()
    assert not run.ok
    assert run.errors[0].startswith(f"Missing required configuration variable '{name}:{key}'")
    assert "Traceback" not in run.text


@pytest.fixture
def producer(example: Example, endpoint: Endpoint) -> Deployment:
    """The stack of an event tracker for an existing group."""
    made = example("existing-group", datasetGroupArn=endpoint.group("movies"))
    run = made.up()
    assert run.ok, run.text
    return made


class TestExistingGroup:
    def test_its_outputs_are_what_an_application_needs(
        self, producer: Deployment, endpoint: Endpoint
    ) -> None:
        (arn,) = endpoint.trackers().values()
        found = endpoint.client.describe_event_tracker(eventTrackerArn=arn)["eventTracker"]
        assert producer.outputs == {"trackingId": found["trackingId"], "eventTrackerArn": arn}
        assert endpoint.tags(arn)["environment"] == STACK
        assert producer.destroy().ok
        assert endpoint.trackers() == {}


def test_their_readme_makes_what_they_ask_for_at_the_local_endpoint(
    example: Example, endpoint: Endpoint
) -> None:
    readme = (EXAMPLES / "README.md").read_text().replace("\\\n", "")
    (new_group,) = re.findall(r"\$ python (-m \S+\.dataset_group .*)", readme)
    (new_tracker,) = re.findall(r"\$ (aws .*)", readme)
    (url,) = set(re.findall(r"http://127\.0\.0\.1:\d+", readme))
    stack = example("existing-group")

    def run(command: str) -> None:
        words = shlex.split(command.replace(url, endpoint.url))
        subprocess.run(words, env=stack.environment, check=True, capture_output=True)

    new_group = f"{shlex.quote(sys.executable)} {new_group}"
    run(new_group)
    (group,) = re.findall(r"datasetGroupArn (arn:\S+)", program(stack).read_text())
    stack.config({"datasetGroupArn": group})
    assert stack.up().ok
    run(new_group.replace(" shop ", " old "))
    run(new_tracker)
    adoption = example("adoption")
    (group,) = re.findall(r"datasetGroupArn (arn:\S+)", program(adoption).read_text())
    adoption.config({"datasetGroupArn": group})
    assert "adopting existing event tracker by-hand" in adoption.preview().text


class TestWholeChain:
    @pytest.fixture
    def chain(self, example: Example) -> Deployment:
        return example("whole-chain", **{"aws:region": REGION})

    def test_up_again_under_a_new_name_and_destroy(
        self, chain: Deployment, endpoint: Endpoint
    ) -> None:
        endpoint.pace(1)
        preview = chain.preview()
        assert preview.ok, preview.text
        assert preview.steps == ["create"]
        assert endpoint.operations() == []
        first = chain.up()
        assert first.ok, first.text
        group = first.outputs["datasetGroupArn"]
        (dataset,) = endpoint.client.list_datasets(datasetGroupArn=group)["datasets"]
        assert dataset["datasetType"] == "INTERACTIONS"
        outputs = chain.tracker()["outputs"]
        assert outputs["datasetGroupArn"] == group
        assert outputs["trackingId"] == first.outputs["trackingId"]
        assert any(urn.endswith("Dataset::interactions") for urn in chain.tracker()["dependencies"])
        assert chain.up(expect_no_changes=True).ok

        # It replaces all of it.
        edit(chain, 'name = f"{pulumi.get_project()}-{pulumi.get_stack()}"', 'name = "films"')
        preview = chain.preview()
        assert preview.ok, preview.text
        second = chain.up()
        assert second.ok, second.text
        assert second.outputs["trackingId"] != first.outputs["trackingId"]
        (made,) = endpoint.client.list_dataset_groups()["datasetGroups"]
        assert made["name"] == "films"
        assert made["datasetGroupArn"] == second.outputs["datasetGroupArn"]
        assert chain.tracker()["outputs"]["datasetGroupArn"] == made["datasetGroupArn"]

        endpoint.clear_calls()
        # As when Personalize is slow to notice that the group is empty.
        refused = {"code": "ResourceInUseException", "status": 400}
        endpoint.fault("DeleteDatasetGroup", "error", times=2, **refused)
        run = chain.destroy()
        assert run.ok, run.text
        deleted = [
            call["operation"]
            for call in endpoint.calls()
            if call["operation"].startswith("Delete") and call["status"] == 200
        ]
        assert deleted[:2] == ["DeleteEventTracker", "DeleteDataset"]
        assert sorted(deleted[2:]) == ["DeleteDatasetGroup", "DeleteSchema"]
        assert endpoint.trackers() == {}
        assert endpoint.client.list_datasets()["datasets"] == []
        assert endpoint.client.list_dataset_groups()["datasetGroups"] == []
        assert endpoint.client.list_schemas()["schemas"] == []

    def test_a_dataset_that_fails_is_named_in_one_line(
        self, chain: Deployment, endpoint: Endpoint
    ) -> None:
        endpoint.fault("CreateDataset", "fail")
        run = chain.up()
        assert not run.ok
        (dataset,) = endpoint.client.list_datasets()["datasets"]
        assert (
            f"RuntimeError: {dataset['datasetArn']} is CREATE FAILED: no reason given. "
            "Delete it, and run again."
        ) in run.errors
        assert "Traceback" not in run.text
        endpoint.client.delete_dataset(datasetArn=dataset["datasetArn"])
        assert chain.up().ok


def send(consumer: Deployment, *events: dict[str, Any]) -> subprocess.CompletedProcess[str]:
    """Runs the application, with its own sample of events if none are given."""
    folder = consumer.stack_folder
    sample = (folder / "app" / "events.jsonl").read_text()
    return subprocess.run(
        [sys.executable, "app/send_events.py"],
        cwd=folder,
        env=consumer.environment,
        input="\n".join(map(json.dumps, events)) or sample,
        capture_output=True,
        text=True,
        check=False,
    )


def refusal(sent: subprocess.CompletedProcess[str]) -> str:
    """Why the application gave up: the end of the one line that it says."""
    assert sent.returncode == 1
    assert sent.stdout == ""
    (line,) = sent.stderr.splitlines()
    return line.partition(": ")[2]


class TestConsumer:
    IN_PUT_EVENTS = "An error occurred (InvalidInputException) when calling the PutEvents operation"

    @pytest.fixture
    def consumer(self, example: Example, producer: Deployment, endpoint: Endpoint) -> Deployment:
        """The stack of the application that sends under the producer's tracking id."""
        name = f"organization/{producer.project}/{producer.stack.name}"
        made = example("consumer", producer=name)
        made.config({"personalize:eventsEndpointUrl": endpoint.url})
        run = made.up()
        assert run.ok, run.text
        return made

    def test_events_arrive_under_the_producers_tracking_id(
        self, consumer: Deployment, producer: Deployment, endpoint: Endpoint
    ) -> None:
        tracking_id = producer.tracker()["outputs"]["trackingId"]
        sent = send(consumer)
        assert sent.stdout == f"Events sent under {tracking_id}: 3\n"
        arrived = endpoint.events(tracking_id)
        assert [(of["sessionId"], of["userId"], of["event"]["itemId"]) for of in arrived] == [
            ("s-1", "ada", "book-1"),
            ("s-1", "ada", "book-1"),
            ("s-2", None, "book-2"),
        ]
        assert arrived[1]["event"]["eventValue"] == 12.5
        assert json.loads(arrived[2]["event"]["properties"]) == {"from": "search"}
        assert all(of["event"]["sentAt"] for of in arrived)
        assert consumer.up(expect_no_changes=True).ok
        assert consumer.destroy().ok
        assert "`pulumi up --refresh` writes it" in send(consumer).stderr

    def test_a_move_in_the_producer_reaches_the_application(
        self, consumer: Deployment, producer: Deployment, endpoint: Endpoint
    ) -> None:
        old = producer.tracker()["outputs"]["trackingId"]
        assert send(consumer).returncode == 0
        producer.config({"datasetGroupArn": endpoint.group("books")})
        moved = producer.up()
        assert moved.steps == ["create-replacement", "replace", "delete-replaced"]
        new = moved.outputs["trackingId"]
        assert refusal(send(consumer)) == (
            f"{self.IN_PUT_EVENTS}: No event tracker has the given tracking ID."
        )
        preview = consumer.preview(diff=True)
        assert preview.changes["update"] == 1
        assert f'trackingId: "{old}" => "{new}"' in " ".join(preview.text.split())
        run = consumer.up()
        assert run.ok, run.text
        assert run.outputs == {"trackingId": new}
        assert send(consumer).stdout == f"Events sent under {new}: 3\n"
        assert len(endpoint.events(new)) == 3
        assert len(endpoint.events(old)) == 3

    def test_what_goes_wrong_in_the_application_is_one_line(
        self, consumer: Deployment, producer: Deployment, endpoint: Endpoint
    ) -> None:
        good = {"sessionId": "s-1", "eventType": "click"}
        missing = "Parameter validation failed: Missing required parameter in"
        for bad, reason in [
            ({"sessionId": "s-1"}, f'{missing} eventList[0]: "eventType"'),
            ({"eventType": "click"}, f'{missing} input: "sessionId"'),
            ([], "an event is a JSON object, unlike []"),
        ]:
            sent = send(consumer, good, bad)  # type: ignore[arg-type]
            assert refusal(sent) == reason
            assert sent.stderr.startswith("Event 2 was not sent under ")
        tracking_id = producer.tracker()["outputs"]["trackingId"]
        assert len(endpoint.events(tracking_id)) == 3
        self.use(consumer, "wrong")
        assert refusal(send(consumer)) == (
            f"{self.IN_PUT_EVENTS}: No event tracker has the given tracking ID."
        )
        endpoint.fault("CreateEventTracker", "stay", status="CREATE IN_PROGRESS")
        made = endpoint.client.create_event_tracker(
            name="slow", datasetGroupArn=endpoint.group("books")
        )
        self.use(consumer, made["trackingId"])
        assert refusal(send(consumer)) == (
            f"{self.IN_PUT_EVENTS}: The event tracker of the given tracking ID is in "
            "CREATE IN_PROGRESS state, not ACTIVE."
        )
        assert endpoint.events(made["trackingId"]) == []
        endpoint.release(made["eventTrackerArn"])
        assert send(consumer).stdout == f"Events sent under {made['trackingId']}: 3\n"
        # Notices the edited file.
        assert consumer.up(refresh=True).ok
        assert send(consumer, good).stdout == f"Events sent under {tracking_id}: 1\n"
        consumer.config({"personalize:eventsEndpointUrl": "http://127.0.0.1:9"})
        assert consumer.up().ok
        assert refusal(send(consumer)) == (
            'Could not connect to the endpoint URL: "http://127.0.0.1:9/events"'
        )
        consumer.forget_environment("AWS_ACCESS_KEY_ID")
        assert refusal(send(consumer)) == "Unable to locate credentials"

    def test_a_stack_without_the_output(self, example: Example) -> None:
        example("existing-group")
        run = example("consumer", producer=f"organization/existing-group/{STACK}").preview()
        assert not run.ok
        assert run.errors[0] == (
            f"stack organization/existing-group/{STACK} has no output trackingId: run `pulumi up` "
            "there, or name another stack with "
            "`pulumi config set producer ORGANIZATION/PROJECT/STACK`"
        )
        assert "Traceback" not in run.text

    def test_a_stack_that_does_not_exist(self, example: Example) -> None:
        run = example("consumer", producer="organization/existing-group/nope").preview()
        assert not run.ok
        assert 'Preview failed: unknown stack "organization/existing-group/nope"' in run.errors

    def use(self, consumer: Deployment, tracking_id: str) -> None:
        """Changes the application's settings behind Pulumi's back."""
        settings = consumer.stack_folder / "app" / "settings.json"
        settings.write_text(
            json.dumps(json.loads(settings.read_text()) | {"trackingId": tracking_id})
        )


class TestEnvironments:
    def test_each_has_its_own_trackers_in_its_own_regions(
        self, example: Example, endpoint: Endpoint
    ) -> None:
        dev, prod = example("environments", "dev"), example("environments", "prod")
        for stack in (dev, prod):
            self.make_groups(stack, endpoint)
            run = stack.up()
            assert run.ok, run.text
            trackers = self.trackers(stack)
            assert run.outputs["trackingIds"] == {
                region: found["trackingId"] for region, found in trackers.items()
            }
        assert list(self.trackers(dev)) == ["eu-west-1"]
        assert sorted(self.trackers(prod)) == ["eu-west-1", "us-east-1"]
        assert self.trackers(dev)["eu-west-1"]["tags"] == {"environment": "dev"}
        for found in self.trackers(prod).values():
            tags = {"environment": "prod", "team": "search", "cost-centre": "4711"}
            assert found["tags"] == tags
        assert prod.destroy().ok
        left = endpoint.client_in("eu-west-1").list_event_trackers()["eventTrackers"]
        assert [found["eventTrackerArn"] for found in left] == [dev.tracker()["id"]]
        assert endpoint.trackers() == {}

    def make_groups(self, stack: Deployment, endpoint: Endpoint) -> None:
        """Makes the dataset groups that the stack's file names."""
        groups = json.loads(stack.stack.get_config("datasetGroups").value)
        for region, arn in groups.items():
            name = arn.partition("/")[2]
            assert make_dataset_group(endpoint.client_in(region), name) == arn

    def trackers(self, stack: Deployment) -> dict[str, dict[str, Any]]:
        """The outputs of the stack's trackers, by the region of their ARNs."""
        return {found["id"].split(":")[3]: found["outputs"] for found in stack.state()}


class TestAdoption:
    def test_it_comes_under_pulumi_and_stays_there(
        self, example: Example, endpoint: Endpoint, group: str
    ) -> None:
        made = endpoint.client.create_event_tracker(
            name="by-hand",
            datasetGroupArn=group,
            tags=[{"tagKey": "made", "tagValue": "by-hand"}],
        )
        arn = made["eventTrackerArn"]
        stack = example("adoption", datasetGroupArn=group)
        assert f"adopting existing event tracker by-hand ({arn})" in stack.preview().text
        run = stack.up()
        assert run.ok, run.text
        assert run.outputs == {"trackingId": made["trackingId"]}
        assert endpoint.tags(arn)["made"] == "by-hand"
        edit(stack, "    adopt_existing=True,\n", "")
        assert stack.up(expect_no_changes=True).ok
        # What would replace it is refused, and so is a destroy.
        stack.config({"datasetGroupArn": endpoint.group("books")})
        refused = stack.preview()
        assert not refused.ok
        assert "as it is currently marked for protection" in refused.errors[0]
        stack.config({"datasetGroupArn": group})
        refused = stack.destroy()
        assert not refused.ok
        assert "because it is protected" in refused.text
        edit(stack, "protect=True)", "retain_on_delete=True)")
        assert stack.up().ok
        assert stack.destroy().ok
        assert stack.state() == []
        assert endpoint.trackers() == {"by-hand": arn}


class TestLookup:
    def test_trackers_of_other_stacks_or_of_nobody(
        self, example: Example, endpoint: Endpoint, group: str
    ) -> None:
        chain = example("whole-chain", **{"aws:region": REGION}).up()
        assert chain.ok, chain.text
        stack = example(
            "lookup", datasetGroupArn=group, wholeChain=f"organization/whole-chain/{STACK}"
        )
        refused = stack.preview()
        assert refused.errors[0].startswith(f"dataset group {group} has no event tracker. ")
        assert "Traceback" not in refused.text
        endpoint.fault("CreateEventTracker", "stay", status="CREATE IN_PROGRESS")
        made = endpoint.client.create_event_tracker(name="theirs", datasetGroupArn=group)
        refused = stack.preview()
        assert refused.errors[0] == (
            f"{made['eventTrackerArn']} is CREATE IN_PROGRESS: wait for ACTIVE"
        )
        endpoint.release(made["eventTrackerArn"])
        run = stack.up()
        assert run.ok, run.text
        assert run.outputs == {
            "trackingId": made["trackingId"],
            "trackingIdOfWholeChain": chain.outputs["trackingId"],
        }
        assert stack.destroy().ok
        assert len(endpoint.trackers()) == 2

    def test_a_stack_without_the_output(
        self, example: Example, endpoint: Endpoint, group: str
    ) -> None:
        endpoint.client.create_event_tracker(name="theirs", datasetGroupArn=group)
        name = f"organization/{example('existing-group').project}/{STACK}"
        run = example("lookup", datasetGroupArn=group, wholeChain=name).preview()
        assert not run.ok
        assert run.errors[0] == (
            f"stack {name} has no output datasetGroupArn: run `pulumi up` there, or name another "
            "stack with `pulumi config set wholeChain ORGANIZATION/PROJECT/STACK`"
        )
        assert "Traceback" not in run.text


def test_the_program_with_unit_tests_runs_too(example: Example, endpoint: Endpoint) -> None:
    groups = {department: endpoint.group(department) for department in ("movies", "books")}
    stack = example("testing", datasetGroups=json.dumps(groups))
    run = stack.up()
    assert run.ok, run.text
    assert run.outputs == {
        found["outputs"]["tags"]["department"]: found["outputs"]["trackingId"]
        for found in stack.state()
    }
