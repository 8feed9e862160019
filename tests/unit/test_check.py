"""Check: what a create would meet, told before anything is changed."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from kinds import GROUP, OTHER_GROUP, OWNER_TAG
from pulumi_personalize.service.dataset_group import warning_of
from pulumi_personalize.service.inputs import UNKNOWN
from pulumi_personalize.service.model import DatasetGroup, EventTracker
from pulumi_personalize.service.preview import Checked, Planner

Known = Any  # the fixture of this name
TRACKER = "arn:aws:personalize:us-east-1:123456789012:event-tracker/1"
TAKEN = (
    f"dataset group {GROUP} already has event tracker 'theirs' ({TRACKER}, ACTIVE), "
    "and a dataset group can have only one event tracker. "
)


def theirs(status: str = "ACTIVE", mark: str | None = None) -> EventTracker:
    tags = {OWNER_TAG: mark} if mark else {}
    return EventTracker(TRACKER, "theirs", status, dataset_group_arn=GROUP, tags=tags)


def props(resource: str = "web", group: Any = GROUP, **properties: Any) -> dict[str, Any]:
    context = {"project": "shop", "stack": "dev", "resource": resource, "group": ""}
    context |= properties.pop("context", {})
    return {"datasetGroupArn": group, "resourceContext": context, **properties}


def problems(checked: Checked) -> list[tuple[str, str]]:
    return [(problem.property, problem.reason) for problem in checked.problems]


def test_group_with_room(planner: Planner, known: Known) -> None:
    news = props(name="clicks", tags={"team": "web"})
    assert planner.check({}, news) == Checked(news, [], [], [])
    assert sorted(known.asked) == ["group", "trackers"]


def test_existing_resource_needs_no_calls(planner: Planner, known: Known) -> None:
    news = props(name="clicks", tags={"team": "web"})
    assert planner.check(news, news).problems == []
    assert known.asked == []


@pytest.mark.parametrize("news", [props(group=UNKNOWN), props(group="shop"), props(name="-")])
def test_what_is_not_known_or_good_is_not_looked_for(
    planner: Planner, known: Known, news: dict[str, Any]
) -> None:
    planner.check({}, news)
    assert known.asked == []


def test_empty_properties_are_left_out(planner: Planner) -> None:
    checked = planner.check({}, props(name="clicks", tags={}, adoptExisting=None))
    assert checked.inputs == props(name="clicks")
    assert checked.problems == []


@pytest.mark.parametrize(
    ("status", "problem"),
    [
        (None, "does not exist in us-east-1. Check its name, region and account."),
        *(
            (
                status,
                f"is {status}, and must be ACTIVE before an event tracker can be created. "
                "Wait until it is ACTIVE, then run `pulumi up` again.",
            )
            for status in ("CREATE PENDING", "CREATE IN_PROGRESS")
        ),
        (
            "CREATE FAILED",
            "is CREATE FAILED, and must be ACTIVE before an event tracker can be created. "
            "Run `aws personalize describe-dataset-group` to see why, or use another one.",
        ),
        (
            "DELETE PENDING",
            "is DELETE PENDING, and must be ACTIVE before an event tracker can be created. "
            "Use another one.",
        ),
    ],
)
def test_group_that_takes_no_tracker(
    planner: Planner, known: Known, status: str | None, problem: str
) -> None:
    known.groups[GROUP] = status
    checked = planner.check({}, props(name="clicks"))
    assert problems(checked) == [("datasetGroupArn", f"dataset group {GROUP} {problem}")]


@pytest.mark.parametrize(
    ("mark", "properties", "advice"),
    [
        *(
            (
                mark,
                {},
                "Delete that tracker, set adopt_existing=True to adopt it, "
                "or use another dataset group.",
            )
            for mark in (
                None,
                "junk",
                "done-1:other/dev/app",
                "creating-1:shop/prod/web",
                "creating-1:shop/devel/web",
            )
        ),
        (
            "done-1:other/dev/web",
            {},
            "Delete that tracker, set adopt_existing=True to adopt it, or use another dataset "
            "group. If 'other/dev/web' was this resource's identity before a rename of its stack "
            "or project, run `pulumi up` once without --replace (after a taint, `pulumi state "
            "untaint` first), then again.",
        ),
        (
            "done-1:shop/dev/web",
            {},
            "This resource created it. To recover lost state, set adopt_existing=True; to force a "
            "replacement, set delete_before_replace=True.",
        ),
        (
            "done-1:shop/dev/shop:index:Search::old/web",
            {},
            "Resource 'old/web' of this stack created it: if you renamed 'old/web' to 'web', add "
            "aliases; if 'old/web' moves to another dataset group, deploy that first in a separate "
            "`pulumi up`; otherwise use another dataset group.",
        ),
        (
            "creating-1:shop/dev/shop:index:Search::old/web",
            {},
            "Resource 'old/web' of this stack began it and did not finish: set adopt_existing=True "
            "to adopt it, delete it, or use another dataset group.",
        ),
        (
            None,
            {"name": "clicks", "adoptExisting": True},
            "adopt_existing=True adopts only a tracker named 'clicks': "
            "set name='theirs' or omit it.",
        ),
        (
            "done-1:shop/dev/web",
            {"name": "clicks"},
            "This resource created it. To recover lost state, set adopt_existing=True and "
            "name='theirs'; to force a replacement, set delete_before_replace=True.",
        ),
        (
            None,
            {"name": "theirs"},
            "Delete that tracker, set adopt_existing=True to adopt it, "
            "or use another dataset group and name.",
        ),
        (
            "done-1:other/dev/web",
            {"tags": dict.fromkeys(map(str, range(50)), "x"), "adoptExisting": True},
            "It bears the ownership tag of 'other/dev/web', which one of ours has to replace: use "
            "at most 49 tags to adopt it.",
        ),
    ],
)
def test_group_that_is_taken(
    planner: Planner, known: Known, mark: str | None, properties: dict[str, Any], advice: str
) -> None:
    known.trackers[GROUP] = theirs(mark=mark)
    checked = planner.check({}, props(**properties))
    assert problems(checked) == [("datasetGroupArn", TAKEN + advice)]
    assert checked.notes == []


@pytest.mark.parametrize(
    ("mark", "who"),
    [
        (
            "done-1:other/dev/shop:index:Site::site/web",
            "'other/dev/shop:index:Site::site/web' was this resource's identity before a rename of "
            "its stack or project",
        ),
        (
            "done-1:shop/dev/shop:index:Site::site/old",
            "'site/old' was the name of 'site/web' until a `pulumi state rename` or under an alias "
            "that is gone",
        ),
    ],
)
def test_forced_replacement_under_a_former_name_is_told_the_way_out(
    planner: Planner, known: Known, mark: str, who: str
) -> None:
    known.trackers[GROUP] = theirs(mark=mark)
    context = {"parents": "shop:index:Site", "parent": "site", "deleteBeforeReplace": True}
    (problem,) = planner.check({}, props("site/web", context=context)).problems
    assert problem.reason.endswith(
        f"If {who}, run `pulumi up` once without --replace (after a taint, `pulumi state untaint` "
        "first), then again."
    )


@pytest.mark.parametrize("adopt", [None, True])
def test_failed_tracker_is_no_use_to_anyone(
    planner: Planner, known: Known, adopt: bool | None
) -> None:
    known.trackers[GROUP] = theirs("CREATE FAILED")
    (problem,) = planner.check({}, props(adoptExisting=adopt)).problems
    assert problem.reason.endswith(
        "It failed to create and cannot be adopted: delete it, or use another dataset group."
    )


def test_adoption_that_is_not_known_yet_is_not_refused(planner: Planner, known: Known) -> None:
    known.trackers[GROUP] = theirs()
    checked = planner.check({}, props(adoptExisting=UNKNOWN))
    assert checked.problems == []
    assert checked.notes == [
        f"adopting existing event tracker theirs ({TRACKER}) if adopt_existing is true "
        "(unknown at preview)"
    ]


@pytest.mark.parametrize("status", ["DELETE PENDING", "DELETE IN_PROGRESS"])
def test_tracker_that_is_going_leaves_room(planner: Planner, known: Known, status: str) -> None:
    known.trackers[GROUP] = theirs(status)
    checked = planner.check({}, props(name="clicks"))
    assert checked.problems == []
    assert checked.notes == [
        f"waiting for event tracker theirs ({TRACKER}) to be deleted ({status}), "
        "then creating a new one"
    ]


@pytest.mark.parametrize("properties", [{}, {"name": "theirs"}])
def test_adoption_is_announced(planner: Planner, known: Known, properties: dict[str, Any]) -> None:
    known.trackers[GROUP] = theirs()
    checked = planner.check({}, props(adoptExisting=True, **properties))
    assert checked.problems == []
    assert checked.notes == [
        f"adopting existing event tracker theirs ({TRACKER}) (adopt_existing=True)"
    ]
    assert checked.inputs["name"] == "theirs"


@pytest.mark.parametrize("status", ["CREATE PENDING", "CREATE IN_PROGRESS", "ACTIVE"])
def test_interrupted_create_is_resumed(planner: Planner, known: Known, status: str) -> None:
    known.trackers[GROUP] = theirs(status, "creating-1:shop/dev/web")
    checked = planner.check({}, props())
    assert checked.problems == []
    assert checked.notes == [f"resuming interrupted create of event tracker theirs ({TRACKER})"]
    assert checked.inputs["name"] == "theirs"


@pytest.mark.parametrize(
    ("status", "properties", "left"),
    [
        ("CREATE FAILED", {}, "CREATE FAILED"),
        ("CREATE FAILED", {"name": "clicks"}, "CREATE FAILED"),
        ("CREATE PENDING", {"name": "clicks"}, "under another name"),
        ("ACTIVE", {"name": "clicks"}, "under another name"),
    ],
)
def test_interrupted_create_that_left_what_is_of_no_use(
    planner: Planner, known: Known, status: str, properties: dict[str, str], left: str
) -> None:
    known.trackers[GROUP] = theirs(status, "creating-1:shop/dev/web")
    checked = planner.check({}, props(**properties))
    assert checked.problems == []
    assert checked.notes == [
        f"deleting event tracker theirs ({TRACKER}), which an interrupted create left {left}, "
        "then creating a new one"
    ]
    assert checked.inputs["name"] != "theirs"


@pytest.mark.parametrize(
    ("mark", "adopt", "note"),
    [
        (
            "creating-1:shop/dev/web",
            None,
            f"resuming interrupted create of event tracker theirs ({TRACKER}) if name is 'theirs' "
            "(unknown at preview), else deleting it first",
        ),
        (
            None,
            True,
            f"adopting existing event tracker theirs ({TRACKER}) if name is 'theirs' "
            "(unknown at preview)",
        ),
        (
            None,
            UNKNOWN,
            f"adopting existing event tracker theirs ({TRACKER}) if adopt_existing is true and "
            "name is 'theirs' (unknown at preview)",
        ),
    ],
)
def test_name_that_is_not_known_yet_leaves_it_open(
    planner: Planner, known: Known, mark: str | None, adopt: Any, note: str
) -> None:
    known.trackers[GROUP] = theirs(mark=mark)
    checked = planner.check({}, props(name=UNKNOWN, adoptExisting=adopt))
    assert checked.problems == []
    assert checked.notes == [note]
    assert checked.inputs["name"] is UNKNOWN


@pytest.mark.parametrize("there", [None, theirs("DELETE PENDING")])
@pytest.mark.parametrize("has_interactions", [True, False, None])
def test_group_without_interactions_is_warned_of(
    planner: Planner, known: Known, there: EventTracker | None, has_interactions: bool | None
) -> None:
    known.trackers = {GROUP: there} if there else {}
    known.has_interactions = has_interactions
    checked = planner.check({}, props(name="clicks"))
    assert checked.problems == []
    told = warning_of(DatasetGroup(GROUP, "ACTIVE", False))
    assert checked.warnings == [told] * (has_interactions is False)


def test_tracker_that_is_there_needs_no_interactions(planner: Planner, known: Known) -> None:
    known.trackers[GROUP] = theirs()
    known.has_interactions = False
    assert planner.check({}, props(adoptExisting=True)).warnings == []


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
    news = props(name="clicks", context={"deleteBeforeReplace": True, **context})
    checked = planner.check({}, news)
    assert (checked.problems == []) is good
    renamed = "'x/old', a former name of this resource," if "x/old" in owner else "this resource"
    told = (
        f"replacing event tracker theirs ({TRACKER}), which {renamed} created; if state was "
        "lost: the update will be refused; set adopt_existing=True and name='theirs' to recover it"
    )
    assert checked.notes == [told] * good


@pytest.mark.parametrize(
    ("status", "properties", "then"),
    [
        ("ACTIVE", {"adoptExisting": True}, "adopting it (adopt_existing=True)"),
        (
            "ACTIVE",
            {"adoptExisting": True, "name": "clicks"},
            "the update will be refused; set adopt_existing=True and name='theirs' to recover it",
        ),
        ("CREATE FAILED", {}, "the update will be refused"),
    ],
)
def test_forced_replacement_or_lost_state_is_told_as_both(
    planner: Planner, known: Known, status: str, properties: dict[str, Any], then: str
) -> None:
    known.trackers[GROUP] = theirs(status, "done-1:shop/dev/web")
    checked = planner.check({}, props(context={"deleteBeforeReplace": True}, **properties))
    assert checked.problems == []
    assert checked.notes == [
        f"replacing event tracker theirs ({TRACKER}), which this resource created; if state was "
        f"lost: {then}"
    ]


@pytest.mark.parametrize("status", ["CREATE PENDING", "CREATE IN_PROGRESS"])
def test_tracker_that_is_not_done_can_be_deleted_later(
    planner: Planner, known: Known, status: str
) -> None:
    known.trackers[GROUP] = theirs(status)
    (problem,) = planner.check({}, props()).problems
    assert problem.reason.endswith(
        "Delete that tracker once it is ACTIVE, set adopt_existing=True to adopt it, "
        "or use another dataset group."
    )


def test_name_that_was_not_asked_for_is_made_up(planner: Planner) -> None:
    checked = planner.check({}, props("shop/web"))
    assert re.fullmatch("shop-web-[0-9a-f]{7}", checked.inputs["name"])
    assert checked.inputs["resourceContext"] == {
        **props("shop/web")["resourceContext"],
        "named": False,
    }


def test_made_up_name_is_kept_for_life(planner: Planner) -> None:
    made = planner.check({}, props()).inputs
    again = planner.check(made, props(tags={"team": "web"}))
    assert again.inputs["name"] == made["name"]
    assert again.inputs["resourceContext"]["named"] is False


def test_name_that_is_asked_for_no_more_is_kept(planner: Planner) -> None:
    checked = planner.check(props(name="clicks"), props())
    assert checked.inputs["name"] == "clicks"
    assert checked.inputs["resourceContext"]["named"] is False


def test_unknown_name_is_left_unknown(planner: Planner) -> None:
    assert planner.check({}, props(name=UNKNOWN)).inputs["name"] is UNKNOWN


@pytest.mark.parametrize("known_resource", [True, False])
def test_two_trackers_of_one_program_on_one_group(planner: Planner, known_resource: bool) -> None:
    first = props("web", name="a")
    assert planner.check(first if known_resource else {}, first).problems == []
    assert problems(planner.check({}, props("app", name="b"))) == [
        (
            "datasetGroupArn",
            f"'web' and 'app' both use dataset group {GROUP}, and a dataset group can have only "
            "one event tracker. Give each its own dataset group",
        )
    ]
    assert planner.check({}, props("app", OTHER_GROUP, name="b")).problems == []


def test_two_of_one_name_under_parents_of_different_types(planner: Planner) -> None:
    first, second = (
        props("web/clicks", name="a", context={"parents": f"shop:index:{kind}"})
        for kind in ("Search", "Ads")
    )
    assert planner.check({}, first).problems == []
    assert len(planner.check({}, second).problems) == 1


def test_name_is_not_known_before_the_group_is(planner: Planner) -> None:
    assert planner.check({}, props("web", UNKNOWN)).inputs["name"] is UNKNOWN
    assert planner.check({}, props("web", UNKNOWN, name="clicks")).inputs["name"] == "clicks"


def test_two_trackers_on_one_group_that_is_not_made_yet(planner: Planner, known: Known) -> None:
    urn = "urn:pulumi:dev::shop::aws-native:personalize:DatasetGroup::g"
    assert planner.check({}, props("web", UNKNOWN, context={"group": urn})).problems == []
    assert problems(planner.check({}, props("app", UNKNOWN, context={"group": urn}))) == [
        (
            "datasetGroupArn",
            "'web' and 'app' both use the same dataset group, and a dataset group can have only "
            "one event tracker. Give each its own dataset group",
        )
    ]
    assert known.asked == []


@pytest.mark.parametrize("sources", [("urn:a", "urn:b"), ("", ""), (UNKNOWN, UNKNOWN)])
def test_groups_that_may_be_two_are_no_problem(
    planner: Planner, sources: tuple[object, object]
) -> None:
    for resource, source in zip(("web", "app"), sources, strict=True):
        news = props(resource, UNKNOWN, context={"group": source})
        assert planner.check({}, news).problems == []


def test_resource_that_is_checked_again_is_not_a_second_one(planner: Planner) -> None:
    for _ in range(3):
        assert planner.check({}, props("web", name="a")).problems == []


@pytest.mark.parametrize("context", [None, "junk", UNKNOWN, []])
def test_context_of_junk_does_no_harm(planner: Planner, context: object) -> None:
    checked = planner.check({}, {"datasetGroupArn": GROUP, "resourceContext": context})
    assert checked.problems == []
    assert checked.inputs["name"].startswith("tracker-")


def test_error_of_aws_is_not_hidden(
    planner: Planner, known: Known, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(arn: str) -> DatasetGroup:
        raise RuntimeError("no credentials")

    failing: Callable[[str], DatasetGroup] = fail
    monkeypatch.setattr(known, "group", failing)
    with pytest.raises(RuntimeError, match="no credentials"):
        planner.check({}, props(name="clicks"))
