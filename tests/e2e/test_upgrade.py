"""A stack that an earlier version of this provider deployed, under this one."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import pytest
from endpoints import Endpoint
from harness import Deployment
from kinds import OWNER_TAG
from pulumi import automation
from pulumi_personalize import sdk

#: Resources of a `pulumi stack export`, by the last version that wrote `__context` and `__mark`.
RECORDED = Path(__file__).with_name("recorded_state.json")


@pytest.fixture
def dev(deploy: Callable[..., Deployment]) -> Deployment:
    """The stack of its time."""
    return deploy(stack="dev")


def take_over(shop: Deployment, endpoint: Endpoint, group: str) -> str:
    """Gives the stack the state of an earlier version, and the endpoint its tracker: the ARN."""
    recorded = RECORDED.read_text()
    written = json.loads(recorded)[-1]["outputs"]
    assert written["datasetGroupArn"] == group
    tags = written["tags"] | {OWNER_TAG: f"done-{written['__mark']}:shop/dev/clicks"}
    made = endpoint.client.create_event_tracker(
        name=written["name"],
        datasetGroupArn=group,
        tags=[{"tagKey": key, "tagValue": text} for key, text in tags.items()],
    )
    # What differs from one endpoint to the next.
    now = {
        written["eventTrackerArn"]: made["eventTrackerArn"],
        written["trackingId"]: made["trackingId"],
        json.loads(recorded)[1]["inputs"]["personalize:endpointUrl"]: endpoint.url,
    }
    for before, after in now.items():
        recorded = recorded.replace(before, after)
    state = shop.stack.export_stack()
    deployment = {**(state.deployment or {}), "resources": json.loads(recorded)}
    shop.stack.import_stack(automation.Deployment(state.version, deployment))
    return made["eventTrackerArn"]


@pytest.mark.oldest
def test_first_up_changes_nothing_and_a_tag_edit_changes_only_the_tag(
    dev: Deployment, endpoint: Endpoint
) -> None:
    group = endpoint.group("shop")
    arn = take_over(dev, endpoint, group)
    declared = {"resource": "clicks", "dataset_group_arn": group}
    edited = declared | {"tags": {"team": "ads"}}
    dev.trackers(edited)
    preview = dev.preview()
    assert preview.keys == [["tags"]], preview.text
    dev.trackers(declared | {"tags": {"team": "search"}})
    endpoint.clear_calls()
    for run in (dev.refresh(expect_no_changes=True), dev.up(expect_no_changes=True)):
        assert run.ok, run.text
    assert endpoint.operations() == ["DescribeEventTracker", "ListTagsForResource"]

    dev.trackers(edited)
    run = dev.up()
    assert run.ok, run.text
    assert run.keys == [["tags"]]
    outputs = dev.tracker()["outputs"]
    assert not {key for key in outputs if key.startswith("__")} - {"__provider"}
    assert f"done-{outputs['ownershipTag']}:" in endpoint.tags(arn)[OWNER_TAG]
    assert dev.destroy().ok
    assert endpoint.trackers() == {}


def test_destroy_alone_deletes_the_tracker(dev: Deployment, endpoint: Endpoint) -> None:
    take_over(dev, endpoint, endpoint.group("shop"))
    run = dev.destroy()
    assert run.ok, run.text
    assert endpoint.trackers() == {}


DROPPING = """
from pulumi.runtime import rpc

kept = rpc.deserialize_properties


def dropping(*arguments, **options):
    found = kept(*arguments, **options)
    found.pop("resourceContext", None)
    return found


rpc.deserialize_properties = dropping
"""


def test_an_sdk_that_drops_what_is_needed_is_named_before_anything_is_changed(
    shop: Deployment, endpoint: Endpoint, group: str, tmp_path: Path
) -> None:
    # Python imports it by itself, in each process of the run.
    (tmp_path / "sitecustomize.py").write_text(DROPPING)
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    shop.environment["PYTHONPATH"] = path.rstrip(os.pathsep)
    shop.stack.workspace.env_vars = shop.environment
    shop.trackers({"resource": "clicks", "dataset_group_arn": group})
    run = shop.up()
    assert not run.ok
    version = metadata.version("pulumi")
    assert f"SDK {version} drops the property resourceContext" in run.errors[0]
    assert f"Install pulumi {sdk.KNOWN_TO_WORK}" in run.errors[0]
    assert endpoint.trackers() == {}
