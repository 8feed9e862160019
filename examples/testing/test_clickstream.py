# mypy: disallow-untyped-decorators=False
"""Unit tests of the component and of the program: no Pulumi CLI, no AWS, no network."""

import json
import runpy
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import clickstream
import pulumi
import pytest

EVENT_TRACKER = "pulumi-python:dynamic/personalize:EventTracker"
MOVIES = "arn:aws:personalize:eu-west-1:123456789012:dataset-group/movies"
BOOKS = "arn:aws:personalize:eu-west-1:123456789012:dataset-group/books"


class Personalize(pulumi.runtime.Mocks):
    """Stands in for Pulumi's engine and AWS: notes the event trackers, and makes up their outputs.

    Inputs and outputs have the names of the state here, in camelCase.
    """

    def __init__(self) -> None:
        """Begins with nothing declared."""
        self.declared: dict[str, dict[str, Any]] = {}

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        """Gives the id and the outputs of a resource: all that the program reads."""
        if args.typ != EVENT_TRACKER:
            return args.name, args.inputs
        own = ("__provider", "resourceContext")  # the provider's own
        inputs = {key: value for key, value in args.inputs.items() if key not in own}
        self.declared[args.name] = inputs
        arn = f"arn:aws:personalize:eu-west-1:123456789012:event-tracker/{args.name}"
        return arn, {**inputs, "eventTrackerArn": arn, "trackingId": f"id-of-{args.name}"}

    def call(self, args: pulumi.runtime.MockCallArgs) -> tuple[dict[str, Any], None]:
        """Answers functions of other providers, which this program does not use."""
        raise NotImplementedError(args.token)


@pytest.fixture
def personalize() -> Personalize:
    """The mocks, in place of engine and AWS."""
    mocks = Personalize()
    pulumi.runtime.set_mocks(mocks, project="testing", stack="prod")
    return mocks


@pulumi.runtime.test
def test_tracker_and_its_tracking_id(personalize: Personalize) -> pulumi.Output[None]:
    """Of an output that a test returns, `pulumi.runtime.test` waits for the end."""
    stream = clickstream.Clickstream("movies", MOVIES)

    def check(tracking_id: str) -> None:
        assert tracking_id == "id-of-movies"
        tags = {"department": "movies", "environment": "prod"}
        assert personalize.declared == {"movies": {"datasetGroupArn": MOVIES, "tags": tags}}

    return stream.tracking_id.apply(check)


@pulumi.runtime.test
def test_shared_tracker(
    personalize: Personalize, monkeypatch: pytest.MonkeyPatch
) -> pulumi.Output[None]:
    """A lookup asks AWS while the program runs: it is replaced where the program has it from."""
    lookup = Mock(return_value=Mock(tracking_id="theirs"))
    monkeypatch.setattr(clickstream, "get_event_tracker", lookup)
    stream = clickstream.Clickstream("movies", MOVIES, shared=True)

    def check(tracking_id: str) -> None:
        assert tracking_id == "theirs"
        lookup.assert_called_once_with(MOVIES)
        assert personalize.declared == {}

    return stream.tracking_id.apply(check)


def test_program(personalize: Personalize) -> None:
    """The whole program, under a configuration."""
    groups = {"movies": MOVIES, "books": BOOKS}
    pulumi.runtime.set_all_config({"testing:datasetGroups": json.dumps(groups)})

    @pulumi.runtime.test
    def run() -> None:
        runpy.run_path(str(Path(__file__).with_name("__main__.py")))

    run()
    declared = personalize.declared.items()
    assert {name: inputs["datasetGroupArn"] for name, inputs in declared} == groups
