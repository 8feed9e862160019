"""What goes wrong between the provider and the service."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from endpoints import nobody_at
from kinds import MakeProvider, Props
from mypy_boto3_personalize import PersonalizeClient
from pulumi_personalize import (
    AccessDeniedError,
    CredentialsError,
    PersonalizeError,
    ServiceError,
    TransientError,
    UnreachableError,
)
from pulumi_personalize.local import ControlClient
from pulumi_personalize.provider import EventTrackerProvider
from pulumi_personalize.service.aws_errors import RESOURCES
from pulumi_personalize.service.waiter import LAG

THROTTLED: dict[str, Any] = {"kind": "error", "code": "ThrottlingException", "status": 400}
FALTERING = {"kind": "error", "code": "InternalServerError", "status": 500, "message": "Oops"}
UNAVAILABLE = {"kind": "error", "code": "ServiceUnavailable", "status": 503, "message": "Busy"}
CLOSED = {"kind": "close", "when": "before"}
OPERATIONS = [
    "DescribeDatasetGroup",
    "ListDatasets",
    "ListEventTrackers",
    "CreateEventTracker",
    "DescribeEventTracker",
    "ListTagsForResource",
    "TagResource",
    "UntagResource",
    "DeleteEventTracker",
]


def whole_life(provider: EventTrackerProvider, inputs: dict[str, Any]) -> None:
    """Every method, and with them every call."""
    checked = provider.check({}, {**inputs, "tags": {"old": "1"}})
    assert checked.failures == []
    created = provider.create(checked.inputs)
    assert created.outs is not None
    updated = provider.update(created.id, created.outs, {**inputs, "tags": {"new": "2"}})
    assert updated.outs is not None
    read = provider.read(created.id, updated.outs)
    assert read.outs == updated.outs
    provider.delete(created.id, updated.outs)
    assert provider.read(created.id, updated.outs).id == ""


def bring_about(control: ControlClient, operation: str) -> None:
    """Sees to it that a whole life makes the call."""
    if operation == "DescribeDatasetGroup":
        control.fault("ListDatasets", "error", code="AccessDeniedException", times=None)


def fired(control: ControlClient, operation: str) -> list[int]:
    """How often the faults of an operation came about."""
    return [rule["fired"] for rule in control.faults() if rule["operation"] == operation]


class TestFalteringService:
    @pytest.mark.parametrize("operation", OPERATIONS)
    def test_every_call_is_made_in_a_whole_life(
        self,
        provider: EventTrackerProvider,
        props: Props,
        control: ControlClient,
        operations: Callable[[], list[str]],
        operation: str,
    ) -> None:
        bring_about(control, operation)
        whole_life(provider, props())
        assert operation in operations()

    @pytest.mark.parametrize("operation", OPERATIONS)
    @pytest.mark.parametrize(
        "fault",
        [THROTTLED, FALTERING, UNAVAILABLE, CLOSED],
        ids=["throttled", "500", "503", "closed"],
    )
    def test_five_faults_in_a_row_are_got_over(
        self,
        provider: EventTrackerProvider,
        props: Props,
        control: ControlClient,
        operation: str,
        fault: dict[str, Any],
    ) -> None:
        bring_about(control, operation)
        control.fault(operation, **fault, times=5)
        whole_life(provider, props())
        assert fired(control, operation) == [5]

    @pytest.mark.parametrize("operation", ["TagResource", "UntagResource", "DeleteEventTracker"])
    def test_lost_answer_is_got_over(
        self, provider: EventTrackerProvider, props: Props, control: ControlClient, operation: str
    ) -> None:
        control.fault(operation, "close", when="after")
        whole_life(provider, props())
        assert [rule["fired"] for rule in control.faults()] == [1]

    def test_throttling_without_end(
        self, make_provider: MakeProvider, props: Props, control: ControlClient
    ) -> None:
        control.fault("CreateEventTracker", times=None, **THROTTLED)
        with pytest.raises(TransientError) as caught:
            make_provider(max_attempts=4).create(props())
        line = str(caught.value)
        assert line.startswith("creating event tracker clicks: ThrottlingException: Rate exceeded.")
        assert "personalize:maxAttempts" in line
        assert [rule["fired"] for rule in control.faults()] == [4]

    def test_faults_do_not_outlast_the_time_limit(
        self, make_provider: MakeProvider, props: Props, control: ControlClient
    ) -> None:
        control.fault("DescribeEventTracker", times=None, **THROTTLED)
        provider = make_provider(create_timeout=3, max_attempts=100)
        with pytest.raises(TransientError):
            provider.create(props())
        assert provider._session is not None
        assert provider._session.lifecycle._clock.now() <= 3 + 2 * LAG


class TestRefusingService:
    @pytest.mark.parametrize("operation", OPERATIONS)
    @pytest.mark.parametrize(
        ("code", "kind", "advice"),
        [
            ("ExpiredTokenException", CredentialsError, "aws sso login"),
            ("UnrecognizedClientException", CredentialsError, "account and partition"),
            ("AccessDeniedException", AccessDeniedError, "personalize:{}"),
            ("LimitExceededException", ServiceError, "/personalize/latest/dg/limits.html."),
        ],
    )
    def test_is_told_in_one_line_at_the_first_refusal(
        self,
        provider: EventTrackerProvider,
        props: Props,
        control: ControlClient,
        operation: str,
        code: str,
        kind: type[PersonalizeError],
        advice: str,
    ) -> None:
        bring_about(control, operation)
        control.fault(operation, "error", code=code, message="It says\nno", times=None)
        if operation == "ListDatasets" and kind is not CredentialsError:
            # Nothing depends on it.
            whole_life(provider, props())
            return
        with pytest.raises(PersonalizeError) as caught:
            whole_life(provider, props())
        assert type(caught.value) is kind
        line = str(caught.value)
        advised = line.partition(f": {code}: It says no. ")[2]
        assert advice.format(operation) in advised
        assert kind is not AccessDeniedError or f", on {RESOURCES[operation]}." in advised
        assert "\n" not in line
        # A create that fails looks once more for what it leaves.
        looks = 2 if operation == "DescribeEventTracker" else 1
        if (operation, code) == ("CreateEventTracker", "LimitExceededException"):
            # It may be about a tracker that the list does not show yet.
            assert fired(control, operation) > [looks]
        else:
            assert fired(control, operation) == [looks]

    @pytest.mark.parametrize("ownership", [True, False])
    @pytest.mark.parametrize(
        "code", ["AccessDeniedException", "ExpiredTokenException", "InvalidInputException"]
    )
    @pytest.mark.parametrize(
        "operations",
        [
            ["CreateEventTracker"],
            ["DescribeEventTracker"],
            ["DescribeEventTracker", "ListTagsForResource"],
            ["DescribeEventTracker", "DeleteEventTracker"],
        ],
        ids="-".join,
    )
    def test_create_leaves_nothing_or_names_it(
        self,
        make_provider: MakeProvider,
        props: Props,
        control: ControlClient,
        personalize: PersonalizeClient,
        operations: list[str],
        code: str,
        ownership: bool,
    ) -> None:
        for operation in operations:
            control.fault(operation, "error", code=code, times=None)
        with pytest.raises(PersonalizeError) as caught:
            make_provider(ownership_tag=ownership).create(props(tags={"team": "web"}))
        control.clear_faults()
        left = [
            one["eventTrackerArn"] for one in personalize.list_event_trackers()["eventTrackers"]
        ]
        line = str(caught.value)
        assert all(arn in line for arn in left)
        assert ("`pulumi destroy` does not know of it" in line) is bool(left)

    def test_denied_create_names_the_action_that_aws_names(
        self, provider: EventTrackerProvider, props: Props, control: ControlClient
    ) -> None:
        message = (
            "User: arn:aws:iam::1:user/x is not authorized to perform: personalize:TagResource"
        )
        control.fault("CreateEventTracker", "error", code="AccessDeniedException", message=message)
        with pytest.raises(AccessDeniedError) as caught:
            provider.create(props())
        told = f"creating event tracker clicks: AccessDeniedException: {message}. "
        assert str(caught.value).startswith(told)
        advice = str(caught.value).removeprefix(told)
        assert "personalize:TagResource" in advice
        assert advice.endswith(", on event-tracker/*.")


class TestUnreachableEndpoint:
    @pytest.fixture
    def closed(self) -> Iterator[str]:
        """A URL at which nobody listens."""
        with nobody_at() as url:
            yield url

    @pytest.mark.parametrize("method", ["check", "create", "read", "update", "delete"])
    def test_is_one_line_after_three_attempts(
        self, make_provider: MakeProvider, props: Props, group: str, closed: str, method: str
    ) -> None:
        sleeps: list[None] = []
        provider = make_provider(on_sleep=lambda: sleeps.append(None), endpoint_url=closed)
        arn = group.replace("dataset-group", "event-tracker")
        arguments: dict[str, tuple[Any, ...]] = {
            "check": ({}, props()),
            "create": (props(),),
            "read": (arn, props()),
            "update": (arn, props(), props()),
            "delete": (arn, props()),
        }
        with pytest.raises(UnreachableError) as caught:
            getattr(provider, method)(*arguments[method])
        line = str(caught.value)
        assert (
            f': EndpointConnectionError: Could not connect to the endpoint URL: "{closed}/". '
            in (line)
        )
        assert "personalize:endpointUrl" in line
        calls = 2 if method == "check" else 1
        assert len(sleeps) == 2 * calls


class TestCredentials:
    def test_where_there_are_none_it_is_one_line(
        self, provider: EventTrackerProvider, props: Props, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("AWS_ACCESS_KEY_ID")
        monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
        with pytest.raises(CredentialsError) as caught:
            provider.create(props())
        assert ": NoCredentialsError: Unable to locate credentials. " in str(caught.value)

    def test_profile_that_does_not_exist(self, make_provider: MakeProvider, props: Props) -> None:
        with pytest.raises(CredentialsError) as caught:
            make_provider(profile="work").create(props())
        assert ": ProfileNotFound: The config profile (work) " in str(caught.value)
        assert "personalize:profile" in str(caught.value)


def test_log_of_calls_holds_no_values(
    provider: EventTrackerProvider, props: Props, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "pulumi_personalize")
    created = provider.create(props(tags={"team": "a-secret"}))
    lines = [record.getMessage() for record in caplog.records if record.name.startswith("pulumi_")]
    assert any(line.startswith("CreateEventTracker: HTTP 200 ok (request ") for line in lines)
    assert created.outs is not None
    for value in ("a-secret", created.outs["trackingId"]):
        assert value not in "\n".join(lines)
