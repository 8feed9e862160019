"""Faults that change what the service answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_personalize import PersonalizeClient
    from pulumi_personalize.local import ControlClient

World = Any  # the fixture of this name


class TestRecode:
    @pytest.fixture
    def create(
        self, personalize: PersonalizeClient, world: World
    ) -> Callable[[], tuple[int, str, str]]:
        """Asks for a second tracker on the group: status, code and message of the refusal."""

        def ask() -> tuple[int, str, str]:
            with pytest.raises(ClientError) as refusal:
                personalize.create_event_tracker(name="other", datasetGroupArn=world.group)
            answer = refusal.value.response
            status = answer["ResponseMetadata"]["HTTPStatusCode"]
            return status, answer["Error"]["Code"], answer["Error"]["Message"]

        return ask

    def test_a_refusal_with_another_code(
        self, control: ControlClient, create: Callable[[], tuple[int, str, str]]
    ) -> None:
        usual = create()
        assert usual[:2] == (400, "ResourceAlreadyExistsException")
        control.fault("CreateEventTracker", "recode", code="ResourceInUseException")
        assert create() == (400, "ResourceInUseException", usual[2])
        control.fault("CreateEventTracker", "recode", code="Odd", status=409, message="No.")
        assert create() == (409, "Odd", "No.")
        assert create() == usual
        assert [call["error"] for call in control.calls()[-2:]] == ["Odd", usual[1]]

    def test_what_is_not_refused_is_not_touched_and_not_counted(
        self,
        personalize: PersonalizeClient,
        control: ControlClient,
        make_group: Callable[[str], str],
        create: Callable[[], tuple[int, str, str]],
    ) -> None:
        control.fault("CreateEventTracker", "recode", code="Odd", skip=1)
        for name in ("a", "b"):
            personalize.create_event_tracker(name=name, datasetGroupArn=make_group(name))
        assert control.faults()[0]["fired"] == 0
        assert [create()[1] for _ in range(3)] == [
            "ResourceAlreadyExistsException",
            "Odd",
            "ResourceAlreadyExistsException",
        ]
        assert control.faults()[0]["fired"] == 1

    def test_only_one_code(
        self, control: ControlClient, create: Callable[[], tuple[int, str, str]]
    ) -> None:
        control.fault("*", "recode", code="Odd", of="InvalidInputException", times=None, message="")
        assert create()[1] == "ResourceAlreadyExistsException"
        control.fault("*", "recode", code="Even", of="ResourceAlreadyExistsException", times=None)
        assert create()[1] == "Even"
        assert [rule["fired"] for rule in control.faults()] == [0, 1]

    def test_beside_another_fault(
        self, control: ControlClient, create: Callable[[], tuple[int, str, str]]
    ) -> None:
        control.fault("*", "recode", code="Odd", times=None)
        control.fault("CreateEventTracker", "error", code="Mine")
        control.fault("CreateEventTracker", "delay", seconds=0)
        assert [create()[1] for _ in range(2)] == ["Mine", "Odd"]
        assert [rule["fired"] for rule in control.faults()] == [1, 1, 1]

    def test_events(self, personalize_events: Any, control: ControlClient) -> None:
        control.fault("PutEvents", "recode", code="ResourceNotFoundException")
        with pytest.raises(ClientError, match="ResourceNotFoundException"):
            personalize_events.put_events(
                trackingId="none", sessionId="s", eventList=[{"eventType": "e", "sentAt": 1}]
            )
