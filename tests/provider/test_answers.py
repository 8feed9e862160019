"""Answers that are not Personalize's, or not to what was asked: an error in one line, at once."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kinds import GROUP, OTHER_GROUP, resource_context
from pulumi_personalize import PersonalizeError, ServiceError
from pulumi_personalize.engine import Log
from pulumi_personalize.provider import EventTrackerProvider
from pulumi_personalize.service.aws import Personalize
from pulumi_personalize.service.client import Calls
from pulumi_personalize.service.preview import Planner
from pulumi_personalize.service.waiter import Clock
from pulumi_personalize.session import Session
from pulumi_personalize.settings import Settings

ARN = "arn:aws:personalize:us-east-1:123456789012:event-tracker/1"
PROPS = {"datasetGroupArn": GROUP, "name": "clicks", "resourceContext": resource_context()}
STATE = {**PROPS, "trackingId": "id", "tags": {"a": "1"}, "ownershipTag": "1"}
TRACKER = {
    "eventTrackerArn": ARN,
    "name": "clicks",
    "status": "ACTIVE",
    "trackingId": "id",
    "datasetGroupArn": GROUP,
    "creationDateTime": 1.5e9,
}
ANSWERS: dict[str, Any] = {
    "ListEventTrackers": {"eventTrackers": [TRACKER]},
    "ListDatasets": {"datasets": [{"datasetType": "INTERACTIONS", "status": "ACTIVE"}]},
    "DescribeDatasetGroup": {"datasetGroup": {"datasetGroupArn": GROUP, "status": "ACTIVE"}},
    "DescribeEventTracker": {"eventTracker": TRACKER},
    "CreateEventTracker": {"eventTrackerArn": ARN, "trackingId": "id"},
    "ListTagsForResource": {"tags": [{"tagKey": "a", "tagValue": "1"}]},
    "TagResource": {},
    "UntagResource": {},
    "DeleteEventTracker": {},
}
#: Each method of the provider.
METHODS: dict[str, Callable[[EventTrackerProvider], Any]] = {
    "check": lambda provider: provider.check({}, PROPS),
    "adopt": lambda provider: provider.create({**PROPS, "adoptExisting": True}),
    "create": lambda provider: provider.create(PROPS),
    "read": lambda provider: provider.read(ARN, STATE),
    "get": lambda provider: provider.read(ARN, {}),
    "update": lambda provider: provider.update(ARN, STATE, {**PROPS, "tags": {"b": "2"}}),
    "delete": lambda provider: provider.delete(ARN, STATE),
}
Answer = Callable[[str, bytes], None]


class Answers:
    """Answers the calls of one client with given bodies, by operation."""

    def __init__(self) -> None:
        self.bodies: dict[str, bytes] = {}
        self.headers: Any = {"date": "Thu, 01 Jan 2026 00:00:00 GMT"}
        self.client: Any = None

    def of(self, **answers: Any) -> None:
        """Sets the answers; those that are left out are Personalize's."""
        for operation, answer in {**ANSWERS, **answers}.items():
            is_raw = isinstance(answer, bytes)
            self.bodies[operation] = answer if is_raw else json.dumps(answer).encode()

    def respond(self, request: Any, **_: Any) -> AWSResponse:
        operation = request.headers["X-Amz-Target"].decode().rpartition(".")[2]
        raw: Any = SimpleNamespace(stream=lambda: [self.bodies[operation]])
        return AWSResponse(request.url, 200, self.headers, raw)

    def provider(self) -> EventTrackerProvider:
        """A provider with a clock that only sleeping moves."""
        time = [0.0]

        def sleep(seconds: float) -> None:
            time[0] += max(seconds, 0.1)

        limits = Settings(create_timeout=30, delete_timeout=30, max_attempts=2)
        personalize = Personalize(limits, Clock(lambda: time[0], sleep))
        provider = EventTrackerProvider()
        provider._session = Session(personalize, Planner(personalize), {}, Log())
        return provider


@pytest.fixture(scope="module")
def answers() -> Iterator[Answers]:
    answers, new_client = Answers(), Calls._new_client

    def one_client(calls: Calls, region: str | None) -> Any:
        if answers.client is None:
            answers.client = new_client(calls, region)
            answers.client.meta.events.register("before-send.personalize", answers.respond)
        return answers.client

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Calls, "_new_client", one_client)
        one_client(Calls(Settings()), "us-east-1")
        yield answers
    answers.client.close()


@pytest.mark.parametrize("arn", [5, "x", GROUP, ARN.replace("us-east-1", "eu-west-1")])
def test_create_answered_with_no_trackers_arn(answers: Answers, arn: Any) -> None:
    answers.of(CreateEventTracker={"eventTrackerArn": arn}, ListEventTrackers={})
    with pytest.raises(ServiceError, match=r"was answered with .*may exist in"):
        METHODS["create"](answers.provider())


def test_delete_of_a_tracker_in_creation_that_a_login_page_answers(answers: Answers) -> None:
    creating = {"eventTracker": {**TRACKER, "status": "CREATE IN_PROGRESS"}}
    answers.of(DescribeEventTracker=creating, DeleteEventTracker=b"<html>Log in</html>")
    answers.bodies["ListTagsForResource"] = b"{}"
    with pytest.raises(ServiceError, match="does not answer as Amazon Personalize does"):
        METHODS["delete"](answers.provider())


OTHERS = {**TRACKER, "datasetGroupArn": OTHER_GROUP}
ANOTHER = {**TRACKER, "eventTrackerArn": ARN + "2"}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    "answer",
    [b"<html>Log in</html>", b"{}", b"", b"[]", b"null", {"eventTracker": None}],
    ids=str,
)
def test_describe_that_is_not_personalizes(answers: Answers, method: str, answer: Any) -> None:
    answers.of(DescribeEventTracker=answer, ListTagsForResource=b"<html>Log in</html>")
    if method == "check":
        answers.of(ListEventTrackers=b"<html>Log in</html>")
    with pytest.raises(PersonalizeError) as caught:
        METHODS[method](answers.provider())
    line = str(caught.value)
    assert "this endpoint does not answer as Amazon Personalize does" in line
    assert "Check personalize:endpointUrl, the proxy, and whether the network wants a login" in line


@pytest.mark.parametrize("method", ["adopt", "read", "update", "delete"])
@pytest.mark.parametrize("answer", [OTHERS, ANOTHER], ids=["group", "tracker"])
def test_answer_about_another_tracker(answers: Answers, method: str, answer: Any) -> None:
    calls: list[str] = []
    answers.of(DescribeEventTracker={"eventTracker": answer})

    def note(model: Any, **_: Any) -> None:
        calls.append(model.name)

    answers.client.meta.events.register("before-call.personalize", note)
    with pytest.raises(ServiceError, match=r"was answered with event tracker clicks \("):
        METHODS[method](answers.provider())
    answers.client.meta.events.unregister("before-call.personalize", note)
    assert not {*calls} & {"TagResource", "UntagResource", "DeleteEventTracker"}


def test_lists_without_end_and_without_their_member(answers: Answers) -> None:
    answers.of(ListEventTrackers={}, ListDatasets={})
    assert answers.provider().check({}, PROPS).failures == []
    pages = iter(range(10_000))
    provider = answers.provider()
    assert provider._session

    def respond(request: Any, **_: Any) -> AWSResponse:
        provider._session.personalize._calls.clock.sleep(1)  # type: ignore[union-attr]
        answers.of(ListEventTrackers={"eventTrackers": [], "nextToken": str(next(pages))})
        return answers.respond(request)

    answers.client.meta.events.register_first("before-send.personalize", respond)
    with pytest.raises(ServiceError, match="the list has not ended after 3"):
        provider.check({}, PROPS)
    answers.client.meta.events.unregister("before-send.personalize", respond)


ANY = st.recursive(
    st.just("9999-12-31T23:59:59-23:00")
    | st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=4,
)


def like(answer: Any) -> st.SearchStrategy[Any]:
    """Answers like one: with members that are missing, null, of another type, or more."""
    if isinstance(answer, dict):
        members = {key: like(value) for key, value in answer.items()}
        more = st.dictionaries(st.sampled_from(["x", "nextToken"]), ANY, max_size=1)
        known = st.fixed_dictionaries({}, optional=members)
        return st.one_of(known, st.builds(lambda one, two: {**one, **two}, known, more), ANY)
    if isinstance(answer, list):
        return st.lists(like(answer[0]) | st.just(answer[0]), max_size=2) | ANY
    return st.just(answer) | ANY


@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    st.fixed_dictionaries({}, optional={key: like(one) for key, one in ANSWERS.items()}),
    st.sampled_from(["Thu, 01 Jan 2026 00:00:00 GMT", "1 Jan 2026 00:00 -0000", "soon", ""]),
)
def test_no_answer_ends_in_a_traceback(answers: Answers, given: Any, date: str) -> None:
    answers.of(**given)
    answers.headers = {"date": date}
    for method in METHODS.values():
        with contextlib.suppress(PersonalizeError):
            method(answers.provider())
