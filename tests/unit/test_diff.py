"""Diff: what an update would change, and in which order."""

from __future__ import annotations

from typing import Any

import pytest
from kinds import GROUP, OTHER_GROUP, OWNER_TAG
from pulumi_personalize import DatasetGroupError, GroupTakenError, InputError
from pulumi_personalize.service.inputs import UNKNOWN, Inputs
from pulumi_personalize.service.model import EventTracker
from pulumi_personalize.service.preview import Difference, Planner
from pulumi_personalize.service.taken_name import warning_of_kept_name

Known = Any  # the fixture of this name
TRACKER = "arn:aws:personalize:us-east-1:123456789012:event-tracker/1"
STATE = {
    "datasetGroupArn": GROUP,
    "name": "clicks",
    "tags": {"team": "web"},
    "trackingId": "tracking-id",
    "status": "ACTIVE",
    "ownershipTag": "1",
}
WARNING = (
    "replacing event tracker clicks permanently changes its tracking ID; PutEvents with the old ID "
    "will fail"
)
KEPT_NAME = str(warning_of_kept_name(Inputs(OTHER_GROUP, "clicks"), GROUP))


@pytest.fixture
def known(known: Known) -> Known:
    """The resource's own tracker is on its group."""
    tags = {OWNER_TAG: "done-1:shop/dev/web"}
    known.trackers[GROUP] = EventTracker(TRACKER, "clicks", "ACTIVE", tags=tags)
    return known


def props(**properties: Any) -> dict[str, Any]:
    context = {"project": "shop", "stack": "dev", "resource": "web", "group": ""}
    context |= properties.pop("context", {})
    wanted = {"datasetGroupArn": GROUP, "name": "clicks", "tags": {"team": "web"}, **properties}
    return {**wanted, "resourceContext": context}


def test_nothing_to_change_takes_no_calls(planner: Planner, known: Known) -> None:
    assert planner.diff(TRACKER, STATE, props()) == Difference(False, [], False, [], [])
    assert known.asked == []


@pytest.mark.parametrize("tags", [{"team": "app"}, {}, None, {"team": "web", "x": ""}, UNKNOWN])
def test_tags_change_in_place_without_calls(planner: Planner, known: Known, tags: Any) -> None:
    assert planner.diff(TRACKER, STATE, props(tags=tags)) == Difference(True, [], False, [], [])
    assert known.asked == []


@pytest.mark.parametrize("before", [{}, None])
@pytest.mark.parametrize("after", [{}, None])
def test_no_tags_are_no_tags(planner: Planner, before: Any, after: Any) -> None:
    assert not planner.diff(TRACKER, {**STATE, "tags": before}, props(tags=after)).changes


@pytest.mark.parametrize("flag", [True, False, None, UNKNOWN])
def test_adopt_existing_changes_nothing_at_a_tracker(planner: Planner, flag: Any) -> None:
    assert not planner.diff(TRACKER, STATE, props(adoptExisting=flag)).changes


@pytest.mark.parametrize("name", ["views", UNKNOWN])
def test_rename_deletes_first(planner: Planner, known: Known, name: Any) -> None:
    assert planner.diff(TRACKER, STATE, props(name=name)) == Difference(
        True, ["name"], True, [], [WARNING]
    )
    assert known.asked == []


def test_name_that_was_made_up_is_no_rename(planner: Planner) -> None:
    news = props(name="web-0123456", context={"named": False})
    assert planner.diff(TRACKER, STATE, news) == Difference(False, [], False, [], [])


def test_move_creates_first(planner: Planner, known: Known) -> None:
    assert planner.diff(TRACKER, STATE, props(datasetGroupArn=OTHER_GROUP)) == Difference(
        True, ["datasetGroupArn"], False, [], [KEPT_NAME, WARNING]
    )
    assert sorted(known.asked) == ["group", "trackers"]


def test_move_to_an_unknown_group_creates_first_without_calls(
    planner: Planner, known: Known
) -> None:
    assert planner.diff(TRACKER, STATE, props(datasetGroupArn=UNKNOWN)) == Difference(
        True, ["datasetGroupArn"], False, [], [KEPT_NAME, WARNING]
    )
    assert known.asked == []


@pytest.mark.parametrize(
    ("group", "context"),
    [
        (OTHER_GROUP, {"named": False}),
        (OTHER_GROUP, {"deleteBeforeReplace": True}),
        (OTHER_GROUP.replace("us-east-1", "eu-west-1"), {}),
        (OTHER_GROUP.replace("123456789012", "210987654321"), {}),
    ],
)
def test_move_whose_name_is_no_matter_is_not_warned_of(
    planner: Planner, known: Known, group: str, context: dict[str, Any]
) -> None:
    known.groups[group] = "ACTIVE"
    found = planner.diff(TRACKER, STATE, props(datasetGroupArn=group, context=context))
    assert found.warnings == [WARNING]


def test_former_identity_is_told_and_an_update(planner: Planner, known: Known) -> None:
    state = {**STATE, "resourceContext": {**props()["resourceContext"], "stack": "old"}}
    assert planner.diff(TRACKER, state, props()) == Difference(
        True,
        [],
        False,
        ["rewriting the ownership tag of event tracker clicks: shop/old/web is now shop/dev/web"],
        [],
        "shop/old/web",
    )
    assert known.asked == []
    unmarked = {key: text for key, text in state.items() if key != "ownershipTag"}
    assert planner.diff(TRACKER, unmarked, props()).changes is False
    in_the_cloud = props(context={"organization": "acme"})
    assert planner.diff(TRACKER, {**STATE, **props()}, in_the_cloud).changes is False


def test_move_back_before_the_old_tracker_was_deleted(planner: Planner, known: Known) -> None:
    tags = {OWNER_TAG: "done-0:shop/dev/web"}
    known.trackers[OTHER_GROUP] = EventTracker(TRACKER + "0", "clicks", "ACTIVE", tags=tags)
    with pytest.raises(GroupTakenError) as caught:
        planner.diff(TRACKER, STATE, props(datasetGroupArn=OTHER_GROUP))
    assert caught.value.advice == (
        "This resource had it before, and either still has to delete it: run `pulumi up` once with "
        f"dataset_group_arn='{GROUP}', which finishes that; or kept it (retain_on_delete): set "
        "adopt_existing=True"
    )


def test_move_with_a_new_name_creates_first(planner: Planner) -> None:
    news = props(datasetGroupArn=OTHER_GROUP, name="views", tags={})
    assert planner.diff(TRACKER, STATE, news) == Difference(
        True, ["datasetGroupArn", "name"], False, [], [WARNING]
    )


def test_move_to_a_taken_group_is_refused_while_the_old_tracker_lives(
    planner: Planner, known: Known
) -> None:
    arn = TRACKER + "2"
    known.trackers[OTHER_GROUP] = EventTracker(arn, "theirs", "ACTIVE")
    with pytest.raises(GroupTakenError) as caught:
        planner.diff(TRACKER, STATE, props(datasetGroupArn=OTHER_GROUP))
    assert caught.value.resource == f"dataset group {OTHER_GROUP}"
    assert f"event tracker 'theirs' ({arn}, ACTIVE)" in caught.value.message
    assert "set adopt_existing=True and name='theirs'" in caught.value.advice


def test_move_may_take_over(planner: Planner, known: Known) -> None:
    known.trackers[OTHER_GROUP] = EventTracker(TRACKER + "2", "theirs", "ACTIVE")
    news = props(datasetGroupArn=OTHER_GROUP, name="theirs", adoptExisting=True)
    found = planner.diff(TRACKER, STATE, news)
    assert found.replaces == ["datasetGroupArn", "name"]
    assert found.notes == [
        f"adopting existing event tracker theirs ({TRACKER}2) (adopt_existing=True)"
    ]
    assert found.warnings == [WARNING]


def test_move_to_a_group_without_interactions_is_warned_of(planner: Planner, known: Known) -> None:
    known.has_interactions = False
    found = planner.diff(TRACKER, STATE, props(datasetGroupArn=OTHER_GROUP, name="views"))
    about_the_group, replacing = found.warnings
    assert about_the_group.startswith(f"dataset group {OTHER_GROUP} has no ")
    assert "depends_on=[…]" in about_the_group
    assert replacing == WARNING


def test_move_to_a_missing_group_is_refused(planner: Planner, known: Known) -> None:
    del known.groups[OTHER_GROUP]
    with pytest.raises(DatasetGroupError) as caught:
        planner.diff(TRACKER, STATE, props(datasetGroupArn=OTHER_GROUP))
    assert caught.value.resource == f"dataset group {OTHER_GROUP}"
    assert caught.value.message == "does not exist in us-east-1"


@pytest.mark.parametrize("name", ["views", UNKNOWN])
@pytest.mark.parametrize(
    ("option", "context"),
    [
        ("delete_before_replace=False", {"deleteBeforeReplace": False}),
        ("retain_on_delete=True", {"retainOnDelete": True}),
        ("retain_on_delete=True", {"retainOnDelete": True, "deleteBeforeReplace": True}),
    ],
)
def test_rename_is_refused_where_an_option_forbids_to_delete_first(
    planner: Planner, name: Any, option: str, context: dict[str, bool]
) -> None:
    with pytest.raises(InputError) as caught:
        planner.diff(TRACKER, STATE, props(name=name, context=context))
    assert str(caught.value) == (
        "renaming event tracker clicks: renaming must delete the old tracker first, which "
        f"{option} prevents. Remove that option in a separate `pulumi up`, or keep the name."
    )


def test_delete_before_replace_false_does_not_forbid_a_move(planner: Planner) -> None:
    news = props(datasetGroupArn=OTHER_GROUP, name="views", context={"deleteBeforeReplace": False})
    assert not planner.diff(TRACKER, STATE, news).delete_first


@pytest.mark.parametrize(
    "change",
    [
        {"name": "views"},
        {"datasetGroupArn": OTHER_GROUP},
        {"datasetGroupArn": OTHER_GROUP, "context": {"deleteBeforeReplace": True}},
    ],
)
def test_replacement_is_checked_once_more_as_new(
    planner: Planner, known: Known, change: dict[str, Any]
) -> None:
    news = planner.check(props(), props(**change)).inputs
    planner.diff(TRACKER, STATE, news)
    known.asked.clear()
    checked = planner.check({}, news)
    assert checked.problems == []
    assert checked.inputs == news
    if "datasetGroupArn" in change:
        # The diff has looked at it.
        assert known.asked == []


def test_one_that_somebody_took_over_is_not_deleted_for_a_rename(
    planner: Planner, known: Known
) -> None:
    planner.check(props(), props(name="views"))
    planner.diff(TRACKER, {**STATE, "ownershipTag": "0"}, props(name="views"))
    (problem,) = planner.check({}, props(name="views")).problems
    assert problem.property == "datasetGroupArn"
    assert f"event tracker 'clicks' ({TRACKER}, ACTIVE)" in problem.reason


def test_one_that_goes_first_makes_room_for_its_own_replacement_only(
    planner: Planner, known: Known
) -> None:
    news = props(datasetGroupArn=OTHER_GROUP, context={"deleteBeforeReplace": True})
    planner.diff(TRACKER, STATE, news)
    (problem,) = planner.check({}, props(context={"resource": "app"})).problems
    assert "Resource 'web' of this stack" in problem.reason
    assert "renamed 'web' to 'app', add aliases" in problem.reason
    assert problem.reason.endswith(" dataset group and name.")


@pytest.mark.parametrize("mark", ["", "done-1:shop/dev/web"])
@pytest.mark.parametrize(
    ("context", "advice"),
    [
        ({}, "set delete_before_replace=True."),
        ({"deleteBeforeReplace": True, "retainOnDelete": True}, "remove retain_on_delete=True."),
        ({"deleteBeforeReplace": True}, ""),
    ],
)
def test_forced_replacement_is_known_by_its_second_check(
    planner: Planner, known: Known, mark: str, context: dict[str, Any], advice: str
) -> None:
    tags = {OWNER_TAG: mark}
    known.trackers[GROUP] = EventTracker(TRACKER, "clicks", "ACTIVE", tags=tags)
    planner.check(props(), props(context=context))
    problems = planner.check({}, props(context=context)).problems
    assert [
        problem.reason.partition("Replacing it requires deleting it first: ")[2]
        for problem in problems
    ] == [advice] * bool(advice)


def test_other_tracker_on_the_group_of_a_renamed_one_is_still_in_the_way(
    planner: Planner, known: Known
) -> None:
    planner.diff(TRACKER, STATE, props(name="views"))
    known.trackers[GROUP] = EventTracker(TRACKER + "2", "theirs", "ACTIVE")
    assert len(planner.check({}, props(name="views")).problems) == 1


def test_property_that_a_refresh_found_missing_is_a_change(planner: Planner) -> None:
    state = {key: value for key, value in STATE.items() if key != "tags"}
    assert planner.diff(TRACKER, state, props()) == Difference(True, [], False, [], [])
