"""What becomes of a tracker whose create ends too early: the state keeps it as unfinished."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest
from google.protobuf import empty_pb2
from kinds import OWNER_TAG
from native.adapter import Plugin, bag, changes_of, error_of, request_of
from processes import eventually
from pulumi.runtime.rpc import UNKNOWN

RESUMES = (
    "The stack's state keeps event tracker clicks as unfinished: `pulumi up` resumes it, "
    "`pulumi destroy` removes it."
)
REPLACES = RESUMES.replace("resumes", "replaces")


def hold(aws: Any) -> None:
    """From now on, trackers stay in CREATE IN_PROGRESS until they are released."""
    aws.control.fault("CreateEventTracker", "stay", status="CREATE IN_PROGRESS", times=None)


@pytest.fixture
def kept(make_plugin: Any, aws: Any) -> Any:
    """What the state has of a tracker that a create left in CREATE IN_PROGRESS."""
    hold(aws)
    properties = aws.props(tags={"team": "web"})
    return make_plugin().fail("Create", properties=properties, timeout=30)[1]


def test_time_limit_keeps_the_tracker_and_an_update_finishes_it(
    plugin: Plugin, aws: Any, kept: Any
) -> None:
    state = bag(kept.properties)
    assert (state["status"], state["tags"]) == ("CREATE IN_PROGRESS", {"team": "web"})
    assert aws.trackers() == {"clicks": "CREATE IN_PROGRESS"}
    news = aws.props(tags={"team": "app"})
    update = {"id": kept.id, "olds": kept.properties, "news": news}
    assert changes_of(plugin.call("Diff", **update)) == {"tags.team": "UPDATE"}
    planned = bag(plugin.call("Update", **update, preview=True).properties)
    olds = {**state, "trackingId": ""}
    without = plugin.call("Update", **{**update, "olds": olds}, preview=True).properties
    assert without["trackingId"] == UNKNOWN
    updated = plugin.call("Update", **update).properties
    outputs = bag(updated)
    assert (outputs["status"], outputs["ownershipTag"]) == ("ACTIVE", state["ownershipTag"])
    assert outputs.keys() == planned.keys() == state.keys() - {"unfinished"}
    assert [key for key in outputs if planned[key] != outputs[key]] == ["lastUpdatedDateTime"]
    tag = f"done-{state['ownershipTag']}:shop/dev/web"
    assert aws.tags_of(kept.id) == {"team": "app", OWNER_TAG: tag}
    assert not changes_of(plugin.call("Diff", id=kept.id, olds=updated, news=news))


def test_destroy_removes_an_unfinished_tracker(plugin: Plugin, aws: Any, kept: Any) -> None:
    plugin.call("Delete", id=kept.id, properties=kept.properties)
    assert aws.trackers() == {}


@pytest.mark.parametrize("custom", [True, False])
def test_error_names_the_time_limit_that_applies(make_plugin: Any, aws: Any, custom: bool) -> None:
    hold(aws)
    plugin = make_plugin(create_timeout=20, delete_timeout=20)
    timeout, option = (30, "customTimeouts.create") if custom else (0, "personalize:createTimeout")
    line, kept = plugin.fail("Create", properties=aws.props(), timeout=timeout)
    still = f"event tracker clicks ({kept.id}): still CREATE IN_PROGRESS after {timeout or 20} s. "
    assert line == f"creating {still}Increase {option}. {RESUMES}"
    update = {"id": kept.id, "olds": kept.properties, "news": aws.props(), "timeout": timeout}
    line, again = plugin.fail("Update", **update)
    option = "customTimeouts.update" if custom else option
    assert line.startswith(f"creating {still}Increase {option}.")
    assert again.properties == kept.properties
    line, _ = plugin.fail("Delete", id=kept.id, properties=kept.properties, timeout=timeout)
    option = "customTimeouts.delete" if custom else "personalize:deleteTimeout"
    assert line.startswith(f"deleting {still}Run again, or increase {option}")


NOT_FOUND = {"code": "ResourceNotFoundException", "times": None}
DENIED = {"code": "AccessDeniedException"}


@pytest.mark.parametrize(
    ("fault", "options", "status"),
    [
        ("DescribeEventTracker close", {"times": 2}, "CREATE PENDING"),
        ("DescribeEventTracker error", DENIED, "CREATE PENDING"),
        ("DescribeEventTracker error", NOT_FOUND, "CREATE PENDING"),
        ("TagResource error", DENIED, "ACTIVE"),
        ("DeleteEventTracker error", DENIED, "CREATE FAILED"),
    ],
    ids=["network", "denied", "never found", "tag", "failed"],
)
def test_create_that_fails_keeps_the_tracker(
    make_plugin: Any, aws: Any, fault: str, options: Any, status: str
) -> None:
    aws.control.fault(*fault.split(), **options)
    if failed := status == "CREATE FAILED":
        aws.control.fault("CreateEventTracker", "fail")
    plugin = make_plugin(max_attempts=2)
    line, kept = plugin.fail("Create", properties=aws.props())
    assert line.endswith(REPLACES if failed else RESUMES)
    assert kept.properties["status"] == status
    aws.control.clear_faults()
    update = {"id": kept.id, "olds": kept.properties, "news": aws.props()}
    diff = plugin.call("Diff", **update)
    assert changes_of(diff) == {"status": "UPDATE_REPLACE" if failed else "UPDATE"}
    assert diff.deleteBeforeReplace is failed
    if not failed:
        plugin.call("Update", **update)
        assert aws.tags_of(kept.id)[OWNER_TAG].startswith("done-")


@pytest.mark.parametrize("what", ["deleted", "forgotten", "adopted"])
def test_tracker_that_is_lost_meanwhile(plugin: Plugin, aws: Any, kept: Any, what: str) -> None:
    aws.control.release(kept.id)
    if what == "adopted":
        tag = {"tagKey": OWNER_TAG, "tagValue": "creating-1:other/dev/web"}
        aws.personalize.tag_resource(resourceArn=kept.id, tags=[tag])
    else:
        aws.control.fault("DeleteEventTracker", "stay")
        aws.personalize.delete_event_tracker(eventTrackerArn=kept.id)
    if what == "forgotten":
        aws.control.forget(kept.id)
    update = {"id": kept.id, "olds": kept.properties, "news": aws.props()}
    replaces = changes_of(plugin.call("Diff", **update)).get("status") == "UPDATE_REPLACE"
    assert replaces is (what != "adopted")
    line, again = plugin.fail("Update", **update)
    assert (
        "was adopted during" if what == "adopted" else "deleted outside of Pulumi during"
    ) in line
    assert again is None
    plugin.call("Delete", id=kept.id, properties=kept.properties)
    assert aws.trackers() == ({"clicks": "ACTIVE"} if what == "adopted" else {})


@pytest.mark.parametrize(
    ("status", "tag", "reason"),
    [
        ("CREATE PENDING", "creating-1234:shop/dev/web", "is CREATE PENDING: `pulumi up` waits"),
        ("CREATE FAILED", "creating-1234:shop/dev/web", "is CREATE FAILED: `pulumi up` replaces"),
        ("ACTIVE", "creating-1234:shop/dev/web", "was left unfinished by an interrupted create"),
        ("ACTIVE", "creating-5678:shop/dev/web", ""),
        ("ACTIVE", "done-1234:shop/dev/web", ""),
    ],
)
def test_refresh_shows_that_it_is_unfinished(
    plugin: Plugin, aws: Any, status: str, tag: str, reason: str
) -> None:
    arn = aws.put(status, tag)
    state = {"name": "there", "ownershipTag": "1234"}
    # A state that has it as finished knows better than reads that lag.
    outputs = bag(plugin.call("Read", id=arn, properties=state, inputs=state).properties)
    assert outputs["status"] == status
    read = {"id": arn, "properties": {**state, "unfinished": True}, "inputs": state}
    if reason:
        line, kept = plugin.fail("Read", **read)
        assert line.startswith(f"event tracker there ({arn}) {reason}")
        assert bag(kept.properties) == {**outputs, "unfinished": True}
    else:
        assert bag(plugin.call("Read", **read).properties) == outputs


@pytest.mark.parametrize("method", ["Create", "Update", "Delete"])
def test_cancel_ends_a_wait_at_once(make_plugin: Any, aws: Any, kept: Any, method: str) -> None:
    sleeps: list[None] = []
    # It sleeps for minutes: only the Cancel ends that.
    plugin = make_plugin(on_sleep=lambda: sleeps.append(None), slower=600_000)
    request = {
        "Create": {"properties": aws.props()},
        "Update": {"id": kept.id, "olds": kept.properties, "news": aws.props()},
        "Delete": {"id": kept.id, "properties": kept.properties},
    }[method]
    if method == "Create":
        aws.control.forget(kept.id)
    with ThreadPoolExecutor(1) as pool:
        pending = pool.submit(plugin.call, method, **request)
        eventually(lambda: sleeps)
        plugin.stub.Cancel(empty_pb2.Empty())
        line, again = error_of(pending.exception(60))
    assert len(sleeps) == 1
    if method == "Delete":
        advice = "The stack's state keeps it: run again to finish the deletion."
        assert line == f"deleting event tracker clicks ({kept.id}): cancelled. {advice}"
    else:
        assert line == f"creating event tracker clicks ({again.id}): cancelled. {RESUMES}"


def test_cancel_ends_a_tag_edit(make_plugin: Any, aws: Any) -> None:
    plugin: Plugin = make_plugin(on_sleep=lambda: plugin.stub.Cancel(empty_pb2.Empty()))
    arn = aws.put("ACTIVE", "")
    aws.control.fault("UntagResource", "error", code="ResourceInUseException", times=None)
    olds = aws.props(tags={"team": "web"})
    line, kept = plugin.fail("Update", id=arn, olds=olds, news=aws.props())
    assert line.endswith(": cancelled. `pulumi refresh` shows which tags are set.")
    assert kept is None


@pytest.mark.parametrize("method", ["Create", "Update"])
def test_nothing_is_finished_for_an_engine_that_is_gone(
    plugin: Plugin, aws: Any, kept: Any, method: str
) -> None:
    def abort(_code: Any, line: str) -> None:
        raise ConnectionAbortedError(line)

    context: Any = SimpleNamespace(is_active=lambda: False, abort=abort)
    request = request_of("Update", id=kept.id, olds=kept.properties, news=aws.props())
    if method == "Create":
        aws.control.forget(kept.id)
        request = request_of("Create", properties=aws.props())
    with pytest.raises(ConnectionAbortedError, match="engine exited") as caught:
        getattr(plugin.servicer, method)(request, context)
    arn = str(caught.value).partition("(")[2].partition(")")[0]
    assert aws.tags_of(arn)[OWNER_TAG].startswith("creating-")
