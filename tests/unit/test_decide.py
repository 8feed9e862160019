"""The decision about a group's event trackers, and what the user reads of it, word for word."""

from typing import Any

import pytest
from kinds import GROUP, OWNER_TAG, resource_context
from pulumi_personalize import ServiceError
from pulumi_personalize.service import decide as module
from pulumi_personalize.service.decide import REPLACES, Action, Replaced, decide, problem_of
from pulumi_personalize.service.inputs import UNKNOWN, Inputs, Resource, parse
from pulumi_personalize.service.model import DatasetGroup, EventTracker

ARN = "arn:aws:personalize:us-east-1:123456789012:event-tracker/1"
IT = f"event tracker theirs ({ARN})"
UNDONE, DONE = "creating-1:shop/dev/web", "done-1:shop/dev/web"
OTHER, SIBLING = "done-1:other/dev/app", "1:shop/dev/a:b:C::old"
ADOPT, FIRST = {"adoptExisting": True}, {"delete_before_replace": True}
SCHEMA: dict[str, Any] = {"options_known": False}
NAMED, FIFTY = {"name": "clicks"}, {"tags": dict.fromkeys(map(str, range(50)), "")}
UNKNOWNS = {"name": UNKNOWN, "adoptExisting": UNKNOWN, **FIRST}
ALL_UNKNOWN = " if adopt_existing is true and name is 'theirs' (unknown at preview)"
USE = "use another dataset group"
THEN = ", then creating a new one"
IF_NAME = " if name is 'theirs' (unknown at preview), else deleting it first"
REFUSED, SET = "the update will be refused", "set adopt_existing=True"
BOTH = f"{SET} and name='theirs'"
ALL = f"{BOTH} and at most 49 tags"
OWN = ", which this resource created; to replace it, set delete_before_replace=True"
ANYWAY = "; if this is a replacement of it, it is deleted first"
ELSE = f"{SET} to adopt it, or {USE}"
LOST = f"This resource created it. To recover lost state, {SET}; to force a replacement, "
UNFINISHED = f"'{SIBLING[2:]}' has not finished creating it: {SET} to adopt it, delete it, or {USE}"
MAKING = "'x' may still be creating it: run `pulumi up` again once it is ACTIVE"
FAILED = f"It failed to create and cannot be adopted: delete it, or {USE}"
RENAME = f"{BOTH} to adopt it, or {USE}"
REQUIRES = "Replacing it requires deleting it first: "
ONLY = "adopt_existing=True adopts only a tracker named 'clicks': set name='theirs' or omit it"
BLOCKED = f"{ONLY}. Adopting it replaces its ownership tag: use at most 49 tags"
SIBLINGS = (
    "Resource 'old' of this stack created it: if you renamed 'old' to 'web', add aliases; if 'old' "
    f"moves to another dataset group, deploy that first in a separate `pulumi up`; otherwise {USE}"
)
MOVED = SIBLINGS.replace("renamed 'old' to 'web'", "gave it another parent").replace("old", "web")


def tracker(status: str = "ACTIVE", tag: str = "", **tags: str) -> EventTracker:
    tags |= {OWNER_TAG: tag} if tag else {}
    return EventTracker(ARN, "theirs", status, dataset_group_arn=GROUP, tags=tags)


def inputs(**given: Any) -> Inputs:
    """Inputs of properties, and of options of the resource ``web``."""
    own = ("name", "tags", "adoptExisting")
    props = {key: given.pop(key) for key in own if key in given}
    context = {"resourceContext": resource_context(**given)}
    return parse({"datasetGroupArn": GROUP, **props, **context})[0]


MINE, LEFT = tracker("ACTIVE", DONE), tracker("ACTIVE", UNDONE)
WORDS = {
    "WAIT": f"waiting for {IT} to be deleted (",
    "RESUME": f"resuming interrupted create of {IT}",
    "DISCARD": f"deleting {IT}, which an interrupted create left ",
    "CREATE": f"{REPLACES.format(tracker=IT)}; if state was lost: ",
    "ADOPT": f"adopting existing {IT}",
}


@pytest.mark.parametrize(
    ("found", "given", "action", "words"),
    [
        (tracker("DELETE PENDING"), {}, "WAIT", f"DELETE PENDING){THEN}"),
        # Left by an interrupted create of this resource.
        (LEFT, {}, "RESUME", ""),
        (tracker("CREATE PENDING", UNDONE), ADOPT | FIRST, "RESUME", ""),
        (tracker("ACTIVE", UNDONE, b="", a=""), {}, "RESUME", "; removing its tags a, b"),
        (LEFT, {"name": UNKNOWN}, "RESUME", IF_NAME),
        (LEFT, NAMED, "DISCARD", f"under another name{THEN}"),
        (tracker("CREATE FAILED", UNDONE), ADOPT, "DISCARD", f"CREATE FAILED{THEN}"),
        # This resource's own: a forced replacement, or lost state.
        (MINE, FIRST, "CREATE", f"{REFUSED}; {SET} to recover it"),
        (MINE, FIRST | NAMED | FIFTY, "CREATE", f"{REFUSED}; {ALL} to recover it"),
        (tracker("CREATE FAILED", DONE), FIRST, "CREATE", REFUSED),
        (MINE, FIRST | ADOPT, "CREATE", "adopting it (adopt_existing=True)"),
        (MINE, SCHEMA, "CREATE", f"{REFUSED}; set adoptExisting: true to recover it"),
        (MINE, ADOPT, "ADOPT", f" (adopt_existing=True){OWN}"),
        # Adopted.
        (tracker(), {**ADOPT, "name": "theirs"}, "ADOPT", " (adopt_existing=True)"),
        (tracker("ACTIVE", OTHER), ADOPT | SCHEMA, "ADOPT", " (adoptExisting: true)"),
        (tracker(a=""), ADOPT, "ADOPT", " (adopt_existing=True); removing its tags a"),
        (tracker(a=""), {**ADOPT, "tags": UNKNOWN}, "ADOPT", " (adopt_existing=True)"),
        (tracker(), ADOPT | FIRST, "ADOPT", f" (adopt_existing=True){ANYWAY}"),
        (tracker(a=""), UNKNOWNS, "ADOPT", ALL_UNKNOWN),
    ],
)
def test_preview_announces_each_case(
    found: EventTracker, given: Any, action: str, words: str
) -> None:
    decision = decide([found], inputs(**given))
    assert decision == (Action[action], found, WORDS[action] + words, None)


RELEASE = "remove retain_on_delete=True in a separate `pulumi up`"
UNTAINT = "`pulumi state untaint` it if it is tainted, "


@pytest.mark.parametrize(
    ("found", "given", "advice"),
    [
        *((tracker("ACTIVE", tag), {}, f"Delete that tracker, {ELSE}") for tag in ("", "x", OTHER)),
        (tracker(), {"name": "theirs"}, f"Delete that tracker, {ELSE} and name"),
        (tracker("CREATE PENDING", "creating-1:x"), ADOPT, MAKING),
        (tracker("CREATE PENDING"), {}, f"Delete that tracker once it is ACTIVE, {ELSE}"),
        (tracker(), NAMED, f"Delete that tracker, {RENAME}"),
        *((tracker("CREATE FAILED", OTHER), given, FAILED) for given in ({}, ADOPT)),
        (tracker("ACTIVE", OTHER), {**ADOPT, **NAMED, **FIFTY}, BLOCKED),
        (MINE, {}, f"{LOST}set delete_before_replace=True"),
        (MINE, {**FIRST, "retain_on_delete": True}, f"{LOST}{UNTAINT}{RELEASE}"),
        (tracker("ACTIVE", f"done-{SIBLING}"), {}, SIBLINGS),
        (tracker("ACTIVE", "done-1:shop/dev/a:b:C::web"), {}, MOVED),
        (tracker("ACTIVE", f"creating-{SIBLING}"), {}, UNFINISHED),
    ],
)  # fmt: skip
def test_group_that_is_taken(found: EventTracker, given: dict[str, Any], advice: str) -> None:
    decision = decide([found], inputs(**given))
    assert (decision.action, decision.words) == (Action.REFUSE, "")
    assert str(decision.refusal) == (
        f"dataset group {GROUP} already has event tracker 'theirs' ({ARN}, {found.status}), "
        f"and can have only one. {advice}."
    )


def test_refusal_names_the_import_of_the_native_provider() -> None:
    for found, parents in ((tracker(), "a:b:C$"), (MINE, ""), (tracker("ACTIVE", OTHER), "")):
        native = Resource(f"urn:pulumi:dev::shop::{parents}personalize:index:EventTracker::web")
        refusal = decide([found], inputs()._replace(resource=native)).refusal
        assert " or `pulumi import` it (a preview with --import-file needs adopt" in str(refusal)


def test_verdict_at_update() -> None:
    for tag, attempt, given, action in (
        ("creating-1:other/dev/app", "1", NAMED, Action.OURS),
        (UNDONE, "2", ADOPT, Action.RESUME),
        (DONE, "2", FIRST, Action.REFUSE),
        (DONE, "", SCHEMA, Action.REFUSE),
        (OTHER, "2", ADOPT, Action.ADOPT),
    ):
        decision = decide([tracker("ACTIVE", tag)], inputs(**given), None, attempt)
        assert decision.action is action


def test_replaced_tracker_counts_as_free_only_if_deleted_first() -> None:
    for arn, kept, is_first, attempt, advice in (
        (ARN, "1", True, None, ""),
        (ARN, "1", True, "2", f"{LOST}set delete_before_replace=True"),
        (ARN, "1", False, None, f"{REQUIRES}set delete_before_replace=True; to keep it, {SET}"),
        # Another attempt has adopted it since, or it is another tracker.
        (ARN, "0", True, None, f"{LOST}set delete_before_replace=True"),
        (ARN + "2", "1", True, None, f"{LOST}set delete_before_replace=True"),
    ):
        decision = decide([MINE], inputs(), Replaced(arn, "theirs", kept, is_first), attempt)
        assert (decision.refusal.advice if decision.refusal else "") == advice
        assert (decision.action is Action.CREATE, decision.words) == (not advice, "")


def test_first_verdict_of_several_trackers_counts() -> None:
    found = [tracker("DELETE PENDING"), tracker("CREATE FAILED", UNDONE), tracker()]
    found += [tracker("ACTIVE", UNDONE), tracker("ACTIVE", "creating-7:x")]
    for count, action in enumerate(("CREATE", "WAIT", "DISCARD", "ADOPT", "RESUME", "OURS")):
        decision = decide(found[:count], inputs(**ADOPT), None, "7")
        assert decision.action is Action[action]
        assert decision.tracker is (found[count - 1] if count else None)
    assert decide(found, inputs()).action is Action.REFUSE


def test_problem_of_a_groups_status() -> None:
    for status, problem in (
        (None, "does not exist in us-east-1. Check its name, region and account"),
        (
            "CREATE PENDING",
            "is {}, and must be ACTIVE. Wait until it is ACTIVE, then run `pulumi up` again",
        ),
        ("CREATE FAILED", "is {} (No.), and must be ACTIVE. Use another one"),
    ):
        group = DatasetGroup(GROUP, status, failure_reason="No." if "FAILED" in str(status) else "")
        assert str(problem_of(group)) == f"dataset group {GROUP} {problem.format(status)}."
    assert problem_of(DatasetGroup(GROUP, "ACTIVE")) is None


def test_missing_interactions_dataset() -> None:
    unlisted, missing = (DatasetGroup(GROUP, "ACTIVE", has) for has in (None, False))
    assert not module.missing_dataset(unlisted, inputs())
    assert str(module.missing_dataset(missing, inputs(**SCHEMA))) == (
        f"dataset group {GROUP} has no Item interactions dataset, which an event tracker requires. "
        "Create it first; if this program creates it, name it in dependsOn of the event tracker."
    )
    refusal, old = ServiceError("No", code="New"), Replaced(ARN, "clicks", "", False)
    own, datasets = module.possible_causes(refusal, unlisted, inputs(**NAMED), old)
    assert own.startswith("It may be that the old event tracker")
    assert "personalize:ListDatasets would show" in datasets
