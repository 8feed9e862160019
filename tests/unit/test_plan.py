"""Check: what a create would meet, told before anything is changed."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from pulumi_personalize.service.event_tracker import EventTracker
from pulumi_personalize.service.inputs import UNKNOWN
from pulumi_personalize.service.plan import Checked, Planner

Known = Any  # the fixture of this name
GROUP = "arn:aws:personalize:us-east-1:123456789012:dataset-group/shop"
OTHER = "arn:aws:personalize:us-east-1:123456789012:dataset-group/other"
TRACKER = "arn:aws:personalize:us-east-1:123456789012:event-tracker/1"
OWNER_TAG = "pulumi-personalize:owner"
TAKEN = (
    f"dataset group {GROUP} has the event tracker 'theirs' already ({TRACKER}, ACTIVE), "
    "and Personalize allows one for each. "
)


def theirs(status: str = "ACTIVE", mark: str | None = None) -> EventTracker:
    tags = {OWNER_TAG: mark} if mark else {}
    return EventTracker(TRACKER, "theirs", status, dataset_group_arn=GROUP, tags=tags)


def bag(resource: str = "web", group: Any = GROUP, **properties: Any) -> dict[str, Any]:
    context = {"project": "shop", "stack": "dev", "resource": resource, "group": ""}
    context |= properties.pop("context", {})
    return {"datasetGroupArn": group, "__context": context, **properties}


def problems(checked: Checked) -> list[tuple[str, str]]:
    return [(problem.property, problem.reason) for problem in checked.problems]


def test_group_with_room(planner: Planner, known: Known) -> None:
    news = bag(name="clicks", tags={"team": "web"})
    assert planner.check({}, news) == Checked(news, [], [])
    assert sorted(known.asked) == ["group", "tracker"]


def test_existing_resource_needs_no_calls(planner: Planner, known: Known) -> None:
    news = bag(name="clicks", tags={"team": "web"})
    assert planner.check(news, news).problems == []
    assert known.asked == []


@pytest.mark.parametrize("news", [bag(group=UNKNOWN), bag(group="shop"), bag(name="-")])
def test_what_is_not_known_or_good_is_not_looked_for(
    planner: Planner, known: Known, news: dict[str, Any]
) -> None:
    planner.check({}, news)
    assert known.asked == []


def test_empty_properties_are_left_out(planner: Planner) -> None:
    checked = planner.check({}, bag(name="clicks", tags={}, adoptExisting=None))
    assert checked.inputs == bag(name="clicks")
    assert checked.problems == []


@pytest.mark.parametrize(
    ("status", "problem"),
    [
        (None, "does not exist in us-east-1. Check its name, region and account."),
        *(
            (
                status,
                f"is {status}, and only an ACTIVE one takes an event tracker. "
                "Wait until it is ACTIVE, and run again.",
            )
            for status in ("CREATE PENDING", "CREATE IN_PROGRESS")
        ),
        (
            "CREATE FAILED",
            "is CREATE FAILED, and only an ACTIVE one takes an event tracker. "
            "aws personalize describe-dataset-group tells why; use another one.",
        ),
        (
            "DELETE PENDING",
            "is DELETE PENDING, and only an ACTIVE one takes an event tracker. Use another one.",
        ),
    ],
)
def test_group_that_takes_no_tracker(
    planner: Planner, known: Known, status: str | None, problem: str
) -> None:
    known.groups[GROUP] = status
    checked = planner.check({}, bag(name="clicks"))
    assert problems(checked) == [("datasetGroupArn", f"dataset group {GROUP} {problem}")]


@pytest.mark.parametrize(
    ("mark", "properties", "advice"),
    [
        *(
            (
                mark,
                {},
                "Use another dataset group, delete that tracker, "
                "or take it over with adopt_existing=True.",
            )
            for mark in (
                None,
                "junk",
                "done-1:other/dev/web",
                "creating-1:shop/prod/web",
                "creating-1:shop/devel/web",
            )
        ),
        (
            "done-1:shop/dev/web",
            {},
            "This resource made it: if the stack's state was lost, adopt_existing=True takes it "
            "over; if a replacement is forced (--replace, replace_with, replace_on_changes), set "
            "delete_before_replace=True.",
        ),
        (
            "done-1:shop/dev/shop:index:Search::old/web",
            {},
            "Resource 'old/web' of this stack made it: if 'web' is its new name, tell Pulumi with "
            "aliases; if it is to leave the group, let it, with an up of its own; "
            "else use another dataset group.",
        ),
        (
            None,
            {"name": "clicks", "adoptExisting": True},
            "adopt_existing=True takes over a tracker of the name asked for, 'clicks', only: "
            "ask for 'theirs', or leave the name out.",
        ),
        (
            "done-1:shop/dev/web",
            {"name": "clicks"},
            "This resource made it: ask for 'theirs' with adopt_existing=True, which takes it "
            "over. Where it was to be renamed, retain_on_delete has kept it, which a parent or a "
            "transform may have set.",
        ),
        (
            "done-1:other/dev/web",
            {"tags": dict.fromkeys(map(str, range(50)), "x"), "adoptExisting": True},
            "It carries the mark of its owner, 'other/dev/web', whose place a mark of ours has to "
            "take: give at most 49 tags.",
        ),
    ],
)
def test_group_that_is_taken(
    planner: Planner, known: Known, mark: str | None, properties: dict[str, Any], advice: str
) -> None:
    known.trackers[GROUP] = theirs(mark=mark)
    checked = planner.check({}, bag(**properties))
    assert problems(checked) == [("datasetGroupArn", TAKEN + advice)]
    assert checked.notes == []


@pytest.mark.parametrize("adopt", [None, True])
def test_failed_tracker_is_no_use_to_anyone(
    planner: Planner, known: Known, adopt: bool | None
) -> None:
    known.trackers[GROUP] = theirs("CREATE FAILED")
    (problem,) = planner.check({}, bag(adoptExisting=adopt)).problems
    assert problem.reason.endswith("It is of no use: delete it, or use another dataset group.")


def test_adoption_that_is_not_known_yet_is_not_refused(planner: Planner, known: Known) -> None:
    known.trackers[GROUP] = theirs()
    checked = planner.check({}, bag(adoptExisting=UNKNOWN))
    assert checked.problems == []
    assert checked.notes == [
        f"takes over event tracker theirs ({TRACKER}), if it turns out that adopt_existing=True"
    ]


@pytest.mark.parametrize("status", ["DELETE PENDING", "DELETE IN_PROGRESS"])
def test_tracker_that_is_going_leaves_room(planner: Planner, known: Known, status: str) -> None:
    known.trackers[GROUP] = theirs(status)
    assert planner.check({}, bag(name="clicks")).problems == []


@pytest.mark.parametrize("properties", [{}, {"name": "theirs"}])
def test_adoption_is_announced(planner: Planner, known: Known, properties: dict[str, Any]) -> None:
    known.trackers[GROUP] = theirs()
    checked = planner.check({}, bag(adoptExisting=True, **properties))
    assert checked.problems == []
    assert checked.notes == [
        f"takes over event tracker theirs ({TRACKER}), because of adopt_existing=True"
    ]
    assert checked.inputs["name"] == "theirs"


@pytest.mark.parametrize("status", ["CREATE IN_PROGRESS", "ACTIVE", "CREATE FAILED"])
def test_interrupted_create_is_gone_on_with(planner: Planner, known: Known, status: str) -> None:
    known.trackers[GROUP] = theirs(status, "creating-1:shop/dev/web")
    checked = planner.check({}, bag())
    assert checked.problems == []
    assert checked.notes == [
        f"goes on with event tracker theirs ({TRACKER}), "
        "which an interrupted create left unfinished"
    ]
    assert checked.inputs["name"] == "theirs"


@pytest.mark.parametrize(
    ("owner", "context", "good"),
    [
        ("shop/dev/web", {}, True),
        ("shop/dev/web", {"retainOnDelete": True}, False),
        ("shop/dev/a:b:C::x/old", {}, False),
        ("shop/dev/a:b:C::x/old", {"aliased": True}, True),
        ("shop/prod/web", {"aliased": True}, False),
    ],
)
def test_forced_replacement_that_deletes_first_has_room(
    planner: Planner, known: Known, owner: str, context: dict[str, bool], good: bool
) -> None:
    known.trackers[GROUP] = theirs(mark=f"done-1:{owner}")
    news = bag(name="clicks", context={"deleteBeforeReplace": True, **context})
    assert (planner.check({}, news).problems == []) is good


def test_name_that_was_not_asked_for_is_made_up(planner: Planner) -> None:
    checked = planner.check({}, bag("shop/web"))
    assert re.fullmatch("shop-web-[0-9a-f]{7}", checked.inputs["name"])
    assert checked.inputs["__context"] == {**bag("shop/web")["__context"], "named": False}


def test_made_up_name_is_kept_for_life(planner: Planner) -> None:
    made = planner.check({}, bag()).inputs
    again = planner.check(made, bag(tags={"team": "web"}))
    assert again.inputs["name"] == made["name"]
    assert again.inputs["__context"]["named"] is False


def test_name_that_is_asked_for_no_more_is_kept(planner: Planner) -> None:
    checked = planner.check(bag(name="clicks"), bag())
    assert checked.inputs["name"] == "clicks"
    assert checked.inputs["__context"]["named"] is False


def test_unknown_name_is_left_unknown(planner: Planner) -> None:
    assert planner.check({}, bag(name=UNKNOWN)).inputs["name"] is UNKNOWN


@pytest.mark.parametrize("known_resource", [True, False])
def test_two_trackers_of_one_program_on_one_group(planner: Planner, known_resource: bool) -> None:
    first = bag("web", name="a")
    assert planner.check(first if known_resource else {}, first).problems == []
    assert problems(planner.check({}, bag("app", name="b"))) == [
        (
            "datasetGroupArn",
            f"dataset group {GROUP} is given to two event trackers of this program, 'web' and "
            "'app', and Personalize allows one for each. Give each a dataset group of its own",
        )
    ]
    assert planner.check({}, bag("app", OTHER, name="b")).problems == []


def test_two_of_one_name_under_parents_of_different_types(planner: Planner) -> None:
    first, second = (
        bag("web/clicks", name="a", context={"parents": f"shop:index:{kind}"})
        for kind in ("Search", "Ads")
    )
    assert planner.check({}, first).problems == []
    assert len(planner.check({}, second).problems) == 1


def test_two_trackers_on_one_group_that_is_not_made_yet(planner: Planner, known: Known) -> None:
    urn = "urn:pulumi:dev::shop::aws-native:personalize:DatasetGroup::g"
    assert planner.check({}, bag("web", UNKNOWN, context={"group": urn})).problems == []
    assert problems(planner.check({}, bag("app", UNKNOWN, context={"group": urn}))) == [
        (
            "datasetGroupArn",
            "one dataset group is given to two event trackers of this program, 'web' and 'app', "
            "and Personalize allows one for each. Give each a dataset group of its own",
        )
    ]
    assert known.asked == []


@pytest.mark.parametrize("sources", [("urn:a", "urn:b"), ("", ""), (UNKNOWN, UNKNOWN)])
def test_groups_that_may_be_two_are_no_problem(
    planner: Planner, sources: tuple[object, object]
) -> None:
    for resource, source in zip(("web", "app"), sources, strict=True):
        news = bag(resource, UNKNOWN, context={"group": source})
        assert planner.check({}, news).problems == []


def test_resource_that_is_checked_again_is_not_a_second_one(planner: Planner) -> None:
    for _ in range(3):
        assert planner.check({}, bag("web", name="a")).problems == []


@pytest.mark.parametrize("context", [None, "junk", UNKNOWN, []])
def test_context_of_junk_does_no_harm(planner: Planner, context: object) -> None:
    checked = planner.check({}, {"datasetGroupArn": GROUP, "__context": context})
    assert checked.problems == []
    assert checked.inputs["name"].startswith("tracker-")


def test_error_of_aws_is_not_hidden(
    planner: Planner, known: Known, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(arn: str) -> str:
        raise RuntimeError("no credentials")

    failing: Callable[[str], str] = fail
    monkeypatch.setattr(known, "group_status", failing)
    with pytest.raises(RuntimeError, match="no credentials"):
        planner.check({}, bag(name="clicks"))
