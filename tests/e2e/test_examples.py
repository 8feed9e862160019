"""The programs of `examples/` and of the README, each in a copy of its folder."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from endpoints import Endpoint
from harness import CREATE_FIRST, STACK, Deployment
from pulumi_personalize.local import make_dataset_group

ROOT = Path(__file__).parents[2]

Example = Callable[..., Deployment]


@pytest.fixture
def example(tmp_path: Path, endpoint: Endpoint) -> Example:
    """Makes a stack of an example, in a copy of its folder."""

    def make(name: str, stack: str = STACK, **config: str) -> Deployment:
        made = Deployment(tmp_path, endpoint, name, stack, ROOT / "examples" / name)
        made.config(config)
        return made

    return make


def test_program_of_the_readme(shop: Deployment, group: str) -> None:
    (program,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    shop.program(program)
    shop.config({"datasetGroupArn": group})
    run = shop.up()
    assert run.ok, run.text
    assert run.outputs == {"trackingId": shop.tracker()["outputs"]["trackingId"]}


def test_lookup_of_a_group_and_of_another_stacks_tracker(
    example: Example, endpoint: Endpoint, group: str
) -> None:
    other = example("existing-group", datasetGroupArn=endpoint.group("other")).up()
    assert other.ok, other.text
    made = endpoint.client.create_event_tracker(name="theirs", datasetGroupArn=group)
    stack = f"organization/existing-group/{STACK}"
    run = example("lookup", datasetGroupArn=group, otherStack=stack).up()
    assert run.ok, run.text
    found = {"trackingId": made["trackingId"], "trackingIdOfStack": other.outputs["trackingId"]}
    assert run.outputs == found


def send(consumer: Deployment, *events: dict[str, Any]) -> subprocess.CompletedProcess[str]:
    """Runs the application, with its own sample of events by default."""
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


class TestConsumer:
    """The examples `existing-group` and `consumer`."""

    def test_events_arrive_and_a_move_of_the_tracker_reaches_the_application(
        self, example: Example, endpoint: Endpoint, group: str
    ) -> None:
        producer = example("existing-group", datasetGroupArn=group)
        first = producer.up()
        assert first.ok, first.text
        arn, old = first.outputs["eventTrackerArn"], first.outputs["trackingId"]
        assert endpoint.tags(arn)["environment"] == STACK
        consumer = example("consumer", producer=f"organization/existing-group/{STACK}")
        consumer.config({"personalize:eventsEndpointUrl": endpoint.url})
        assert consumer.up().ok
        assert send(consumer).stdout == f"Events sent under {old}: 3\n"
        arrived = endpoint.events(old)
        assert [(of["sessionId"], of["userId"], of["event"]["itemId"]) for of in arrived] == [
            ("s-1", "ada", "book-1"),
            ("s-1", "ada", "book-1"),
            ("s-2", None, "book-2"),
        ]

        producer.config({"datasetGroupArn": endpoint.group("books")})
        moved = producer.up()
        assert moved.steps == CREATE_FIRST, moved.text
        new = moved.outputs["trackingId"]
        sent = send(consumer)
        assert sent.returncode == 1
        assert "No event tracker has the given tracking ID" in sent.stderr
        run = consumer.up()
        assert run.outputs == {"trackingId": new}, run.text
        assert send(consumer).stdout == f"Events sent under {new}: 3\n"
        assert len(endpoint.events(new)) == len(endpoint.events(old)) == 3
        self.check_errors(consumer)

    def check_errors(self, consumer: Deployment) -> None:
        """What goes wrong in the application is one line."""
        good = {"sessionId": "s-1", "eventType": "click"}
        missing = "Parameter validation failed: Missing required parameter in"
        for bad, reason in [
            ({"sessionId": "s-1"}, f'{missing} eventList[0]: "eventType"'),
            ({"eventType": "click"}, f'{missing} input: "sessionId"'),
            ([], "an event is a JSON object, unlike []"),
        ]:
            sent = send(consumer, good, bad)  # type: ignore[arg-type]
            (line,) = sent.stderr.splitlines()
            assert line.startswith("Event 2 was not sent under ")
            assert line.partition(": ")[2] == reason


class TestAdoption:
    def test_it_comes_under_pulumi_and_stays_there(
        self, example: Example, endpoint: Endpoint, group: str
    ) -> None:
        made = endpoint.client.create_event_tracker(
            name="by-hand",
            datasetGroupArn=group,
            tags=[{"tagKey": "made", "tagValue": "by-hand"}],
        )
        stack = example("adoption", datasetGroupArn=group)
        run = stack.up()
        assert run.ok, run.text
        assert run.outputs == {"trackingId": made["trackingId"]}
        stack.edit("    adopt_existing=True,\n", "")
        assert stack.up(expect_no_changes=True).ok
        assert stack.tracker()["protect"]
        assert endpoint.trackers() == {"by-hand": made["eventTrackerArn"]}


def test_environments(example: Example, endpoint: Endpoint) -> None:
    stack = example("environments", "prod")
    groups = json.loads(stack.stack.get_config("datasetGroups").value)
    for region, arn in groups.items():
        name = arn.partition("/")[2]
        assert make_dataset_group(endpoint.client_in(region), name) == arn
    run = stack.up()
    assert run.ok, run.text
    trackers = {found["id"].split(":")[3]: found["outputs"] for found in stack.state()}
    assert sorted(trackers) == ["eu-west-1", "us-east-1"]
    for region, found in trackers.items():
        assert run.outputs["trackingIds"][region] == found["trackingId"]
        assert found["tags"] == {"environment": "prod", "team": "search", "cost-centre": "4711"}


def test_program_with_unit_tests(example: Example, endpoint: Endpoint) -> None:
    groups = {department: endpoint.group(department) for department in ("movies", "books")}
    run = example("testing", datasetGroups=json.dumps(groups)).up()
    assert run.ok, run.text
    assert sorted(run.outputs) == ["books", "movies"]
    assert len(endpoint.trackers()) == 2
