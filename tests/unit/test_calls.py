"""Calls: attempts, time limits and clients. No test sleeps or opens a connection."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import pytest
from botocore import exceptions
from botocore.stub import Stubber
from pulumi_personalize import (
    AccessDeniedError,
    CredentialsError,
    ServiceError,
    TransientError,
    UnreachableError,
)
from pulumi_personalize.service.client import Calls
from pulumi_personalize.service.clock import Clock
from pulumi_personalize.service.settings import Settings

ARN = "arn:aws:personalize:us-east-1:123456789012:event-tracker/x"
URL = "http://127.0.0.1:1"
UNREACHABLE = (
    exceptions.EndpointConnectionError(endpoint_url=URL),
    exceptions.ConnectTimeoutError(endpoint_url=URL),
)


def throttled(code: str = "ThrottlingException", status: int = 400) -> exceptions.ClientError:
    response: Any = {
        "Error": {"Code": code, "Message": "Rate exceeded"},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    return exceptions.ClientError(response, "DescribeEventTracker")


class Act:
    """A call that ends as told, one way an attempt; the last one for all that follow."""

    def __init__(self, clock: Clock, *ends: Exception | str) -> None:
        self.clock = clock
        self.ends = list(ends)
        self.attempts: list[float] = []

    def __call__(self, _client: object) -> str:
        self.attempts.append(self.clock.now())
        end = self.ends.pop(0) if len(self.ends) > 1 else self.ends[0]
        if isinstance(end, Exception):
            raise end
        return end


@pytest.fixture
def make(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    monkeypatch.setattr(Calls, "_new_client", lambda _self, _region: object())
    calls = Calls(Settings(region="us-east-1"), clock)

    def made(act: Act, **options: Any) -> Any:
        return calls.make(None, act, operation="reading", resource="event tracker x", **options)

    return made


@pytest.fixture
def no_credentials_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))


def test_good_call_is_made_once(clock: Clock, make: Callable[..., Any]) -> None:
    act = Act(clock, "answer")
    assert make(act) == "answer"
    assert act.attempts == [0]


@pytest.mark.parametrize("times", [1, 5, 19])
@pytest.mark.parametrize(
    "error",
    [
        throttled(),
        throttled("ServiceUnavailable", 503),
        exceptions.ReadTimeoutError(endpoint_url=URL),
        exceptions.ConnectionClosedError(endpoint_url=URL),
    ],
    ids=["throttled", "503", "read timeout", "closed"],
)
def test_call_is_made_again_until_it_succeeds(
    clock: Clock, make: Callable[..., Any], error: Exception, times: int
) -> None:
    act = Act(clock, *[error] * times, "answer")
    assert make(act) == "answer"
    assert len(act.attempts) == times + 1
    gaps = [after - before for before, after in zip(act.attempts, act.attempts[1:], strict=False)]
    assert all(gap <= min(0.2 * 2**number, 20) for number, gap in enumerate(gaps))


def test_throttling_without_end_is_given_up(clock: Clock, make: Callable[..., Any]) -> None:
    act = Act(clock, throttled())
    with pytest.raises(TransientError) as caught:
        make(act)
    assert len(act.attempts) == 20
    assert (caught.value.operation, caught.value.resource) == ("reading", "event tracker x")
    assert (caught.value.code, caught.value.message) == ("ThrottlingException", "Rate exceeded")


@pytest.mark.parametrize("most", [1, 3, 50])
def test_configured_number_of_attempts(
    clock: Clock, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(Calls, "_new_client", lambda _self, _region: object())
    act = Act(clock, throttled())
    with pytest.raises(TransientError):
        Calls(Settings(max_attempts=most), clock).make(None, act, operation="o", resource="r")
    assert len(act.attempts) == most


def test_no_attempt_comes_after_the_deadline(clock: Clock, make: Callable[..., Any]) -> None:
    for _ in range(50):
        begin = clock.now()
        act = Act(clock, throttled())
        with pytest.raises(TransientError):
            make(act, deadline=begin + 12)
        assert len(act.attempts) > 1
        assert max(act.attempts) <= begin + 12
        assert clock.now() <= begin + 12


def test_deadline_that_has_passed_leaves_one_attempt(
    clock: Clock, make: Callable[..., Any]
) -> None:
    clock.sleep(100)
    act = Act(clock, throttled())
    with pytest.raises(TransientError):
        make(act, deadline=50)
    assert act.attempts == [100]


@pytest.mark.parametrize("error", UNREACHABLE)
def test_endpoint_that_never_answered_is_given_up_after_three(
    clock: Clock, make: Callable[..., Any], error: Exception
) -> None:
    act = Act(clock, error)
    with pytest.raises(UnreachableError) as caught:
        make(act)
    assert len(act.attempts) == 3
    assert str(caught.value).startswith(f"reading event tracker x: {type(error).__name__}: ")
    assert URL in str(caught.value)


@pytest.mark.parametrize("first", ["answer", throttled()], ids=["good", "throttled"])
@pytest.mark.parametrize("error", UNREACHABLE)
def test_endpoint_that_has_answered_before_is_given_more_time(
    clock: Clock, make: Callable[..., Any], first: Exception | str, error: Exception
) -> None:
    make(Act(clock, first, "answer"))
    act = Act(clock, *[error] * 10, "answer")
    assert make(act) == "answer"


@pytest.mark.parametrize(
    "error",
    [
        throttled("ResourceNotFoundException"),
        throttled("ExpiredTokenException"),
        exceptions.NoCredentialsError(),
        exceptions.SSLError(endpoint_url=URL, error=OSError("bad certificate")),
        ValueError("a bug"),
    ],
    ids=str,
)
def test_hopeless_call_is_made_once(
    clock: Clock, make: Callable[..., Any], error: Exception
) -> None:
    act = Act(clock, error)
    with pytest.raises(ServiceError) as caught:
        make(act)
    assert act.attempts == [0]
    assert caught.value.__cause__ is error


@pytest.mark.usefixtures("no_credentials_of_this_machine")
def test_stubbed_boto3_client(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    client = boto3.client("personalize", region_name="us-east-1")
    monkeypatch.setattr(Calls, "_new_client", lambda _self, _region: client)
    calls = Calls(Settings(), clock)

    def delete() -> None:
        calls.make(
            None,
            lambda personalize: personalize.delete_event_tracker(eventTrackerArn=ARN),
            operation="deleting",
            resource="event tracker x",
        )

    with Stubber(client) as stub:
        for _ in range(7):
            stub.add_client_error("delete_event_tracker", "ThrottlingException", "Rate exceeded")
        stub.add_response("delete_event_tracker", {}, {"eventTrackerArn": ARN})
        delete()
        stub.assert_no_pending_responses()
        stub.add_client_error("delete_event_tracker", "AccessDeniedException", "No.", 403)
        with pytest.raises(AccessDeniedError, match="personalize:DeleteEventTracker"):
            delete()


def test_each_region_has_one_client(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    two_at_once = threading.Barrier(2)

    def new_client(_self: Calls, region: str) -> str:
        made.append(region)
        with contextlib.suppress(threading.BrokenBarrierError):
            two_at_once.wait(0.05)
        return region

    monkeypatch.setattr(Calls, "_new_client", new_client)
    calls = Calls(Settings(region="us-east-1"), clock)

    def client_of(region: str | None) -> object:
        return calls.make(region, lambda client: client, operation="o", resource="r")

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(client_of, ["eu-west-1", None, "us-east-1"] * 8))
    assert found == ["eu-west-1", "us-east-1", "us-east-1"] * 8
    assert sorted(made) == ["eu-west-1", "us-east-1"]


@pytest.mark.usefixtures("no_credentials_of_this_machine")
def test_client_is_made_as_configured_and_leaves_retries_to_us(clock: Clock) -> None:
    calls = Calls(Settings(region="eu-west-1", endpoint_url=URL), clock)
    client: Any = calls.make(None, lambda client: client, operation="o", resource="r")
    assert client.meta.region_name == "eu-west-1"
    assert client.meta.endpoint_url == URL
    assert client.meta.config.retries == {"mode": "adaptive", "total_max_attempts": 1}
    assert client.meta.config.user_agent_extra == "pulumi-personalize"


@pytest.mark.usefixtures("no_credentials_of_this_machine")
@pytest.mark.parametrize(
    ("settings", "kind", "code", "advice"),
    [
        (Settings(), ServiceError, "NoRegionError", "personalize:region"),
        (Settings(profile="work"), CredentialsError, "ProfileNotFound", "personalize:profile"),
    ],
)
def test_client_that_can_not_be_made_is_one_line(
    clock: Clock, settings: Settings, kind: type[ServiceError], code: str, advice: str
) -> None:
    with pytest.raises(kind) as caught:
        Calls(settings, clock).make(None, lambda _: None, operation="reading", resource="r")
    assert str(caught.value).startswith(f"reading r: {code}: ")
    assert "\n" not in str(caught.value)
    assert advice in caught.value.advice


def test_import_of_the_package_is_quick_about_boto3() -> None:
    check = "assert not {'boto3', 'botocore', 'moto'} & {*sys.modules}"
    program = f"import pulumi_personalize, pulumi_personalize.local, sys; {check}"
    subprocess.run([sys.executable, "-c", program], check=True)
