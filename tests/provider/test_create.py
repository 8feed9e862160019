"""Create: its calls, tags and waits, and a tracker that fails, is slow or goes missing."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from typing import Any

import pytest
from kinds import OWNER_TAG
from provider.account import Account
from pulumi_personalize import (
    AccessDeniedError,
    CreateFailedError,
    EventTrackerNotFoundError,
    WaitTimeoutError,
)
from pulumi_personalize.service.client import Calls
from pulumi_personalize.service.model import EventTracker

pytestmark = pytest.mark.usefixtures("one_client")


class TestCreate:
    def test_create_returns_id_and_outputs(self, account: Account) -> None:
        made = account.create(tags={"team": "web"}, adoptExisting=False)
        found = account.client.describe_event_tracker(eventTrackerArn=made.id)["eventTracker"]
        assert re.fullmatch("[0-9a-f]{8}", made.attempt)
        assert made.outs == {
            "eventTrackerArn": made.id,
            "trackingId": found["trackingId"],
            "name": "clicks",
            "datasetGroupArn": account.group,
            "status": "ACTIVE",
            "accountId": "123456789012",
            "creationDateTime": iso(found["creationDateTime"]),
            "lastUpdatedDateTime": iso(found["lastUpdatedDateTime"]),
            "tags": {"team": "web"},
            "adoptExisting": False,
            "resourceContext": account.props()["resourceContext"],
            "ownershipTag": made.attempt,
        }

    @pytest.mark.usefixtures("by_looks")
    def test_create_waits_until_active_and_tells_how_it_stands(self, account: Account) -> None:
        assert account.create().outs["status"] == "ACTIVE"
        assert account.log_lines() == [
            "web: event tracker clicks: CREATE PENDING (0 s)",
            "web: event tracker clicks: CREATE IN_PROGRESS (2 s)",
        ]

    @pytest.mark.parametrize(
        ("count", "settings", "tagged"),
        [
            (1, {}, True),
            (49, {}, True),
            (50, {}, False),
            (1, {"ownership_tag": False}, False),
        ],
    )
    def test_ownership_tag_only_where_there_is_room(
        self, account: Account, count: int, settings: dict[str, Any], tagged: bool
    ) -> None:
        tags = {f"Größe {number}": "" for number in range(count)}
        made = account.create(account.provider(**settings), tags=tags)
        tag = {OWNER_TAG: f"done-{made.attempt}:shop/dev/web"} if tagged else {}
        assert account.tags(made.id) == {**tags, **tag}
        assert made.outs["tags"] == tags
        assert (made.attempt != "none") is tagged

    def test_create_makes_only_the_calls_it_needs(self, account: Account) -> None:
        calls = ["CreateEventTracker", "DescribeEventTracker", "TagResource"]
        account.group  # noqa: B018 - made here
        account.operations()
        account.create()
        assert account.operations() == ["ListEventTrackers", *calls]
        account.control.forget(account.arn())
        account.operations()
        provider = account.provider()
        inputs = provider.check({}, account.props()).inputs
        assert sorted(account.operations()) == ["ListDatasets", "ListEventTrackers"]
        # Its check saw that the group is free.
        provider.create(inputs)
        assert account.operations() == calls

    def test_check_asks_for_the_group_only_where_no_dataset_tells_of_it(
        self, account: Account
    ) -> None:
        account.fault("ListDatasets", "error", code="AccessDeniedException")
        props = account.props()
        account.operations()
        assert account.provider().check({}, props).failures == []
        group = ["DescribeDatasetGroup", "ListDatasets"]
        assert sorted(account.operations()) == [*group, "ListEventTrackers"]
        assert account.log_lines() == []

    def test_create_in_the_region_of_the_group(self, account: Account) -> None:
        account.create(account.provider(region="eu-west-1"))
        assert {call["region"] for call in account.control.calls()} == {"us-east-1"}


class TestUnusualAnswers:
    def test_answers_without_a_date(
        self, account: Account, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(Calls, "_after_call", lambda *_, **__: None)
        account.fault("CreateEventTracker", "close", when="after")
        made = account.create()
        assert account.read(made).id == made.id
        account.delete(made)
        assert account.trackers() == {}

    def test_status_that_is_not_known_is_waited_for(
        self, account: Account, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        statuses = iter(["UPDATE PENDING"] * 3)
        updated_by = EventTracker.updated_by

        def update(self: EventTracker, response: Any) -> EventTracker:
            tracker = updated_by(self, response)
            return tracker._replace(status=next(statuses, tracker.status))

        monkeypatch.setattr(EventTracker, "updated_by", update)
        assert account.create().outs["status"] == "ACTIVE"
        assert "event tracker clicks: UPDATE PENDING (" in "".join(account.log_lines())


class TestFailed:
    @pytest.mark.parametrize("tagged", [True, False])
    @pytest.mark.parametrize("lost", [True, False])
    def test_failed_tracker_is_deleted(self, account: Account, tagged: bool, lost: bool) -> None:
        account.fault("CreateEventTracker", "fail")
        if lost:
            # The answer to the deletion, which is not requested again.
            account.fault("DeleteEventTracker", "stay", status="DELETE IN_PROGRESS")
            account.fault("DeleteEventTracker", "close", when="after")
        provider = account.provider(ownership_tag=tagged, on_sleep=account.control.release)
        with pytest.raises(CreateFailedError) as caught:
            account.create(provider)
        line = str(caught.value)
        assert re.match(r"creating event tracker clicks \(arn:\S+\): CREATE FAILED: ", line)
        assert line.endswith("dataset. The unfinished event tracker was removed.")
        assert account.operations().count("DeleteEventTracker") == 1
        assert account.trackers() == {}
        assert account.create(provider).id

    @pytest.mark.parametrize("times", [3, None])
    def test_tracker_that_is_not_found_at_first_or_ever(
        self, account: Account, times: int | None
    ) -> None:
        code = "ResourceNotFoundException"
        account.fault("DescribeEventTracker", "error", code=code, times=times)
        if times:
            assert account.create().outs["status"] == "ACTIVE"
            assert "web: event tracker clicks: not found yet (" in "".join(account.log_lines())
            return
        with pytest.raises(EventTrackerNotFoundError, match="not found within 10 s of its"):
            account.create()
        assert account.trackers() == {}

    @pytest.mark.parametrize(("described", "status"), [(True, ""), (False, ""), (True, "DELETE")])
    def test_tracker_that_others_delete_meanwhile(
        self, account: Account, described: bool, status: str
    ) -> None:
        sleeps: list[None] = []

        def meanwhile() -> None:
            sleeps.append(None)
            if len(sleeps) == 1 + described and status:
                account.control.release()
                account.client.delete_event_tracker(eventTrackerArn=account.arn())
            elif len(sleeps) == 1 + described:
                account.control.forget(account.arn())

        account.fault("CreateEventTracker", "stay", status="CREATE PENDING")
        account.fault("DeleteEventTracker", "stay")
        with pytest.raises(EventTrackerNotFoundError) as caught:
            account.create(account.provider(on_sleep=meanwhile))
        line = str(caught.value)
        assert ("was deleted outside of Pulumi during creation" in line) is described
        assert line.endswith("again." if described else "It no longer exists.")

    @pytest.mark.parametrize("status", ["CREATE PENDING", "CREATE IN_PROGRESS"])
    @pytest.mark.parametrize("tagged", [True, False])
    def test_time_limit_names_a_tracker_that_can_not_be_deleted_yet(
        self, account: Account, status: str, tagged: bool
    ) -> None:
        account.fault("CreateEventTracker", "stay", status=status)
        with pytest.raises(WaitTimeoutError) as caught:
            account.create(account.provider(create_timeout=2, ownership_tag=tagged))
        arn = account.arn()
        advice = "run `pulumi up` again, which resumes it."
        if not tagged:
            advice = "set adopt_existing=True and run `pulumi up` again, which adopts it."
        assert str(caught.value) == (
            f"creating event tracker clicks ({arn}): still {status} after 2 s. "
            f"Increase personalize:createTimeout. Event tracker clicks ({arn}) is left as it is, "
            f"and `pulumi destroy` does not know of it: {advice}"
        )
        account.control.release()
        assert account.create(adoptExisting=not tagged).id == arn

    def test_tracker_that_is_active_is_not_deleted(self, account: Account) -> None:
        account.fault("TagResource", "error", code="AccessDeniedException", times=None)
        with pytest.raises(AccessDeniedError, match=r"know of it: run .* again, which resumes it"):
            account.create()
        arn = account.arn()
        account.control.clear_faults()
        assert account.create().id == arn

    def test_time_limit_lasts_long_enough_to_delete_the_tracker(self, account: Account) -> None:
        account.fault("CreateEventTracker", "stay", status="CREATE PENDING")

        def meanwhile() -> None:
            if account.waited() > 4:
                account.control.release()

        provider = account.provider(create_timeout=2, on_sleep=meanwhile)
        with pytest.raises(WaitTimeoutError, match="The unfinished event tracker was removed"):
            account.create(provider)
        assert account.trackers() == {}


def iso(moment: datetime) -> str:
    text = moment.astimezone(timezone.utc).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")
