"""What the run asks Personalize, in order.

Each step's name is that of its record, by which `probes` reads its answer. What a probe needs to
be true at the time is read before it, as ``group in creation``.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from .recorder import CREATE_FAILED, AcceptanceError, Recorder

SCHEMA = {
    "type": "record",
    "name": "Interactions",
    "namespace": "com.amazonaws.personalize.schema",
    "fields": [
        {"name": "USER_ID", "type": "string"},
        {"name": "ITEM_ID", "type": "string"},
        {"name": "TIMESTAMP", "type": "long"},
    ],
    "version": "1.0",
}
#: How often it waits for a creation or a deletion, if all is as assumed.
WAITS = 9
_INVENTED_ID = "00000000-0000-4000-8000-000000000000"
#: Accounts of AWS's documentation.
_ACCOUNTS = ("111122223333", "444455556666")
#: Two regions of each partition, by the beginning of their names.
_REGIONS = {
    "cn-": ("cn-north-1", "cn-northwest-1"),
    "us-gov-": ("us-gov-west-1", "us-gov-east-1"),
    "": ("us-west-2", "us-east-1"),
}


def elsewhere(account: str, region: str) -> dict[str, str]:
    """Returns another account and another region of the same partition."""
    regions = next(them for start, them in _REGIONS.items() if region.startswith(start))
    return {
        "other-account": next(one for one in _ACCOUNTS if one != account),
        "other-region": next(one for one in regions if one != region),
    }


def run_script(ask: Recorder, product: Callable[[], None] = lambda: None) -> None:
    """Asks all of it; ``product`` is called when the two groups have no tracker any more.

    Raises:
        AcceptanceError: What the rest needs is refused, or takes too long; the user ends the run.
    """
    run = ask.run
    ask.make("schema", "schema", "CreateSchema", name=run, schema=json.dumps(SCHEMA))
    group = ask.make("group a", "group-a", "CreateDatasetGroup", name=f"{run}-a", tags=_tags("a"))
    other = ask.make("group b", "group-b", "CreateDatasetGroup", name=f"{run}-b")
    ask.names |= elsewhere(ask.names["account"], ask.names["region"])
    _ask_about_a_group_in_creation(ask, group)
    for step, arn in (("group a active", group), ("group b active", other)):
        ask.wait(step, _is_made, "DescribeDatasetGroup", datasetGroupArn=arn)
    ask.call("no tags", "ListTagsForResource", resourceArn=other)
    if "dataset-a" not in ask.names:
        _try_tracker(ask, "without dataset", f"{run}-0", group)
    datasets = [_make_dataset(ask, letter) for letter in "ab"]
    for letter, dataset in zip("ab", datasets, strict=True):
        ask.wait(f"dataset {letter} active", _is_made, "DescribeDataset", datasetArn=dataset)

    _make_tracker(ask, "tracker 1")
    _ask_about_a_tracker_in_creation(ask)
    ask.wait("tracker 1 active", _is_made, "DescribeEventTracker", **_tracker(ask))
    _ask_about_an_active_tracker(ask, other)
    _ask_about_tags(ask)
    _ask_about_what_is_elsewhere(ask)
    ask.call("older", "DescribeEventTracker", **_tracker(ask))
    ask.call("older in list", "ListEventTrackers", datasetGroupArn=group)
    ask.call("delete dataset under its tracker", "DeleteDataset", datasetArn=datasets[0])
    ask.call("delete group under its tracker", "DeleteDatasetGroup", datasetGroupArn=group)
    _ask_about_a_deletion(ask, group)
    product()

    ask.call("delete group with a dataset", "DeleteDatasetGroup", datasetGroupArn=group)
    ask.call("delete dataset", "DeleteDataset", datasetArn=datasets[0])
    ask.wait("dataset gone", _is_gone, "DescribeDataset", datasetArn=datasets[0])
    ask.call("delete group", "DeleteDatasetGroup", datasetGroupArn=group)
    ask.call("group in deletion", "DescribeDatasetGroup", datasetGroupArn=group)
    _try_tracker(ask, "in a group in deletion", f"{run}-4", group)


def _ask_about_a_group_in_creation(ask: Recorder, group: str) -> None:
    ask.call("group in creation", "DescribeDatasetGroup", datasetGroupArn=group)
    dataset = ask.call("dataset in a group in creation", "CreateDataset", **_dataset(ask, "a"))
    if not dataset.code:
        ask.name(dataset, "dataset-a")
    _try_tracker(ask, "in a group in creation", f"{ask.run}-0", group)


def _make_dataset(ask: Recorder, letter: str) -> str:
    if f"dataset-{letter}" in ask.names:
        return ask.names[f"dataset-{letter}"]
    step, name = f"dataset {letter}", f"dataset-{letter}"
    return ask.make(step, name, "CreateDataset", **_dataset(ask, letter))


def _make_tracker(ask: Recorder, step: str) -> None:
    request = {"name": f"{ask.run}-1", "datasetGroupArn": ask.names["group-a"], "tags": _tags("1")}
    ask.make(step, "tracker-1", "CreateEventTracker", **request)


def _ask_about_a_tracker_in_creation(ask: Recorder) -> None:
    group, tracker = ask.names["group-a"], _tracker(ask)
    resource = {"resourceArn": tracker["eventTrackerArn"]}
    ask.trail(
        {
            "describe after create": ("DescribeEventTracker", tracker, _is_status),
            "list after create": ("ListEventTrackers", {"datasetGroupArn": group}, _is_status),
            "tags after create": ("ListTagsForResource", resource, lambda it: "probe" in it),
        }
    )
    _put_events(ask, "events in creation", ask.names.get("tracker-1-id"))
    ask.call("tag in creation", "TagResource", **resource, tags=_tags("2"))
    # Before the deletion, which may be accepted.
    ask.call("tracker in creation", "DescribeEventTracker", **tracker)
    deletion = ask.call("delete in creation", "DeleteEventTracker", **tracker)
    if not deletion.code:
        ask.wait("tracker 1 gone early", _is_gone, "DescribeEventTracker", **tracker)
        _make_tracker(ask, "tracker 1 again")


def _ask_about_an_active_tracker(ask: Recorder, other: str) -> None:
    group = ask.names["group-a"]
    _put_events(ask, "events of an invented ID", _INVENTED_ID)
    _put_events(ask, "events", ask.names.get("tracker-1-id"))
    _try_tracker(ask, "second", f"{ask.run}-2", group)
    _try_tracker(ask, "repeated", f"{ask.run}-1", group, _tags("1"))
    _try_tracker(ask, "same name in another group", f"{ask.run}-1", other)
    # Shows that the other group takes a tracker, of another name.
    record = ask.call("tracker 2", "CreateEventTracker", name=f"{ask.run}-2", datasetGroupArn=other)
    if not record.code:
        ask.name(record, "tracker-2")


def _ask_about_tags(ask: Recorder) -> None:
    resource = {"resourceArn": ask.names["tracker-1"]}
    many = [{"tagKey": f"key-{number}", "tagValue": ""} for number in range(51)]
    wrong = {"tagKey": "aws:key", "tagValue": ""}
    ask.call("51 tags", "TagResource", **resource, tags=many)
    ask.call("aws: key", "TagResource", **resource, tags=[wrong])
    value = [{"tagKey": "value", "tagValue": "aws:value"}]
    ask.call("aws: value", "TagResource", **resource, tags=value)
    good = {"tagKey": "good", "tagValue": ""}
    ask.call("good and wrong tags", "TagResource", **resource, tags=[good, wrong])
    ask.call("tags after good and wrong ones", "ListTagsForResource", **resource)
    ask.call("tag", "TagResource", **resource, tags=[{"tagKey": "later", "tagValue": ""}])
    listing = ("ListTagsForResource", resource)
    ask.trail({"tags after a tag": (*listing, lambda state: "later" in state)})
    ask.call("untag", "UntagResource", **resource, tagKeys=["later"])
    ask.trail({"tags after an untag": (*listing, lambda state: "later" not in state)})


def _ask_about_what_is_elsewhere(ask: Recorder) -> None:
    for place in ("account", "region"):
        old, new = ask.names[place], ask.names[f"other-{place}"]
        tracker = ask.names["tracker-1"].replace(f":{old}:", f":{new}:")
        group = ask.names["group-a"].replace(f":{old}:", f":{new}:")
        ask.call(f"describe in another {place}", "DescribeEventTracker", eventTrackerArn=tracker)
        ask.call(f"tags in another {place}", "ListTagsForResource", resourceArn=tracker)
        ask.call(f"list in another {place}", "ListEventTrackers", datasetGroupArn=group)


def _ask_about_a_deletion(ask: Recorder, group: str) -> None:
    tracker = _tracker(ask)
    resource = {"resourceArn": tracker["eventTrackerArn"]}
    second = {"eventTrackerArn": ask.names.get("tracker-2", "")}
    if second["eventTrackerArn"]:
        ask.wait("tracker 2 active", _is_made, "DescribeEventTracker", **second)
        _delete(ask, "delete tracker 2", second)
    _delete(ask, "delete tracker 1", tracker)
    ask.call("list in deletion", "ListEventTrackers", datasetGroupArn=group)
    ask.call("tag in deletion", "TagResource", **resource, tags=_tags("3"))
    ask.call("tracker in deletion", "DescribeEventTracker", **tracker)
    _try_tracker(ask, "beside one in deletion", f"{ask.run}-3", group)
    ask.wait("tracker 1 gone", _is_gone, "DescribeEventTracker", **tracker)
    events = _events(ask.names.get("tracker-1-id", ""))
    ask.trail(
        {
            "list after delete": (
                "ListEventTrackers",
                {"datasetGroupArn": group},
                lambda state: not _is_status(state),
            ),
            "tags after delete": ("ListTagsForResource", resource, _is_gone),
            **({"events of a deleted tracker": ("PutEvents", events, _is_gone)} if events else {}),
        }
    )
    if second["eventTrackerArn"]:
        ask.wait("tracker 2 gone", _is_gone, "DescribeEventTracker", **second)


def _try_tracker(
    ask: Recorder,
    step: str,
    name: str,
    group: str,
    tags: list[dict[str, str]] | None = None,
) -> None:
    """Creates a tracker that should be refused; what is made all the same is deleted at once."""
    request: dict[str, Any] = {"name": name, "datasetGroupArn": group}
    record = ask.call(step, "CreateEventTracker", **request, **({"tags": tags} if tags else {}))
    if record.code or record.answer.get("eventTrackerArn") in ask.names.values():
        return
    tracker = {"eventTrackerArn": ask.name(record, step)}
    ask.wait(f"{step}: active", _is_made, "DescribeEventTracker", **tracker)
    _delete(ask, f"{step}: delete", tracker)
    ask.wait(f"{step}: gone", _is_gone, "DescribeEventTracker", **tracker)


def _delete(ask: Recorder, step: str, tracker: dict[str, str]) -> None:
    deletion = ask.call(step, "DeleteEventTracker", **tracker)
    if deletion.code:
        raise AcceptanceError(f"{step}: {deletion.code}: {deletion.message}")


def _put_events(ask: Recorder, step: str, tracking_id: str | None) -> None:
    if tracking_id:
        ask.call(step, "PutEvents", **_events(tracking_id))


def _events(tracking_id: str) -> dict[str, Any]:
    if not tracking_id:
        return {}
    event = {"eventType": "probe", "itemId": "item", "sentAt": 1}
    return {"trackingId": tracking_id, "userId": "u", "sessionId": "s", "eventList": [event]}


def _tracker(ask: Recorder) -> dict[str, str]:
    return {"eventTrackerArn": ask.names["tracker-1"]}


def _dataset(ask: Recorder, letter: str) -> dict[str, str]:
    return {
        "name": f"{ask.run}-{letter}",
        "schemaArn": ask.names["schema"],
        "datasetGroupArn": ask.names[f"group-{letter}"],
        "datasetType": "Interactions",
    }


def _tags(value: str) -> list[dict[str, str]]:
    return [{"tagKey": "probe", "tagValue": value}]


def _is_status(state: str) -> bool:
    return state == "ACTIVE" or state.startswith(("CREATE ", "DELETE "))


def _is_made(state: str) -> bool:
    return state in ("ACTIVE", CREATE_FAILED)


def _is_gone(state: str) -> bool:
    return state.endswith("Exception")
