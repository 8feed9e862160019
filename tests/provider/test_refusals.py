"""A refused create: the group's tracker decides, then the group, then the code."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fake_engine import FakeEngine, Program
from kinds import CODES
from provider.account import Account
from pulumi_personalize import DatasetGroupError, PersonalizeError, ServiceError
from pulumi_personalize.service.waiter import LAG

pytestmark = pytest.mark.usefixtures("one_client")


@pytest.fixture
def bare(account: Account) -> str:
    """A dataset group without datasets."""
    return account.client.create_dataset_group(name="bare")["datasetGroupArn"]


def add_dataset(account: Account, group: str, kind: str) -> None:
    """Adds a dataset of a type to a dataset group."""
    names = {"USER_ID": "string", "ITEM_ID": "string", "TIMESTAMP": "long"}
    fields = ",".join(f'{{"name": "{name}", "type": "{type_}"}}' for name, type_ in names.items())
    schema = f'{{"type": "record", "name": "{kind}", "fields": [{fields}]}}'
    arn = account.client.create_schema(name=f"schema-{kind}", schema=schema)["schemaArn"]
    account.client.create_dataset(name=kind, schemaArn=arn, datasetGroupArn=group, datasetType=kind)


class TestInteractions:
    @pytest.mark.parametrize("code", CODES)
    def test_error_names_the_dataset_and_depends_on(
        self, account: Account, bare: str, code: str
    ) -> None:
        account.fault("CreateEventTracker", "recode", code=code, message="Said so", times=None)
        line = f"^dataset group {bare} has no Item .* depends_on of the .*: Said so"
        with pytest.raises(DatasetGroupError, match=line):
            account.create(datasetGroupArn=bare)
        assert account.waited() == 0

    @pytest.mark.parametrize("code", CODES[2:4])
    def test_error_says_that_it_may_be_missing_if_datasets_can_not_be_listed(
        self, account: Account, bare: str, code: str
    ) -> None:
        account.fault("CreateEventTracker", "recode", code=code, message="Said so", times=None)
        account.fault("ListDatasets", "error", code="AccessDeniedException", times=None)
        with pytest.raises(PersonalizeError, match=f": {code}: .*Said so") as caught:
            account.create(account.provider(create_timeout=60), datasetGroupArn=bare)
        assert f"It may be that dataset group {bare} has no Item inter" in str(caught.value)

    @pytest.mark.parametrize(
        ("kind", "fault", "is_missing"),
        [
            ("Action_Interactions", None, True),
            ("Interactions", "fail", True),
            ("Interactions", "stay", False),
            ("Interactions", None, False),
        ],
    )
    def test_check_warns_of_a_missing_dataset(
        self,
        account: Account,
        bare: str,
        kind: str,
        fault: str | None,
        is_missing: bool,
    ) -> None:
        add_dataset(account, bare, "Items")
        if fault:
            account.fault("CreateDataset", fault)
        add_dataset(account, bare, kind)
        account.operations()
        assert account.provider().check({}, account.props(datasetGroupArn=bare)).failures == []
        warning = f"dataset group {bare} has no Item interactions "
        assert (warning in "".join(account.log_lines())) is is_missing
        # An ACTIVE dataset means an ACTIVE group.
        is_described = "DescribeDatasetGroup" in account.operations()
        assert is_described is (is_missing or fault is not None)

    def test_failed_create_names_the_missing_dataset(self, account: Account, bare: str) -> None:
        account.control.rules(interactionsDataset=False)
        account.fault("CreateEventTracker", "fail")
        with pytest.raises(PersonalizeError, match="and its Item interactions dataset"):
            account.create(datasetGroupArn=bare)


class TestGroup:
    def test_group_that_does_not_exist(self, account: Account) -> None:
        missing = account.group + "2"
        with pytest.raises(DatasetGroupError, match=f"^dataset group {missing} does not exist in"):
            account.create(datasetGroupArn=missing)
        (failure,) = account.provider().check({}, account.props(datasetGroupArn=missing)).failures
        assert failure.reason.startswith("does not exist in us-east-1. ")

    def test_group_that_is_being_created_is_waited_for(self, account: Account) -> None:
        account.control.rules(interactionsDataset=False)
        account.fault("CreateDatasetGroup", "stay")
        account.fault("CreateEventTracker", "recode", code="SomethingNewException", times=None)
        slow = account.client.create_dataset_group(name="slow")["datasetGroupArn"]
        with pytest.raises(ServiceError, match="is still CREATE IN_PROGRESS after 20 s"):
            account.create(account.provider(create_timeout=20), datasetGroupArn=slow)
        provider = account.provider(on_sleep=account.control.release)
        assert account.create(provider, datasetGroupArn=slow).outs["status"] == "ACTIVE"
        assert (
            "web: event tracker clicks: dataset group CREATE IN_PROGRESS (0 s)"
            in account.log_lines()
        )


class TestNothingInTheGroup:
    @pytest.mark.parametrize("code", ["LimitExceededException", "ResourceAlreadyExistsException"])
    def test_unexplained_refusal_quotes_the_service(self, account: Account, code: str) -> None:
        account.fault("CreateEventTracker", "error", code=code, message="Said so", times=None)
        with pytest.raises(ServiceError, match=f": {code}: Said so. ") as caught:
            account.create()
        assert LAG <= account.waited() < 2 * LAG
        may_be = "It may be that another event tracker uses the name 'clicks'" in str(caught.value)
        assert may_be is (code == "ResourceAlreadyExistsException")

    @pytest.mark.parametrize("code", ["ResourceNotFoundException", "InvalidInputException"])
    def test_refusal_that_ends_by_itself(self, account: Account, code: str) -> None:
        account.fault("CreateEventTracker", "error", code=code, times=3)
        assert account.create().id
        assert account.waited() < LAG

    @pytest.mark.parametrize("is_shown", [True, False])
    def test_refusal_after_a_long_deletion_begins_anew(
        self, account: Account, is_shown: bool
    ) -> None:
        def meanwhile() -> None:
            # Lists that lag show it after the first refusal only.
            account.control.rules(listShowsGoing=True)
            if account.waited() > LAG:
                account.control.release()

        provider = account.provider(on_sleep=meanwhile)
        checked = provider.check({}, account.props())
        existing = account.put("DELETE IN_PROGRESS", "")
        code = "ResourceAlreadyExistsException"
        account.fault("CreateEventTracker", "error", code=code, times=3)
        account.control.rules(listShowsGoing=is_shown)
        assert provider.create(checked.inputs).id != existing

    def test_in_use_is_waited_for_until_the_time_limit(self, account: Account) -> None:
        code = "ResourceInUseException"
        account.fault("CreateEventTracker", "error", code=code, message="Said so", times=None)
        with pytest.raises(ServiceError, match="is still in use after 40 s"):
            account.create(account.provider(create_timeout=40))

    def test_listed_tracker_without_an_arn_does_not_hide_the_refusal(
        self, account: Account
    ) -> None:
        account.make_tracker("theirs")
        account.fault("ListEventTrackers", "omit", members=["eventTrackerArn"], times=None)
        with pytest.raises(ServiceError, match=r": ResourceAlreadyExistsException: "):
            account.create()

    def test_read_that_fails_is_named_beside_the_refusal(self, account: Account) -> None:
        provider = account.provider()
        checked = provider.check({}, account.props())
        account.fault("CreateEventTracker", "error", code="InvalidInputException", message="So")
        account.fault("ListEventTrackers", "error", code="AccessDeniedException", message="No")
        with pytest.raises(ServiceError, match=r"xception: So.* \(AccessDeniedException: No\)\.$"):
            provider.create(checked.inputs)

    @pytest.mark.parametrize(
        "code", ["AccessDeniedException", "ThrottlingException", "TooManyTagsException"]
    )
    def test_refusal_that_is_not_about_the_group(self, account: Account, code: str) -> None:
        provider = account.provider(max_attempts=2)
        checked = provider.check({}, account.props())
        account.make_tracker("theirs")
        account.fault("CreateEventTracker", "error", code=code, message="Said so", times=None)
        with pytest.raises(ServiceError, match=f"^creating event tracker clicks: {code}: Said so"):
            provider.create(checked.inputs)

    @pytest.mark.parametrize("code", [*CODES, "AccessDeniedException"])
    def test_lost_answer_before_a_refusal(self, account: Account, code: str) -> None:
        account.fault("CreateEventTracker", "close", when="after")
        account.fault("CreateEventTracker", "recode", code=code, times=None)
        account.create()
        assert account.operations().count("CreateEventTracker") == 2
        assert account.trackers() == {"clicks": "ACTIVE"}

    def test_lost_answer_long_before_the_end(self, account: Account) -> None:
        account.fault("CreateEventTracker", "close", when="after")
        code = "ResourceInUseException"
        account.fault("CreateEventTracker", "recode", code=code, times=None)
        account.fault("ListEventTrackers", "omit", members=["eventTrackers"], times=None)
        with pytest.raises(ServiceError, match="event tracker clicks may exist in dataset"):
            account.create(account.provider(create_timeout=60))


def test_name_of_another_groups_tracker(account: Account) -> None:
    account.create()
    with pytest.raises(ServiceError, match=r"set another name, or omit it\.$"):
        account.create(resource="app", datasetGroupArn=account.make_group("other"))


@pytest.mark.parametrize("code", CODES)
def test_move_that_keeps_its_name_is_told_to_delete_first(account: Account, code: str) -> None:
    engine = FakeEngine(lambda: account.provider(create_timeout=30), account.log_lines)
    state = engine.up(Program(account.group, "keep")).state
    account.fault("CreateEventTracker", "recode", code=code, message="Said so", times=None)
    program = Program(account.make_group("other"), "keep")
    done = engine.up(program, state)
    assert "still uses the name 'keep'" in done.refusal
    assert "set delete_before_replace=True" in done.refusal
    assert done.state.id == state.id
    account.control.clear_faults()
    followed = replace(program, options={"delete_before_replace": True})
    assert engine.up(followed, state).refusal == ""
