"""A refused create, whatever code it is refused with: the group decides, then the code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from kinds import Capfd, MakeProvider, Props, Trackers
from mypy_boto3_personalize import PersonalizeClient
from play import Play, Program
from pulumi_personalize import (
    DatasetGroupError,
    GroupTakenError,
    NameTakenError,
    ServiceError,
    UnreachableError,
    WaitTimeoutError,
)
from pulumi_personalize.local import ControlClient
from pulumi_personalize.provider import EventTrackerProvider
from pulumi_personalize.service.changes import Changes, Deletion
from pulumi_personalize.service.client import Calls
from pulumi_personalize.service.dataset_group import perhaps_without_interactions
from pulumi_personalize.service.finder import Finder
from pulumi_personalize.service.model import EventTracker
from pulumi_personalize.service.waiter import LAG, Wait

pytestmark = pytest.mark.usefixtures("one_client")

CODES = [
    "InvalidInputException",
    "LimitExceededException",
    "ResourceAlreadyExistsException",
    "ResourceInUseException",
    "ResourceNotFoundException",
    "SomethingNewException",
]


def waited(provider: EventTrackerProvider) -> float:
    """The seconds that a provider believes to have slept."""
    assert provider._session is not None
    return provider._session.lifecycle._clock.now()


@pytest.fixture
def bare(personalize: PersonalizeClient) -> str:
    """A dataset group without an interactions dataset."""
    return personalize.create_dataset_group(name="bare")["datasetGroupArn"]


class TestWithoutInteractions:
    @pytest.mark.parametrize("code", CODES)
    def test_error_names_the_dataset_and_depends_on(
        self,
        make_provider: MakeProvider,
        props: Props,
        control: ControlClient,
        bare: str,
        code: str,
    ) -> None:
        control.fault("CreateEventTracker", "recode", code=code, message="Said so", times=None)
        provider = make_provider()
        with pytest.raises(DatasetGroupError) as caught:
            provider.create(props(datasetGroupArn=bare))
        line = str(caught.value)
        assert line.startswith(f"creating event tracker clicks: {code}: dataset group {bare} ")
        assert ": Said so. " in line
        assert "depends_on=[…]" in line
        assert waited(provider) <= 2 * LAG

    @pytest.mark.parametrize("code", CODES)
    def test_error_says_what_it_may_be_where_datasets_can_not_be_listed(
        self,
        make_provider: MakeProvider,
        props: Props,
        control: ControlClient,
        bare: str,
        code: str,
    ) -> None:
        control.fault("CreateEventTracker", "recode", code=code, message="Said so", times=None)
        control.fault("ListDatasets", "error", code="AccessDeniedException", times=None)
        with pytest.raises((ServiceError, WaitTimeoutError)) as caught:
            make_provider(create_timeout=60).create(props(datasetGroupArn=bare))
        line = str(caught.value)
        assert line.startswith(f"creating event tracker clicks: {code}: ")
        assert "Said so" in line
        assert line.endswith(f" {perhaps_without_interactions(bare)}.")


class TestWithNothingInTheGroup:
    @pytest.mark.parametrize("code", ["LimitExceededException", "ResourceAlreadyExistsException"])
    def test_group_is_looked_at_again_while_reads_may_trail(
        self,
        make_provider: MakeProvider,
        props: Props,
        control: ControlClient,
        make_tracker: Callable[..., str],
        code: str,
    ) -> None:
        arn = make_tracker("theirs", team="web")
        control.fault("CreateEventTracker", "recode", code=code, times=None)
        control.fault("ListEventTrackers", "lag", seconds=0.5, times=None)
        with pytest.raises(GroupTakenError, match=f"event tracker 'theirs' .{arn}"):
            make_provider(speed=20).create(props())

    @pytest.mark.parametrize("code", ["LimitExceededException", "ResourceAlreadyExistsException"])
    def test_refusal_that_nothing_explains_is_told_in_the_services_words(
        self, provider: EventTrackerProvider, props: Props, control: ControlClient, code: str
    ) -> None:
        control.fault("CreateEventTracker", "error", code=code, message="Said so", times=None)
        with pytest.raises(ServiceError, match=f"{code}: Said so"):
            provider.create(props())
        assert LAG <= waited(provider) < 2 * LAG

    def test_in_use_is_waited_for_and_told(
        self,
        make_provider: MakeProvider,
        props: Props,
        control: ControlClient,
        group: str,
        capfd: Capfd,
    ) -> None:
        code = "ResourceInUseException"
        control.fault("CreateEventTracker", "error", code=code, message="Said so", times=None)
        with pytest.raises(WaitTimeoutError) as caught:
            make_provider(create_timeout=40).create(props())
        assert str(caught.value) == (
            f"creating event tracker clicks: {code}: dataset group {group} is still in use after "
            "40 s: Said so. Run again later; personalize:createTimeout gives it more time."
        )
        assert "event tracker clicks: dataset group in use (0 s)" in capfd.readouterr().err

    def test_look_that_fails_stands_beside_the_refusal(
        self, provider: EventTrackerProvider, props: Props, control: ControlClient
    ) -> None:
        # A check has seen room, so that the first look is the one after the refusal.
        checked = provider.check({}, props())
        code = "InvalidInputException"
        control.fault("CreateEventTracker", "error", code=code, message="Said so")
        control.fault("ListEventTrackers", "error", code="AccessDeniedException", message="No")
        with pytest.raises(ServiceError) as caught:
            provider.create(checked.inputs)
        line = str(caught.value)
        assert line.startswith(f"creating event tracker clicks: {code}: Said so. ")
        assert line.endswith(
            " A look at the dataset group failed, too (AccessDeniedException: No)."
        )


def test_move_that_keeps_its_name_where_names_need_not_be_unique(
    provider: EventTrackerProvider,
    props: Props,
    control: ControlClient,
    make_group: Callable[[str], str],
    trackers: Trackers,
) -> None:
    control.rules(uniqueNames=False)
    old = provider.create(props())
    moved = props(datasetGroupArn=make_group("other"))
    new = provider.create(moved)
    assert new.id != old.id
    assert old.outs is not None
    provider.delete(old.id, old.outs)
    assert trackers() == {"clicks": "ACTIVE"}


def test_name_of_another_group_is_refused_where_names_are_unique(
    provider: EventTrackerProvider, props: Props, make_group: Callable[[str], str]
) -> None:
    provider.create(props())
    with pytest.raises(NameTakenError):
        provider.create(props("app", datasetGroupArn=make_group("other")))


@pytest.mark.parametrize("code", CODES)
def test_move_that_keeps_its_name_says_so_whatever_it_is_refused_with(
    play: Play,
    make_provider: MakeProvider,
    control: ControlClient,
    make_group: Callable[[str], str],
    group: str,
    code: str,
) -> None:
    short = Play(lambda: make_provider(create_timeout=30), play.heard)
    state = short.up(Program(group, "keep")).state
    control.fault("CreateEventTracker", "recode", code=code, message="Said so", times=None)
    done = short.up(Program(make_group("other"), "keep"), state)
    assert "this resource's own old" in done.refusal
    assert "which stays" in done.refusal
    assert "set delete_before_replace=True" in done.refusal
    assert done.state.id == state.id


class TestDatasets:
    def test_interactions_of_the_last_page(
        self,
        provider: EventTrackerProvider,
        props: Props,
        personalize: PersonalizeClient,
        bare: str,
        operations: Callable[[], list[str]],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        add_datasets(personalize, bare, "Items", "Users", "Interactions")
        monkeypatch.setattr("pulumi_personalize.service.finder._PAGE", 1)
        operations()
        assert provider.check({}, props(datasetGroupArn=bare)).failures == []
        asked = operations()
        assert asked.count("ListDatasets") == 3
        assert "DescribeDatasetGroup" not in asked

    @pytest.mark.parametrize("kinds", [["Action_Interactions"], ["Items", "Users"]])
    def test_other_types_are_no_interactions(
        self,
        provider: EventTrackerProvider,
        props: Props,
        personalize: PersonalizeClient,
        bare: str,
        capfd: Capfd,
        kinds: list[str],
    ) -> None:
        add_datasets(personalize, bare, *kinds)
        assert provider.check({}, props(datasetGroupArn=bare)).failures == []
        assert f"dataset group {bare} has no Item interactions " in capfd.readouterr().err


@pytest.mark.parametrize("mark", [True, False])
def test_answers_that_tell_no_time(
    make_provider: MakeProvider,
    props: Props,
    control: ControlClient,
    trackers: Trackers,
    monkeypatch: pytest.MonkeyPatch,
    mark: bool,
) -> None:
    monkeypatch.setattr(Calls, "_note_time", lambda *_, **__: None)
    provider = make_provider(ownership_tag=mark, max_attempts=1)
    control.fault("CreateEventTracker", "close", when="after")
    if mark:
        result = provider.create(props())
    else:
        # Whose it is can't be told: it is named.
        with pytest.raises(
            UnreachableError, match=r"event tracker clicks may exist in .* set adopt"
        ):
            provider.create(props())
        result = provider.create(props(adoptExisting=True))
    assert result.outs is not None
    assert provider.read(result.id, result.outs).id == result.id
    make_provider().delete(result.id, result.outs)
    assert trackers() == {}


@pytest.mark.parametrize("status", ["UPDATE PENDING", "SOMETHING NEW"])
def test_status_that_is_not_known_is_waited_for(
    provider: EventTrackerProvider,
    props: Props,
    capfd: Capfd,
    monkeypatch: pytest.MonkeyPatch,
    status: str,
) -> None:
    answers = iter([status] * 3)
    told = EventTracker.told

    def answer(self: EventTracker, answered: Any) -> EventTracker:
        seen = told(self, answered)
        return seen._replace(status=next(answers, seen.status))

    monkeypatch.setattr(EventTracker, "told", answer)
    result = provider.create(props())
    assert result.outs is not None
    assert result.outs["status"] == "ACTIVE"
    assert f"event tracker clicks: {status} (" in capfd.readouterr().err


def add_datasets(personalize: PersonalizeClient, group: str, *kinds: str) -> None:
    """Adds datasets of these types to a dataset group."""
    for kind in kinds:
        personalize.create_dataset(
            name=kind.lower(),
            schemaArn=schema(personalize, kind),
            datasetGroupArn=group,
            datasetType=kind,
        )


def schema(personalize: PersonalizeClient, kind: str) -> str:
    """A schema for datasets of a type."""
    fields = ",".join(
        f'{{"name": "{name}", "type": "{type_}"}}'
        for name, type_ in (("USER_ID", "string"), ("ITEM_ID", "string"), ("TIMESTAMP", "long"))
    )
    record = f'{{"type": "record", "name": "{kind}", "fields": [{fields}]}}'
    return personalize.create_schema(name=f"schema-{kind.lower()}", schema=record)["schemaArn"]


class TestExempt:
    """What says nothing of the group stays what it is, whoever has the group."""

    @pytest.mark.parametrize(
        "code",
        [
            "AccessDeniedException",
            "ExpiredTokenException",
            "ThrottlingException",
            "SerializationException",
            "ValidationException",
            "TooManyTagsException",
            "TooManyTagKeysException",
        ],
    )
    def test_it_is_not_said_to_be_taken(
        self,
        make_provider: MakeProvider,
        props: Props,
        control: ControlClient,
        make_tracker: Callable[..., str],
        code: str,
    ) -> None:
        provider = make_provider(max_attempts=2)
        checked = provider.check({}, props())
        make_tracker("theirs")
        control.fault("CreateEventTracker", "error", code=code, message="Said so", times=None)
        with pytest.raises(ServiceError, match=f"^creating event tracker clicks: {code}: Said so"):
            provider.create(checked.inputs)


class TestLostAnswer:
    @pytest.mark.parametrize("code", CODES)
    @pytest.mark.parametrize("mark", [True, False])
    def test_is_made_good_whatever_the_next_attempt_is_refused_with(
        self,
        make_provider: MakeProvider,
        props: Props,
        control: ControlClient,
        trackers: Trackers,
        operations: Callable[[], list[str]],
        code: str,
        mark: bool,
    ) -> None:
        provider = make_provider(ownership_tag=mark)
        control.fault("CreateEventTracker", "close", when="after")
        control.fault("CreateEventTracker", "recode", code=code, times=None)
        result = provider.create(props())
        assert operations().count("CreateEventTracker") == 2
        assert trackers() == {"clicks": "ACTIVE"}
        assert result.outs is not None
        make_provider().delete(result.id, result.outs)
        assert trackers() == {}


class TestNotYet:
    def test_create_on_a_group_that_is_there(
        self, provider: EventTrackerProvider, props: Props, control: ControlClient
    ) -> None:
        code = "ResourceNotFoundException"
        control.fault("CreateEventTracker", "error", code=code, times=3)
        assert provider.create(props()).outs is not None
        assert waited(provider) < LAG

    @pytest.mark.parametrize("operation", ["TagResource", "UntagResource"])
    def test_tags_of_a_tracker_that_is_there(
        self,
        provider: EventTrackerProvider,
        props: Props,
        control: ControlClient,
        tags_of: Callable[[str], dict[str, str]],
        operation: str,
    ) -> None:
        made = provider.create(props(tags={"old": "1"}))
        assert made.outs is not None
        control.fault(operation, "error", code="ResourceNotFoundException", times=3)
        provider.update(made.id, made.outs, props(tags={"new": "2"}))
        assert {key: text for key, text in tags_of(made.id).items() if ":" not in key} == {
            "new": "2"
        }
        assert [fault["fired"] for fault in control.faults()] == [3]


def test_failed_create_beside_anothers_tracker_names_that_as_the_cause(
    make_provider: MakeProvider,
    props: Props,
    control: ControlClient,
    make_tracker: Callable[..., str],
    personalize: PersonalizeClient,
    group: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun: list[str] = []

    def meanwhile() -> None:
        # As a service would that takes both, and fails the second.
        if not begun:
            failed = personalize.list_event_trackers()["eventTrackers"][0]["eventTrackerArn"]
            control.forget(failed)
            begun.extend([make_tracker("theirs", team="web"), failed])

    tracker = Finder.tracker

    def answer(self: Finder, arn: str, *more: Any) -> EventTracker | None:
        if begun[1:] == [arn] and not deleted:
            return EventTracker(arn, "clicks", "CREATE FAILED", dataset_group_arn=group)
        return tracker(self, arn, *more)

    deleted: list[str] = []
    request = Changes.request_deletion

    def delete(self: Changes, arn: str, wait: Wait) -> Deletion:
        deleted.append(arn)
        return request(self, arn, wait)

    monkeypatch.setattr(Finder, "tracker", answer)
    monkeypatch.setattr(Changes, "request_deletion", delete)
    provider = make_provider(on_sleep=meanwhile, ownership_tag=False)
    checked = provider.check({}, props())
    with pytest.raises(GroupTakenError, match=r"event tracker 'theirs' ") as caught:
        provider.create(checked.inputs)
    assert begun[0] in str(caught.value)
    assert {*deleted} == {*begun[1:]}


def test_listed_as_active_and_going_all_the_same(
    make_provider: MakeProvider,
    props: Props,
    control: ControlClient,
    make_tracker: Callable[..., str],
    personalize: PersonalizeClient,
) -> None:
    arn = make_tracker("theirs", team="web")
    control.fault("DeleteEventTracker", "stay", status="DELETE IN_PROGRESS")
    personalize.delete_event_tracker(eventTrackerArn=arn)
    control.fault("ListEventTrackers", "lag", seconds=0.4, times=None)
    provider = make_provider(on_sleep=control.release, speed=20)
    checked = provider.check({}, props())
    assert checked.failures == []
    assert provider.create(checked.inputs).id != arn
