"""Reads that lag, and deletions, as far as no endpoint is needed for them."""

from collections.abc import Callable
from typing import Any

import pytest
from kinds import GROUP, OWNER_TAG, resource_context
from pulumi_personalize import errors
from pulumi_personalize.service import tracker as module
from pulumi_personalize.service.inputs import parse
from pulumi_personalize.service.model import EventTracker, iso
from pulumi_personalize.service.waiter import Limit, no_report
from pulumi_personalize.session import Session

Service = Any  # the fixture of this name
DESCRIBE, DELETE, TAGS = "describe_event_tracker", "delete_event_tracker", "list_tags_for_resource"
NOT_FOUND, IN_USE, THROTTLED = "ResourceNotFoundException", "ResourceInUseException", "Throttling"
THEIRS = {OWNER_TAG: "done-2:x/y/z"}
STATE = {"name": "clicks", "ownershipTag": "1", "resourceContext": resource_context()}


def test_reads_of_a_recent_tracker(session: Session, service: Service) -> None:
    for age, state, reads in (
        (0, STATE, 7),
        (0, {"tags": {"a": ""}}, 7),
        (0, {}, 1),
        (10, STATE, 1),
    ):
        service.calls.clear()
        assert module.read(session.personalize, service.put("clicks", age=age), state)
        assert service.calls.count(TAGS) == reads
    created = iso(service.time)
    young = {"creationDateTime": created, "datasetGroupArn": GROUP}
    assert module.read(session.personalize, "arn:gone", young) is None
    assert service.calls.count(DESCRIBE) == 8
    inputs, _ = parse({"datasetGroupArn": GROUP, **STATE})
    for age, gone in ((0, False), (10, True)):
        arn, state = service.put("clicks"), {**STATE, "creationDateTime": iso(service.time)}
        session.personalize._calls.clock.sleep(age)
        service.errors = {DESCRIBE: [NOT_FOUND]}
        if gone:
            with pytest.raises(errors.EventTrackerNotFoundError, match=arn):
                module.update(session.personalize, arn, inputs, state)
        else:
            assert module.update(session.personalize, arn, inputs, state).tracker.arn == arn
    assert not EventTracker("arn:x", status="ACTIVE").is_ready


def test_only_the_states_own_attempt_is_deleted(session: Session, service: Service) -> None:
    for tag, attempt, deleted in (
        ("creating-1:shop/old/web", "1", True),
        ("", "1", True),
        ("", "none", True),
        ("done-2:shop/dev/web", "1", False),
        ("done-2:other/dev/app", "none", False),
    ):
        arn, lines = service.put("clicks", tags={OWNER_TAG: tag} if tag else {}), list[str]()
        module.delete(session.personalize, arn, {**STATE, "ownershipTag": attempt}, lines.append)
        assert (arn not in service.trackers) is deleted
        assert deleted or tag.partition(":")[2] in lines[0]
        # A list that lags still shows one that was deleted.
        service.trackers = {arn: {"eventTrackerArn": arn, "datasetGroupArn": GROUP}}
        found = session.personalize.trackers(GROUP, session.personalize.wait(no_report))
        assert bool(found) is not deleted


def test_deletion_is_repeated_or_fails(
    make_session: Callable[..., Session], service: Service
) -> None:
    personalize = make_session(max_attempts=3).personalize
    for codes, kind in (
        ([THROTTLED, THROTTLED, IN_USE, THROTTLED, THROTTLED], None),
        ([THROTTLED] * 3, errors.TransientError),
        (["New"], errors.ServiceError),
        (["AccessDenied"], errors.AccessDeniedError),
        ([IN_USE] * 99, errors.WaitTimeoutError),
    ):
        service.errors, arn = {DELETE: codes}, service.put("clicks")
        if kind:
            with pytest.raises(kind):
                module.delete(personalize, arn, STATE, no_report, Limit(60, "x"))
        else:
            module.delete(personalize, arn, STATE, no_report)
        assert (arn in service.trackers) is bool(kind)


@pytest.mark.parametrize(
    ("tag", "reads", "seconds"),
    [
        ({}, [], 0),
        (THEIRS, [], 10),
        # Gone just before the write; another's, or gone, 10 s after it.
        (THEIRS, [THEIRS, {}], None),
        (THEIRS, [THEIRS, THEIRS, {OWNER_TAG: "done-3:x/y/z"}], None),
        (THEIRS, [THEIRS, THEIRS, {}], None),
    ],
)
def test_adoption_waits_and_reads_the_tag_again(
    session: Session, service: Service, tag: Any, reads: Any, seconds: int | None
) -> None:
    arn, service.tag_reads = service.put("clicks", tags=tag), reads
    wanted = {"datasetGroupArn": GROUP, "adoptExisting": True, **STATE, "ownershipTag": None}
    if seconds is None:
        with pytest.raises(errors.GroupTakenError):
            session.create(wanted, no_report, lambda: True)
    else:
        attempt = session.create(wanted, no_report, lambda: True).attempt
        assert service.tags[arn] == {OWNER_TAG: f"done-{attempt}:shop/dev/web"}
        assert service.clock.now() == seconds


def test_active_dataset_implies_active_group(session: Session, service: Service) -> None:
    for kind, dataset, status, has_interactions in (
        ("INTERACTIONS", "ACTIVE", "ACTIVE", True),
        ("Interactions", "CREATE PENDING", "DELETE PENDING", True),
        ("INTERACTIONS", "CREATE FAILED", "DELETE PENDING", False),
        ("INTERACTIONS", "DELETE IN_PROGRESS", "DELETE PENDING", False),
        ("USERS", "ACTIVE", "DELETE PENDING", False),
    ):
        service.groups[GROUP], service.datasets = "DELETE PENDING", {kind: dataset}
        found = session.personalize.group(GROUP, session.personalize.wait(no_report))
        assert found == (GROUP, status, has_interactions, "")
    service.errors = {"list_datasets": ["AccessDenied"]}
    found = session.personalize.group(GROUP, session.personalize.wait(no_report))
    assert found.has_interactions is None
