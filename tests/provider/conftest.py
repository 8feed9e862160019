"""What these tests share: a provider on real boto3, and an endpoint in a process of its own."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.loaders import create_loader
from endpoints import go_by_looks, local_endpoint, quick_group
from kinds import OWNER_TAG, Capfd, sample
from mypy_boto3_personalize import PersonalizeClient
from play import Play
from pulumi_personalize import engine
from pulumi_personalize.local import ControlClient
from pulumi_personalize.provider import EventTrackerProvider
from pulumi_personalize.service.client import Calls
from pulumi_personalize.service.clock import Clock
from pulumi_personalize.service.inputs import pack
from pulumi_personalize.service.preview import Planner
from pulumi_personalize.service.settings import Settings
from pulumi_personalize.service.tracker import Lifecycle
from pulumi_personalize.session import Session

Clients = dict[str | None, PersonalizeClient]
REGION = "us-east-1"
#: Of how many generated tests one is run always.
ONE_OF = {
    "test_ends_well_or_in_one_line_that_says_what_to_do": 4,
    "test_nothing_is_left_or_it_is_named": 4,
    "test_nothing_is_left_or_it_is_named_without_marks": 2,
    "test_what_was_there_before": 2,
}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leaves all but a sample to `make situations`."""
    sample(items, Path(__file__).parent, ONE_OF)


@pytest.fixture(scope="session")
def url() -> Iterator[str]:
    """The endpoint's URL. There can be but one endpoint in a process, and others may want it."""
    with local_endpoint() as url:
        yield url


#: What boto3 reads its service models with, which takes most of a client's making.
_one_loader = functools.cache(create_loader)


@pytest.fixture(autouse=True)
def _one_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    """All of boto3's sessions share what one has read."""
    monkeypatch.setattr("botocore.session.create_loader", _one_loader)


@pytest.fixture(autouse=True)
def _no_rate_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without botocore's limit of the rate of calls, which sleeps for real after a throttling."""
    monkeypatch.setattr("botocore.retries.adaptive.register_retry_handler", lambda _client: None)


@pytest.fixture
def control(url: str) -> ControlClient:
    """The control interface of the endpoint, which is empty, and quick."""
    client = ControlClient(url)
    client.reset()
    client.pace(0)
    return client


@pytest.fixture
def by_looks(url: str, control: ControlClient) -> None:
    """Has trackers come to their next state when they are described."""
    go_by_looks(url)


@pytest.fixture(scope="session")
def client(url: str) -> Iterator[PersonalizeClient]:
    """A client: to make one takes longer than most tests."""
    client = boto3.client(
        "personalize",
        endpoint_url=url,
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    yield client
    client.close()


@pytest.fixture
def personalize(client: PersonalizeClient, control: ControlClient) -> PersonalizeClient:
    """A client for what others do to trackers."""
    return client


@pytest.fixture
def make_group(url: str, control: ControlClient) -> Callable[[str], str]:
    """Makes a dataset group that takes a tracker, if there is none of the name: its ARN."""
    return lambda name: quick_group(url, name)


@pytest.fixture
def unfinished_group(control: ControlClient, personalize: PersonalizeClient) -> str:
    """A dataset group that is being created until it is released."""
    # No dataset can be made in a group that is not ACTIVE.
    control.rules(interactionsDataset=False)
    control.fault("CreateDatasetGroup", "stay")
    return personalize.create_dataset_group(name="slow")["datasetGroupArn"]


@pytest.fixture
def group(make_group: Callable[[str], str]) -> str:
    """A dataset group's ARN."""
    return make_group("shop")


@pytest.fixture
def make_tracker(personalize: PersonalizeClient, group: str) -> Callable[..., str]:
    """Makes a tracker on the group, behind the provider's back: its ARN."""

    def make(name: str = "theirs", mark: str = "", **tags: str) -> str:
        tags |= {OWNER_TAG: mark} if mark else {}
        return personalize.create_event_tracker(
            name=name,
            datasetGroupArn=group,
            tags=[{"tagKey": key, "tagValue": text} for key, text in tags.items()],
        )["eventTrackerArn"]

    return make


@pytest.fixture
def tags_of(personalize: PersonalizeClient) -> Callable[[str], dict[str, str]]:
    """All tags of a tracker, as the service has them."""

    def find(arn: str) -> dict[str, str]:
        found = personalize.list_tags_for_resource(resourceArn=arn)["tags"]
        return {tag["tagKey"]: tag["tagValue"] for tag in found}

    return find


@pytest.fixture
def trackers(personalize: PersonalizeClient) -> Callable[[], dict[str, str]]:
    """The names and states of all trackers."""

    def find() -> dict[str, str]:
        found = personalize.list_event_trackers()["eventTrackers"]
        return {one["name"]: one["status"] for one in found}

    return find


@pytest.fixture
def operations(control: ControlClient) -> Callable[[], list[str]]:
    """The names of the calls made since the last question, in order."""

    def take() -> list[str]:
        names = [call["operation"] for call in control.calls()]
        control.clear_calls()
        return names

    return take


@pytest.fixture
def speed() -> float:
    """How much faster the provider sleeps than it believes to: nothing here takes real time.

    Where something does, as reads that trail, a test has a slower one.
    """
    return 2000


class Sessions:
    """Makes sessions with settings, for which time passes only while they sleep."""

    def __init__(self, url: str, speed: float) -> None:
        self._url = url
        self._speed = speed
        self._lifecycles: list[Lifecycle] = []

    def new(
        self,
        log: engine.Log,
        sleep: Callable[[float], object] = time.sleep,
        *,
        on_sleep: Callable[[], object] = int,
        speed: float | None = None,
        **settings: Any,
    ) -> Session:
        """A session.

        Args:
            log: Where it tells what it does.
            sleep: Sleeps for real.
            on_sleep: Called before each sleep: what happens meanwhile.
            speed: How much faster it sleeps than it believes to.
            settings: Those that are not the defaults.
        """
        waited = [0.0]

        def pass_time(seconds: float) -> None:
            on_sleep()
            waited[0] += seconds
            sleep(seconds / (speed or self._speed))

        wanted = Settings(**{"endpoint_url": self._url, **settings})
        lifecycle = Lifecycle(wanted, Clock(now=lambda: waited[0], sleep=pass_time))
        self._lifecycles.append(lifecycle)
        planner = Planner(lifecycle.finder, lifecycle.new_wait, wanted)
        return Session(lifecycle, planner, {}, log)

    def close(self) -> None:
        """Closes their connections."""
        for lifecycle in self._lifecycles:
            for client in lifecycle._calls._clients.values():
                client.close()


@pytest.fixture
def sessions(url: str, speed: float) -> Iterator[Sessions]:
    """Makes the sessions of providers."""
    sessions = Sessions(url, speed)
    yield sessions
    sessions.close()


@pytest.fixture
def make_provider(sessions: Sessions) -> Callable[..., EventTrackerProvider]:
    """Makes a provider with settings, see `Sessions.new`."""

    def make(**options: Any) -> EventTrackerProvider:
        provider = EventTrackerProvider()
        provider._session = sessions.new(engine.Log(), **options)
        return provider

    return make


@pytest.fixture
def provider(
    control: ControlClient, make_provider: Callable[..., EventTrackerProvider]
) -> EventTrackerProvider:
    """A provider with default settings."""
    return make_provider()


@pytest.fixture
def props(group: str) -> Callable[..., dict[str, Any]]:
    """Inputs as Pulumi passes them to a create: complete, checked before."""

    def make(resource: str = "web", **changes: Any) -> dict[str, Any]:
        context = {"project": "shop", "stack": "dev", "resource": resource}
        context |= changes.pop("context", {})
        return {
            "datasetGroupArn": group,
            "name": "clicks",
            **changes,
            "resourceContext": pack(context),
        }

    return make


@pytest.fixture(scope="module")
def clients() -> Iterator[Clients]:
    """The clients that `one_client` has made, by region."""
    clients: Clients = {}
    yield clients
    for client in clients.values():
        client.close()


@pytest.fixture
def one_client(monkeypatch: pytest.MonkeyPatch, clients: Clients) -> Iterator[None]:
    """One client for all tests of a module: to make one takes longer than a whole situation."""
    noting = []
    new_client = Calls._new_client

    def shared(calls: Calls, region: str | None) -> PersonalizeClient:
        if region not in clients:
            clients[region] = new_client(calls, region)
        client = clients[region]
        noting.append((client, calls._note_time))
        client.meta.events.register("after-call.personalize", calls._note_time)
        return client

    monkeypatch.setattr(Calls, "_new_client", shared)
    yield
    for client, note in noting:
        client.meta.events.unregister("after-call.personalize", note)


@pytest.fixture
def play(
    make_provider: Callable[..., EventTrackerProvider],
    control: ControlClient,
    capfd: Capfd,
) -> Play:
    """An engine at whose sleeps all that is held in a state goes on."""
    return Play(
        lambda: make_provider(on_sleep=control.release),
        lambda: capfd.readouterr().err.splitlines(),
    )


@pytest.fixture
def put(
    control: ControlClient, personalize: PersonalizeClient, group: str
) -> Callable[[str, str], str]:
    """Puts a tracker of a status and a mark on the group: its ARN."""

    def put(status: str, mark: str, name: str = "there", group: str = group) -> str:
        if status in ("CREATE PENDING", "CREATE IN_PROGRESS"):
            control.fault("CreateEventTracker", "stay", status=status)
        if status == "CREATE FAILED":
            control.fault("CreateEventTracker", "fail")
        tags = {"team": "web"} | ({OWNER_TAG: mark} if mark else {})
        arn = personalize.create_event_tracker(
            name=name,
            datasetGroupArn=group,
            tags=[{"tagKey": key, "tagValue": text} for key, text in tags.items()],
        )["eventTrackerArn"]
        if status.startswith("DELETE"):
            control.fault("DeleteEventTracker", "stay", status=status)
            personalize.delete_event_tracker(eventTrackerArn=arn)
        control.clear_faults()
        found = personalize.describe_event_tracker(eventTrackerArn=arn)["eventTracker"]
        assert found["status"] == status
        return arn

    return put
