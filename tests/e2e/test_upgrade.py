"""A stack that an earlier version of this provider deployed, under this one."""

from __future__ import annotations

import json
import os
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from endpoints import Endpoint
from harness import TYPE, Deployment
from kinds import OWNER_TAG
from pulumi_personalize import sdk
from pulumi_personalize.service.inputs import unpack


def as_written_before(props: dict[str, Any]) -> dict[str, Any]:
    """Inputs or outputs under the keys of earlier versions, which Pulumi takes for its own."""
    props = {**props, "__context": json.dumps(unpack(props["resourceContext"]))}
    del props["resourceContext"]
    if attempt := props.pop("ownershipTag", None):
        props["__mark"] = attempt
    return props


def rewrite(shop: Deployment) -> None:
    """Makes the stack's state one of an earlier version."""
    state = shop.stack.export_stack()
    assert state.deployment is not None
    for resource in state.deployment["resources"]:
        if resource["type"] == TYPE:
            resource["inputs"] = as_written_before(resource["inputs"])
            resource["outputs"] = as_written_before(resource["outputs"])
    shop.stack.import_stack(state)


@pytest.mark.oldest
def test_first_up_changes_nothing_and_a_tag_edit_changes_only_the_tag(
    shop: Deployment, endpoint: Endpoint, group: str
) -> None:
    declared = {"resource": "clicks", "dataset_group_arn": group}
    shop.trackers(declared | {"tags": {"team": "search"}})
    assert shop.up().ok
    (arn,) = endpoint.trackers().values()
    rewrite(shop)
    assert "__mark" in shop.tracker()["outputs"]

    edited = declared | {"tags": {"team": "ads"}}
    shop.trackers(edited)
    preview = shop.preview()
    assert preview.keys == [["tags"]], preview.text
    shop.trackers(declared | {"tags": {"team": "search"}})
    endpoint.clear_calls()
    for run in (shop.refresh(expect_no_changes=True), shop.up(expect_no_changes=True)):
        assert run.ok, run.text
    assert endpoint.operations() == ["DescribeEventTracker", "ListTagsForResource"]

    shop.trackers(edited)
    run = shop.up()
    assert run.ok, run.text
    assert run.keys == [["tags"]]
    outputs = shop.tracker()["outputs"]
    assert not {key for key in outputs if key.startswith("__")} - {"__provider"}
    assert f"done-{outputs['ownershipTag']}:" in endpoint.tags(arn)[OWNER_TAG]
    assert shop.destroy().ok
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
