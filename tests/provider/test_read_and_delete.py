"""Read and delete: trackers that exist, have drifted, are being created or deleted, or are gone."""

from __future__ import annotations

from typing import Any

import pytest
from fake_engine import requested
from kinds import GROUP
from provider.account import Account, Made
from pulumi_personalize import (
    EventTrackerNotFoundError,
    InputError,
    PersonalizeError,
    WaitTimeoutError,
)

pytestmark = pytest.mark.usefixtures("one_client")

#: The state of a tracker that was created long ago.
OLD = {"creationDateTime": "2020-01-01T00:00:00.000Z"}


class TestRead:
    @pytest.mark.parametrize("more", [{}, {"tags": {"team": "web"}, "adoptExisting": True}])
    def test_read_returns_what_create_did(self, account: Account, more: dict[str, Any]) -> None:
        made = account.create(**more)
        read = account.read(made)
        assert (read.id, read.outs) == (made.id, made.outs)
        assert requested(read.inputs) == account.props(**more)

    @pytest.mark.parametrize("wrong", ["web", GROUP, GROUP.replace("dataset-group", "solution")])
    def test_get_of_no_event_tracker_arn(self, account: Account, wrong: str) -> None:
        with pytest.raises(InputError, match=f" {wrong}: must be an event tracker ARN, for"):
            account.provider().read(wrong, {})
        assert account.operations() == []

    def test_get_of_another_account(self, account: Account) -> None:
        arn = account.create().id
        with pytest.raises(InputError, match="210987654321"):
            account.provider(allowed_account_ids=("210987654321",)).read(arn, {})

    @pytest.mark.parametrize("status", ["", "DELETE PENDING"])
    def test_get_of_a_missing_tracker(self, account: Account, status: str) -> None:
        arn = account.group.replace("dataset-group", "event-tracker")
        if status:
            arn = account.put(status, "")
        with pytest.raises(EventTrackerNotFoundError, match=f"^event tracker {arn} does not exist"):
            account.provider().read(arn, {})

    @pytest.mark.parametrize("status", ["CREATE PENDING", "CREATE FAILED", "ACTIVE"])
    def test_get_returns_any_other_status(self, account: Account, status: str) -> None:
        arn = account.put(status, "done-1:other/dev/web")
        read = account.provider().read(arn, {})
        assert (read.id, read.outs["status"], read.outs["tags"]) == (arn, status, {"team": "web"})

    @pytest.mark.parametrize("status", ["DELETE IN_PROGRESS", ""])
    def test_read_after_deletion(self, account: Account, status: str) -> None:
        made = account.create()
        if status:
            account.fault("DeleteEventTracker", "stay", status=status)
        account.client.delete_event_tracker(eventTrackerArn=made.id)
        read = account.read(made)
        assert (read.id, read.outs) == ("", {})

    @pytest.mark.parametrize("fault", ["DescribeEventTracker", "ListTagsForResource", "no tags"])
    def test_read_of_a_young_tracker_that_is_not_seen_at_once(
        self, account: Account, fault: str
    ) -> None:
        made = account.create(tags={"team": "web"})
        if fault == "no tags":
            account.fault("ListTagsForResource", "omit", members=["tags"], times=2)
        else:
            account.fault(fault, "error", code="ResourceNotFoundException", times=2)
        assert account.read(made).outs == made.outs


class TestDelete:
    @pytest.mark.usefixtures("by_looks")
    def test_delete_waits_until_it_is_gone(self, account: Account) -> None:
        made = account.create()
        account.log_lines()
        account.delete(made)
        assert account.trackers() == {}
        assert account.log_lines() == [
            "web: event tracker clicks: DELETE PENDING (0 s)",
            "web: event tracker clicks: DELETE IN_PROGRESS (2 s)",
        ]

    @pytest.mark.parametrize("state", [{}, OLD])
    @pytest.mark.parametrize("timeout", [1, 1800])
    def test_delete_of_one_that_is_gone(
        self, account: Account, state: dict[str, str], timeout: int
    ) -> None:
        made = account.create()
        account.control.forget(made.id)
        account.operations()
        made = Made(made.id, {**made.outs, **state})
        account.delete(made, account.provider(delete_timeout=timeout))
        assert "DeleteEventTracker" not in account.operations()
        assert (account.waited() == 0) is bool(state)

    def test_delete_of_a_young_tracker_that_is_not_seen_at_once(self, account: Account) -> None:
        made = account.create()
        account.fault("DescribeEventTracker", "error", code="ResourceNotFoundException", times=2)
        account.delete(made)
        assert account.trackers() == {}

    def test_delete_of_a_young_tracker_within_a_short_limit(self, account: Account) -> None:
        made = account.create()
        for operation, times in (("DescribeEventTracker", 3), ("ListTagsForResource", 1)):
            account.fault(operation, "error", code="ResourceNotFoundException", times=times)
        with pytest.raises(WaitTimeoutError, match="personalize:deleteTimeout"):
            account.delete(made, account.provider(delete_timeout=1))
        assert "DeleteEventTracker" in account.operations()

    def test_delete_with_an_empty_state(self, account: Account) -> None:
        account.provider().delete(account.make_tracker("clicks"), {})
        assert account.trackers() == {}

    @pytest.mark.parametrize("status", ["CREATE PENDING", "CREATE IN_PROGRESS"])
    @pytest.mark.parametrize("code", ["ResourceInUseException", "SomethingNewException"])
    def test_delete_while_it_is_created(self, account: Account, status: str, code: str) -> None:
        arn = account.put(status, "", "clicks")
        account.fault("DeleteEventTracker", "recode", code=code, times=None)
        sleeps: list[None] = []

        def meanwhile() -> None:
            sleeps.append(None)
            if len(sleeps) == 3:
                account.control.release(arn)

        account.operations()
        account.provider(on_sleep=meanwhile).delete(arn, {"name": "clicks"})
        assert account.trackers() == {}
        # It is requested at each look: whether the service accepts it is not documented.
        assert account.operations().count("DeleteEventTracker") == 4
        assert account.log_lines()[0] == f"event tracker clicks: {status} (0 s)"

    @pytest.mark.parametrize("code", ["ResourceInUseException", "ResourceNotFoundException"])
    def test_delete_that_is_refused_for_a_while(self, account: Account, code: str) -> None:
        made = account.create()
        account.fault("DeleteEventTracker", "error", code=code, times=3)
        account.delete(made)
        assert account.trackers() == {}

    def test_delete_that_is_refused_for_good(self, account: Account) -> None:
        made = account.create()
        account.fault("DeleteEventTracker", "error", code="SomethingNewException", times=None)
        with pytest.raises(PersonalizeError, match="SomethingNewException"):
            account.delete(made)
        assert account.fired() == [1]

    @pytest.mark.parametrize("status", ["DELETE PENDING", "DELETE IN_PROGRESS"])
    def test_delete_while_it_is_deleted_already(self, account: Account, status: str) -> None:
        arn = account.put(status, "", "clicks")
        account.operations()
        account.provider(on_sleep=account.control.release).delete(arn, {"name": "clicks"})
        assert set(account.operations()) == {"DescribeEventTracker"}

    @pytest.mark.parametrize("status", ["DELETE PENDING", "CREATE PENDING", "ACTIVE"])
    def test_delete_gives_up_at_the_time_limit(self, account: Account, status: str) -> None:
        arn = account.put("CREATE PENDING" if "CREATE" in status else "ACTIVE", "", "clicks")
        if status == "ACTIVE":
            code = "ResourceInUseException"
            account.fault("DeleteEventTracker", "error", code=code, times=None)
        elif "DELETE" in status:
            account.fault("DeleteEventTracker", "stay", status=status)
        line = (
            rf"^deleting event tracker clicks \({arn}\): still {status} after 3 s\. Run again, or "
        )
        with pytest.raises(WaitTimeoutError, match=line):
            account.provider(delete_timeout=3).delete(arn, {"name": "clicks"})

    @pytest.mark.parametrize("times", [4, 5])
    def test_delete_fails_after_failures_in_a_row(self, account: Account, times: int) -> None:
        made = account.create()
        account.fault("DeleteEventTracker", "error", status=500, code="Internal", times=2)
        account.fault("DeleteEventTracker", "error", code="ResourceInUseException", times=1)
        account.fault("DeleteEventTracker", "close", when="before", times=times - 2)
        provider = account.provider(max_attempts=3)
        if times == 4:
            # A request that is answered begins the count again.
            account.delete(made, provider)
            assert account.trackers() == {}
            return
        with pytest.raises(PersonalizeError):
            account.delete(made, provider)
