"""Check and diff: what an operation would do, found out with as few calls as possible."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from kinds import GROUP, OTHER_GROUP, OWNER_TAG, resource_context
from pulumi_personalize import GroupTakenError, InputError
from pulumi_personalize.service.inputs import UNKNOWN, Resource
from pulumi_personalize.service.names import Naming
from pulumi_personalize.service.preview import Checked, Difference, Planner
from pulumi_personalize.session import Session

Service = Any  # the fixture of this name
DONE = {OWNER_TAG: "done-1:shop/dev/web"}
STATE = {"datasetGroupArn": GROUP, "name": "clicks", "tags": {"team": "web"}, "ownershipTag": "1"}
STATE |= {"resourceContext": resource_context()}
FIRST: dict[str, Any] = {"delete_before_replace": True}
MOVE = ["datasetGroupArn"]
ELSEWHERE = OTHER_GROUP.replace("123456789012", "210987654321")


def props(resource: str = "web", group: Any = GROUP, **changes: Any) -> dict[str, Any]:
    context = resource_context(resource, **changes.pop("context", {}))
    return {"datasetGroupArn": group, **changes, "resourceContext": context}


def named(**changes: Any) -> dict[str, Any]:
    return props(**{"name": "clicks", "tags": {"team": "web"}, **changes})


def test_check_of_a_new_resource(session: Session, service: Service) -> None:
    assert session.planner.check({}, named()) == Checked(named(), [], [])
    assert sorted(service.calls) == ["list_datasets", "list_event_trackers"]
    arn, service.datasets = service.put("theirs", "DELETE PENDING"), {}
    notes: list[str] = []
    checked = session.planner.check({}, named(), notes.append)
    assert (len(notes), len(checked.warnings)) == (1, 1)
    service.trackers[arn]["status"] = "ACTIVE"
    ((place, reason),) = session.planner.check({}, named()).problems
    assert (place, arn in reason) == ("datasetGroupArn", True)
    service.groups[GROUP], service.datasets = "DELETE PENDING", {}
    assert "is DELETE PENDING" in session.planner.check({}, named()).problems[0].reason


def test_check_makes_no_call_if_none_helps(
    make_session: Callable[..., Session], service: Service
) -> None:
    forbidden = {"forbidden_account_ids": ("123456789012",)}
    for settings, olds, news, problems in (
        ({}, named(), named(), 0),
        ({}, {}, props(group=UNKNOWN), 0),
        ({}, {}, props(name="-"), 1),
        (forbidden, named(), named(), 1),
        ({"allowed_account_ids": ("1" * 12,)}, {}, named(), 1),
    ):
        assert len(make_session(**settings).planner.check(olds, news).problems) == problems
    assert service.calls == []


def test_name_is_derived_and_kept(session: Session, service: Service) -> None:
    derived = session.planner.check({}, props(tags={}, adoptExisting=None)).inputs
    assert re.fullmatch("web-[0-9a-f]{7}", derived["name"])
    unnamed = {**props(), "resourceContext": resource_context(named=False)}
    assert derived == {**unnamed, "name": derived["name"]}
    assert session.planner.check({"name": "old"}, props()).inputs == {**unnamed, "name": "old"}
    service.put("theirs")
    assert session.planner.check({}, props(adoptExisting=True)).inputs["name"] == "theirs"


def test_two_resources_of_one_program(session: Session) -> None:
    for resource, group, source, problems in (
        ("a", GROUP, "", 0),
        ("a", GROUP, "", 0),
        ("b", GROUP, "", 1),
        ("b", OTHER_GROUP, "", 0),
        *(("c", UNKNOWN, "urn:x", 0), ("d", UNKNOWN, "urn:x", 1), ("d", UNKNOWN, "urn:y", 0)),
        *(("e", UNKNOWN, "", 0), ("f", UNKNOWN, "", 0)),
    ):
        checked = session.planner.check({}, props(resource, group, context={"group": source}))
        places = [
            place for place, reason in checked.problems if f" and '{resource}' both" in reason
        ]
        assert places == ["datasetGroupArn"] * problems


def test_diff_in_place(session: Session, service: Service) -> None:
    for news, changes in (
        (named(adoptExisting=True), False),
        (named(name="web-0123456", context={"named": False}), False),
        (named(tags={"team": "ads"}), True),
        (named(tags=None), True),
        (named(tags=UNKNOWN), True),
    ):
        found = session.planner.diff("arn:x", STATE, news)
        assert found == Difference(changes, [], False, False, False, [])
    tags = {"tagsAll": {"env": "dev", "team": "web"}}
    assert session.planner.diff("arn:x", STATE, {**named(), **tags}).changes
    assert not session.planner.diff("arn:x", {**STATE, **tags}, {**named(), **tags}).changes
    former = {**STATE, "resourceContext": resource_context(stack="old")}
    notes: list[str] = []
    found = session.planner.diff("arn:x", former, named(), notes.append)
    assert (found.changes, found.replaces, found.reowned) == (True, [], True)
    assert ["shop/old/web is now shop/dev/web" in note for note in notes] == [True]
    assert not session.planner.diff("arn:x", {**former, "ownershipTag": "none"}, named()).changes
    assert service.calls == []


@pytest.mark.parametrize(
    "case",
    [
        (named(name="views"), ["name"], True, 1, 0),
        (named(group=UNKNOWN), MOVE, False, 2, 0),
        (named(group=OTHER_GROUP), MOVE, False, 2, 2),
        (named(group=OTHER_GROUP, context={"named": False}), MOVE, False, 1, 2),
        (named(group=OTHER_GROUP, context=FIRST), MOVE, False, 1, 2),
        (named(group=ELSEWHERE), MOVE, False, 2, 2),
        (named(group=OTHER_GROUP, name="x"), [*MOVE, "name"], False, 1, 2),
    ],
)
def test_diff_that_replaces(session: Session, service: Service, case: Any) -> None:
    news, replaces, first, warnings, calls = case
    session.planner.check(named(), news)
    found = session.planner.diff(service.put("clicks", tags=DONE), STATE, news)
    assert (found.changes, found.replaces, found.delete_first) == (True, replaces, first)
    assert ["changes its tracking ID" in warning for warning in found.warnings] == [True]
    assert len(service.calls) == calls
    # The engine checks it once more, as new, and as the program has it.
    is_named = Resource.of(news).named
    again = session.planner.check({}, {key: news[key] for key in news if is_named or key != "name"})
    assert again.problems == []
    assert ["keeps the name" in it for it in again.warnings] == [True] * (warnings - 1)
    assert not calls or len(service.calls) == calls


def test_move_with_a_fixed_name(session: Session) -> None:
    for options, order in (({}, "is deleted"), ({"retain_on_delete": True}, "leaves the state")):
        context = {**FIRST, "has_fixed_name": True, **options}
        planner, news = Planner(session.personalize), named(group=OTHER_GROUP, context=context)
        planner.check(named(context=context), news)
        state = {**STATE, "resourceContext": news["resourceContext"]}
        _, warning = planner.diff("arn:x", state, news).warnings
        assert f"the old event tracker {order} before the new one is created" in warning
        # A name that is proposed may be the old one, too; a retained tracker keeps it.
        unnamed = props(group=OTHER_GROUP, context=context)
        warnings = planner.check({}, unnamed, naming=Naming("clicks")).warnings
        assert ["keeps the name" in it for it in warnings] == [True] * bool(options)


def test_move_because_the_group_is_deleted_first(session: Session, service: Service) -> None:
    # The engine asks before it has checked the resource.
    arn = service.put("clicks", tags=DONE)
    planner, news = Planner(session.personalize), named(group=UNKNOWN)
    assert len(planner.diff(arn, STATE, news).warnings) == 1
    # Without an old tracker at the time, the name is free.
    assert planner.check({}, news).warnings == []
    # Personalize deletes no group that keeps its tracker.
    retained: dict[str, Any] = {"retain_on_delete": True}
    state = {**STATE, "resourceContext": resource_context(**retained)}
    with pytest.raises(InputError, match="deleted first, which retain_on_delete=True prevents"):
        Planner(session.personalize).diff(arn, state, named(group=UNKNOWN, context=retained))
    # The option is new: the engine does not go by it, as long as there is something to delete.
    planner = Planner(session.personalize)
    planner.diff(arn, STATE, named(group=UNKNOWN))
    news = named(group=OTHER_GROUP, context={"retain_on_delete": True})
    with pytest.raises(InputError, match="retain_on_delete changes in the same step"):
        planner.check({}, news)
    del service.trackers[arn]
    assert planner.check({}, news).problems == []


def test_replacement_that_only_the_engine_knows_of(session: Session, service: Service) -> None:
    service.put("clicks", tags=DONE)
    for first_check, is_open in (({}, True), (named(), False)):
        planner, news = Planner(session.personalize), named(context=FIRST)
        planner.check(first_check, news)
        (warning,) = planner.check({}, news).warnings
        assert "changes its tracking ID" in warning
        assert ("if state was lost" in warning) is is_open
    # It moves at the same time, of which only the first check can know.
    for group in (OTHER_GROUP, UNKNOWN):
        for options, count in (({}, 2), (FIRST, 1), ({**FIRST, "has_fixed_name": True}, 2)):
            planner, news = Planner(session.personalize), named(group=group, context=options)
            planner.check(named(), news)
            warnings = planner.check({}, news).warnings
            assert "event tracker clicks permanently changes its tracking ID" in warnings[0]
            assert len(warnings) == count


def test_name_that_autonaming_proposes(session: Session, service: Service) -> None:
    check, good, bad = session.planner.check, Naming("clicks-1"), Naming("a.b")
    unnamed = props()
    for naming, name in ((good, "clicks-1"), (good._replace(is_enforced=True), "clicks-1")):
        assert check({}, unnamed, naming=naming).inputs["name"] == name
    assert re.fullmatch("web-[0-9a-f]{7}", check({}, unnamed, naming=bad).inputs["name"])
    # It is no name that the program asks for.
    assert Resource.of(check({}, unnamed, naming=good).inputs).named is False
    for naming in (bad._replace(is_enforced=True), Naming(is_disabled=True)):
        ((place, reason),) = check({}, unnamed, naming=naming).problems
        assert (place, "pulumi:autonaming" in reason) == ("name", True)
        # No name, which might be unknown, in an update that fails.
        wrong = check({}, {**unnamed, "datasetGroupArn": "x"}, naming=naming)
        assert "name" not in wrong.inputs
        for olds, news in (({}, named()), (named(), unnamed)):
            checked = check(olds, news, naming=naming)
            assert (checked.problems, checked.inputs["name"]) == ([], "clicks")
    service.put("theirs")
    adopted = check({}, props(adoptExisting=True), naming=good)
    assert adopted.inputs["name"] == "theirs"
    assert check({}, props(group=UNKNOWN), naming=good).inputs["name"] is UNKNOWN


def test_replacement_with_another_option_than_in_the_last_update(
    session: Session, service: Service
) -> None:
    planner, retained = session.planner, {"retain_on_delete": True, **FIRST}
    arn = service.put("clicks", tags=DONE)
    was = named(context=retained)
    state = {**STATE, "resourceContext": was["resourceContext"]}
    planner.check(was, named(context=FIRST))
    # Alone, it is an update, so that the outputs follow.
    found = planner.diff(arn, state, named(context=FIRST))
    assert (found.changes, found.replaces, found.retained_anew) == (True, [], True)
    words = "replacing event tracker clicks: retain_on_delete changes in the same step"
    for news in (named(name="views", context=FIRST), named(group=UNKNOWN, context=FIRST)):
        with pytest.raises(InputError, match=words):
            planner.diff(arn, state, news)
    # A replacement that only the engine knows of, by an option, is checked again.
    planner.diff(arn, state, named(context=FIRST))
    with pytest.raises(InputError, match=f"{words}.* without what replaces it, as replace_on_ch"):
        planner.check({}, named(context=FIRST))
    # The engine asks for no diff of a trigger's replacement.
    for before, now, is_refused in (
        ({}, retained, True),
        (retained, {}, True),
        (FIRST, FIRST, False),
    ):
        again = Planner(session.personalize)
        again.check(named(context=before), named(context=now))
        news = named(group=UNKNOWN, context=now)
        if is_refused:
            with pytest.raises(InputError, match=words):
                again.check({}, news)
        else:
            assert again.check({}, news).problems == []
    # Another tracker is adopted: the old one would be lost, or kept.
    other = service.put("theirs", datasetGroupArn=OTHER_GROUP)
    again = Planner(session.personalize)
    again.check(was, named(context={}))
    with pytest.raises(InputError, match=words):
        again.check({}, named(group=OTHER_GROUP, adoptExisting=True, name="theirs"))
    del service.trackers[other]
    # An interrupted create left it unusable, whatever the option.
    tracker = service.trackers.pop(arn)
    failed = service.put("clicks", "CREATE FAILED", tags=DONE)
    again = Planner(session.personalize)
    again.check(was, named(context=FIRST))
    assert again.diff(failed, {**state, "unfinished": True}, named(context=FIRST)).replaces
    assert again.check({}, named(context=FIRST)).problems == []
    del service.trackers[failed]
    service.trackers[arn] = tracker
    # Of a tracker that is adopted again, or is gone, there is nothing to lose.
    adopts = named(context={}, adoptExisting=True)
    again = Planner(session.personalize)
    again.check(was, adopts)
    again.diff(arn, state, adopts)
    assert again.check({}, adopts).problems == []
    tracker = service.trackers.pop(arn)
    assert planner.diff(arn, state, named(name="views", context=FIRST)).replaces == ["name"]
    assert planner.check({}, named(context=FIRST)).problems == []
    service.trackers[arn] = tracker
    # Other languages pass no options.
    unknown = named(context={"options_known": False})
    assert planner.check(was, unknown).problems == planner.check({}, unknown).problems == []


def test_diff_that_is_refused(session: Session, service: Service) -> None:
    old = service.put("clicks", tags=DONE)
    for context, option in (
        ({"delete_before_replace": False}, "delete_before_replace=False"),
        ({"retain_on_delete": True, **FIRST}, "retain_on_delete=True"),
        ({"retain_on_delete": True, "options_known": False}, "retainOnDelete: true"),
    ):
        with pytest.raises(InputError, match=f"which {option} prevents"):
            session.planner.diff(old, STATE, named(name="views", context=context))
        # Without the old tracker, nothing has to be deleted.
        tracker = service.trackers.pop(old)
        state = {**STATE, "resourceContext": resource_context(**context)}
        session.planner.diff(old, state, named(name="views", context=context))
        service.trackers[old] = tracker
        session.planner.diff("arn:x", STATE, named(name="x", group=OTHER_GROUP, context=context))
        # It may turn out to be the same name.
        session.planner.diff("arn:x", STATE, named(name=UNKNOWN, context=context))
    arn = service.put("theirs", datasetGroupArn=ELSEWHERE)
    with pytest.raises(GroupTakenError, match=arn):
        session.planner.diff("arn:x", STATE, named(group=ELSEWHERE))
