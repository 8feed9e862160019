"""Waits and calls: reads, attempts, time limits, clients and the log. No test sleeps."""

import itertools
import json
import logging
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from botocore import exceptions
from kinds import GROUP
from pulumi_personalize import ServiceError, TransientError, UnreachableError
from pulumi_personalize.credentials import AWS, place_of
from pulumi_personalize.service.client import Calls
from pulumi_personalize.service.waiter import Clock, Wait, pause
from pulumi_personalize.settings import Settings

URL = "http://127.0.0.1:1"
UNREACHABLE = exceptions.EndpointConnectionError(endpoint_url=URL)
CONNECT_TIMEOUT = exceptions.ConnectTimeoutError(endpoint_url=URL)
READ_TIMEOUT = exceptions.ReadTimeoutError(endpoint_url=URL)
HOUR = 3600.0
LINE = ("reading", "event tracker x")


def refused(code: str = "ThrottlingException", status: int = 400) -> exceptions.ClientError:
    metadata = {"HTTPStatusCode": status}
    response: Any = {"Error": {"Code": code, "Message": "No"}, "ResponseMetadata": metadata}
    return exceptions.ClientError(response, "DescribeEventTracker")


class Call:
    """A call that fails with the given errors; the last one, if there is no response, repeats."""

    def __init__(self, clock: Clock, *errors: Exception, works: bool = False) -> None:
        self.clock, self.errors, self.works = clock, list(errors), works
        self.attempts: list[float] = []

    def __call__(self, _client: object) -> str:
        self.attempts.append(self.clock.now())
        if self.errors:
            raise self.errors.pop(0) if self.works or len(self.errors) > 1 else self.errors[0]
        return "response"


Make = Callable[..., Any]


@pytest.fixture
def make(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Make:
    client = SimpleNamespace(meta=SimpleNamespace(endpoint_url=URL))
    monkeypatch.setattr(Calls, "_new_client", lambda _self, _region: client)
    calls = Calls(Settings(max_attempts=20), clock)

    def make(call: Any, timeout: float = HOUR, **options: Any) -> Any:
        return calls.make(GROUP, call, *LINE, Wait(clock, timeout), **options)

    return make


def test_call_is_repeated_with_backoff(clock: Clock, make: Make) -> None:
    call = Call(clock, *[refused()] * 19, works=True)
    assert make(call) == "response"
    gaps = [after - before for before, after in itertools.pairwise(call.attempts)]
    assert all(gap <= min(0.2 * 2**number, 20) for number, gap in enumerate(gaps))
    assert sum(gaps) > 5


def test_last_error_is_raised(clock: Clock, make: Make) -> None:
    for attempts in (None, 1):
        call = Call(clock, refused())
        with pytest.raises(TransientError, match=r"reading event tracker x: Thr.*: No") as caught:
            make(call, attempts=attempts)
        assert len(call.attempts) == (attempts or 20)
        assert not caught.value.answer_lost


@pytest.mark.parametrize("deadline", [12.0, 0.0, -1.0])
def test_no_attempt_after_the_deadline(clock: Clock, make: Make, deadline: float) -> None:
    for _ in range(20):
        call, begin = Call(clock, refused()), clock.now()
        with pytest.raises(TransientError):
            make(call, deadline)
        assert (len(call.attempts) > 1) is (deadline > 0)
        assert max(call.attempts) <= clock.now() <= begin + max(deadline, 0)


def test_endpoint_that_never_answered_has_three_attempts(clock: Clock, make: Make) -> None:
    for error in (UNREACHABLE, CONNECT_TIMEOUT):
        call = Call(clock, error)
        with pytest.raises(UnreachableError, match=URL):
            make(call)
        assert len(call.attempts) == 3
    # One that has answered, be it with an error, has them all.
    make(Call(clock, refused(), works=True))
    assert make(Call(clock, *[UNREACHABLE] * 10, works=True)) == "response"


def test_other_errors_are_raised_at_once(clock: Clock, make: Make) -> None:
    call = Call(clock, exceptions.NoCredentialsError())
    with pytest.raises(ServiceError):
        make(call)
    assert len(call.attempts) == 1


def test_answer_may_be_lost_at_any_attempt(clock: Clock, make: Make) -> None:
    for lost in (refused("New", 503), READ_TIMEOUT):
        with pytest.raises(ServiceError) as caught:
            make(Call(clock, lost, refused("ResourceInUseException")))
        assert caught.value.answer_lost


def test_client_settings_clock_and_log_without_values(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    calls = Calls(Settings(endpoint_url=URL), clock)
    wait = Wait(clock, HOUR)
    there = GROUP.replace("us-east-1", "eu-west-1")
    client: Any = calls.make(there, lambda client: client, *LINE, wait)
    assert calls.make(there, lambda other: other is client, *LINE, wait)
    assert (client.meta.region_name, client.meta.endpoint_url) == ("eu-west-1", URL)
    assert client.meta.config.retries == {"mode": "adaptive", "total_max_attempts": 1}
    assert client.meta.config.user_agent_extra == "pulumi-personalize"

    def respond(event: str, **given: Any) -> None:
        client.meta.events.emit(f"{event}.personalize.DescribeEventTracker", context={}, **given)

    # Its responses tell the time, and are logged without values.
    caplog.set_level(logging.DEBUG, "pulumi_personalize")
    model = client.meta.service_model.operation_model("DescribeEventTracker")
    parsed = {"eventTracker": {"trackingId": "secret"}, "ResponseMetadata": {"RequestId": "r"}}
    moment = "Thu, 01 Jan 2026 00:00:00"
    for date, known in [("soon", False), (f"{moment} GMT", True), (f"{moment} -0000", True)]:
        content = json.dumps(parsed).encode()
        response = SimpleNamespace(headers={"date": date}, status_code=200, content=content)
        respond("after-call", http_response=response, parsed=parsed, model=model)
        assert (calls.service_time() is not None) is known
    respond("after-call-error", exception=OSError("secret"))
    clock.sleep(7.9)
    assert str(calls.service_time()) == "2026-01-01 00:00:07.900000+00:00"
    lines = [one.getMessage() for one in caplog.records if one.name == "pulumi_personalize"]
    ok = ["DescribeEventTracker: HTTP 200 ok (request r)"] * 3
    assert lines == [*ok, "DescribeEventTracker: OSError"]


TRACKER = "event tracker clicks"


def until(wait: Wait, reads: list[float], first: str | None = None, **changes: float) -> str:
    """Waits for ACTIVE; notes when the status, which changes at given times, is read."""

    def read() -> str:
        reads.append(wait.now)
        return [status for status, since in changes.items() if wait.now >= since][-1]

    return wait.until(read, done=lambda status: status == "ACTIVE", what=TRACKER, first=first)


def test_reads_until_done(clock: Clock) -> None:
    assert [pause(it) for it in (0, 10, 60, 120, 600)] == pytest.approx([1, 3.4, 3.8, 3.8, 15])
    # Between 20 and 120 s, ACTIVE is seen within 4 s, with few looks.
    looks = list(itertools.accumulate(range(60), lambda at, _: at + pause(at), initial=0.0))[1:]
    for seconds, most in ((20, 12), (61, 22), (120, 40)):
        assert sum(at <= seconds for at in looks) + 1 <= most
    assert all(after - at <= 4 for at, after in itertools.pairwise(looks) if 20 <= at <= 116)
    # Many at once read 25 times a second, once they have waited for some seconds.
    assert [pause(60, waits) for waits in (100, 400)] == [4, 15]
    assert pause(5, 400) == pause(5)
    clock.sleep(100)
    reads: list[float] = []
    assert until(Wait(clock, HOUR), reads, CREATING=0, ACTIVE=105) == "ACTIVE"
    assert reads == pytest.approx([100, 101, 102.24, 103.7776, 105.684224])
    # A known value saves the first read.
    reads.clear()
    until(Wait(clock, HOUR), reads, "CREATING", ACTIVE=0)
    assert reads == pytest.approx([106.684224])


@pytest.mark.parametrize("timeout", [0.0, 0.1, 60.0])
def test_last_read_is_at_the_time_limit(clock: Clock, timeout: float) -> None:
    reads: list[float] = []
    wait = Wait(clock, timeout)
    for _ in range(2):
        assert until(wait, reads, CREATING=0) == "CREATING"
        assert reads[-1] == clock.now() == pytest.approx(timeout)
        assert wait.is_over
    assert until(Wait(clock, timeout), reads, CREATING=0, ACTIVE=2 * timeout) == "ACTIVE"


def test_status_is_reported_when_it_changes(clock: Clock) -> None:
    lines: list[Any] = []
    wait = Wait(clock, HOUR, lines.append)
    wait.report_status(TRACKER, "PENDING")
    until(wait, [], PENDING=0, IN_PROGRESS=2, ACTIVE=4)
    assert lines == [f"{TRACKER}: PENDING (0 s)", f"{TRACKER}: IN_PROGRESS (2 s)"]
    assert [line.status for line in lines] == ["PENDING", "IN_PROGRESS"]


def test_parts_of_a_wait_keep_its_time_limit(clock: Clock) -> None:
    lines: list[str] = []
    wait = Wait(clock, 10, lines.append)
    for seconds, end in ((3.0, 3.0), (60.0, 10.0), (60.0, 10.0)):
        until(wait.within(seconds), [], CREATING=0)
        assert clock.now() == pytest.approx(end)
    assert (lines, wait.waited) == ([], 10)
    more = wait.at_least(20)
    assert (more.remaining, more.report, wait.at_least(0).remaining) == (20, wait.report, 0)
    assert more.at_least(5).remaining == 20
    wait.sleep(5)
    assert clock.now() == 10


def test_place_of_an_endpoint() -> None:
    for host in (
        "personalize.us-east-1.amazonaws.com",
        "sts.cn-north-1.amazonaws.com.cn",
        "vpce-1-a.personalize.us-east-1.vpce.amazonaws.com",
        "personalize-fips.us-gov-west-1.api.aws",
    ):
        assert place_of(f"https://{host}") == (AWS, None)
    # A user's own.
    for host in ("mock-1.us-east-1.elb.amazonaws.com", "personalize.example.com", "127.0.0.1"):
        assert place_of(f"http://{host}") == (host, 80)
        assert place_of(f"http://{host}:4566/x") == (host, 4566)


def test_region_without_personalize_is_told_apart(clock: Clock) -> None:
    calls = Calls(Settings(), clock)
    for region, known in (("us-east-1", True), ("eu-nowhere-1", False)):
        call = Call(clock, UNREACHABLE)
        with pytest.raises(UnreachableError) as caught:
            calls.make(GROUP.replace("us-east-1", region), call, *LINE, Wait(clock, HOUR))
        assert (f"botocore knows no Personalize in {region}" in str(caught.value)) is not known


def test_values_of_a_role_are_not_repeated() -> None:
    tags = [{"Key": "team", "Value": "tag-secret"}]
    role = {"RoleArn": "arn:aws:iam::1:role/x", "ExternalId": "id-secret", "Tags": tags}
    assert Calls(Settings(assume_role=(role,))).hidden == {"id-secret", "tag-secret"}
