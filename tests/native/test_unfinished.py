"""What becomes of a tracker whose create ends too early: the state keeps it as unfinished."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import grpc
import pytest
from kinds import OWNER_TAG, Props, TagsOf, Trackers
from mypy_boto3_personalize import PersonalizeClient
from native.adapter import MakeProvider, NativeProvider, kept_of, urn_of
from native.conftest import ANSWERED_OTHERWISE
from play import Play, Program
from processes import eventually
from pulumi.runtime.proto import provider_pb2
from pulumi_personalize import (
    CancelledError,
    CreateFailedError,
    EventTrackerNotFoundError,
    GroupTakenError,
    PersonalizeError,
    WaitTimeoutError,
)
from pulumi_personalize.local import ControlClient
from pulumi_personalize.native.properties import to_struct
from pulumi_personalize.service.request import Request
from pulumi_personalize.service.tracker import Lifecycle

KEPT = (
    "The stack's state keeps event tracker {} as unfinished: `pulumi up` resumes it, "
    "`pulumi destroy` removes it."
)


def test_what_this_front_end_answers_otherwise_is_tested_here() -> None:
    def names(folder: Path) -> set[str]:
        code = "\n".join(file.read_text() for file in folder.glob("test_*.py"))
        return set(re.findall(r"def (test_\w+)\(", code))

    here = Path(__file__).parent
    for theirs, ours in ANSWERED_OTHERWISE.items():
        assert re.split(r"\W", theirs)[0] in names(here.parent / "provider")
        assert ours in names(here)


@pytest.fixture
def begun(provider: NativeProvider, props: Props, control: ControlClient) -> Any:
    """A tracker that a create left in CREATE IN_PROGRESS: what the state has of it."""
    control.fault("CreateEventTracker", "stay", status="CREATE IN_PROGRESS")
    with pytest.raises(WaitTimeoutError) as caught:
        provider.create(props(tags={"team": "web"}), timeout=30)
    control.clear_faults()
    kept = kept_of(caught.value)
    assert kept is not None
    return kept


@pytest.mark.parametrize("ending", ["finish", "destroy"])
def test_create_that_ends_too_early_is_kept_and_finished(
    provider: NativeProvider,
    make_provider: MakeProvider,
    props: Props,
    begun: Any,
    control: ControlClient,
    trackers: Trackers,
    tags_of: TagsOf,
    ending: str,
) -> None:
    assert begun.outs["status"] == "CREATE IN_PROGRESS"
    assert begun.outs["tags"] == {"team": "web"}
    assert trackers() == {"clicks": "CREATE IN_PROGRESS"}
    later = make_provider(on_sleep=control.release)
    if ending == "destroy":
        later.delete(begun.id, begun.outs)
        assert trackers() == {}
        return
    news = props(tags={"team": "app"})
    difference = later.differ(begun.id, begun.outs, news)
    assert (list(difference.replaces), difference.deleteBeforeReplace) == ([], False)
    assert set(difference.detailedDiff) == {"tags.team"}
    updated = later.update(begun.id, begun.outs, news)
    assert updated.outs is not None
    assert updated.outs["status"] == "ACTIVE"
    assert "unfinished" not in updated.outs
    assert tags_of(begun.id) == {
        "team": "app",
        OWNER_TAG: f"done-{begun.outs['ownershipTag']}:shop/dev/web",
    }
    assert later.diff(begun.id, updated.outs, news).changes is False


def test_unfinished_tracker_without_other_changes_is_a_change(
    provider: NativeProvider, props: Props, begun: Any
) -> None:
    difference = provider.differ(begun.id, begun.outs, props(tags={"team": "web"}))
    assert set(difference.detailedDiff) == {"status"}


def test_error_of_a_create_names_the_time_limit_that_counts(
    make_provider: MakeProvider, props: Props, control: ControlClient
) -> None:
    control.fault("CreateEventTracker", "stay", status="CREATE IN_PROGRESS", times=None)
    provider = make_provider(create_timeout=20)
    for timeout, option in ((30, "customTimeouts.create"), (0, "personalize:createTimeout")):
        with pytest.raises(WaitTimeoutError) as caught:
            provider.create(props(), timeout=timeout)
        assert re.fullmatch(
            rf"creating event tracker clicks \(arn:\S+\): still CREATE IN_PROGRESS after "
            rf"{timeout or 20} s\. {option} gives it more time\. "
            + re.escape(KEPT.format("clicks")),
            str(caught.value),
        )
        kept = kept_of(caught.value)
        for update, named in ((25, "customTimeouts.update"), (0, "personalize:createTimeout")):
            with pytest.raises(
                WaitTimeoutError, match=f"after {update or 20} s. {named} "
            ) as again:
                provider.update(kept.id, kept.outs, props(), timeout=update)
            assert kept_of(again.value).outs == kept.outs
        control.forget(kept.id)


def test_time_limit_of_a_delete(
    provider: NativeProvider, props: Props, control: ControlClient
) -> None:
    created = provider.create(props())
    assert created.outs is not None
    control.fault("DeleteEventTracker", "stay", times=None)
    with pytest.raises(
        WaitTimeoutError, match=r"after 40 s\. Run again; customTimeouts\.delete gives it more time"
    ):
        provider.delete(created.id, created.outs, timeout=40)


def test_create_that_loses_its_network_is_kept(
    make_provider: MakeProvider, props: Props, control: ControlClient, trackers: Trackers
) -> None:
    provider = make_provider(max_attempts=2)
    control.fault("DescribeEventTracker", "close", when="before", times=2)
    with pytest.raises(PersonalizeError) as caught:
        provider.create(props())
    assert str(caught.value).endswith(KEPT.format("clicks"))
    assert kept_of(caught.value) is not None
    assert getattr(caught.value, "answered", None) == grpc.StatusCode.UNKNOWN
    assert trackers() == {"clicks": "ACTIVE"}
    assert kept_of(caught.value).outs is not None
    updated = provider.update(kept_of(caught.value).id or "", kept_of(caught.value).outs, props())
    assert updated.outs is not None
    assert updated.outs["status"] == "ACTIVE"


def test_create_that_ends_before_its_last_tag_is_kept(
    provider: NativeProvider, props: Props, control: ControlClient, tags_of: TagsOf
) -> None:
    control.fault("TagResource", "error", code="AccessDeniedException")
    with pytest.raises(PersonalizeError, match="personalize:TagResource") as caught:
        provider.create(props())
    kept = kept_of(caught.value)
    assert kept is not None
    assert kept.outs is not None
    assert kept.outs["status"] == "ACTIVE"
    provider.update(kept.id or "", kept.outs, props())
    assert tags_of(kept.id or "")[OWNER_TAG].startswith("done-")


def test_tracker_that_is_never_seen_is_kept(
    provider: NativeProvider, props: Props, control: ControlClient, trackers: Trackers
) -> None:
    control.fault("DescribeEventTracker", "error", code="ResourceNotFoundException", times=None)
    with pytest.raises(EventTrackerNotFoundError) as caught:
        provider.create(props())
    assert kept_of(caught.value) is not None
    assert trackers() == {"clicks": "ACTIVE"}


def test_tracker_deleted_meanwhile_is_not_kept(
    make_provider: MakeProvider,
    props: Props,
    control: ControlClient,
    personalize: PersonalizeClient,
) -> None:
    control.fault("CreateEventTracker", "stay", status="CREATE IN_PROGRESS")
    looks: list[int] = []

    def meanwhile() -> None:
        looks.append(1)
        if len(looks) == 4:
            for one in personalize.list_event_trackers()["eventTrackers"]:
                control.forget(one["eventTrackerArn"])

    with pytest.raises(
        PersonalizeError, match="deleted outside of Pulumi during creation"
    ) as caught:
        make_provider(on_sleep=meanwhile).create(props())
    assert kept_of(caught.value) is None


@pytest.mark.parametrize("removed", [True, False])
def test_create_failed_is_removed_or_else_kept(
    provider: NativeProvider,
    props: Props,
    control: ControlClient,
    trackers: Trackers,
    removed: bool,
) -> None:
    control.fault("CreateEventTracker", "fail")
    if not removed:
        control.fault("DeleteEventTracker", "error", code="AccessDeniedException")
    with pytest.raises(CreateFailedError) as caught:
        provider.create(props())
    kept = kept_of(caught.value)
    if removed:
        assert kept is None
        assert str(caught.value).endswith(" tracker was removed.")
        assert trackers() == {}
        return
    assert str(caught.value).endswith(
        "The stack's state keeps event tracker clicks as unfinished: `pulumi up` replaces it, "
        "`pulumi destroy` removes it."
    )
    assert kept.outs["status"] == "CREATE FAILED"


@pytest.mark.parametrize("state", ["failed", "going", "gone"])
def test_unfinished_tracker_of_no_use_is_replaced_deletion_first(
    play: Play,
    group: str,
    control: ControlClient,
    trackers: Trackers,
    state: str,
    personalize: PersonalizeClient,
) -> None:
    program = Program(group, "there")
    control.fault("CreateEventTracker", "fail")
    control.fault("DeleteEventTracker", "error", code="AccessDeniedException")
    begun = play.up(program).state
    assert begun.id
    if state == "gone":
        control.forget(begun.id)
    if state == "going":
        control.fault("DeleteEventTracker", "stay")
        personalize.delete_event_tracker(eventTrackerArn=begun.id)
    plan = play.plan(play.new_provider(), program, begun)
    assert (plan.told.refusal, plan.replaces, plan.first) == ("", True, True)
    done = play.up(program, begun)
    assert done.refusal == ""
    assert done.id != begun.id
    assert trackers() == {"there": "ACTIVE"}
    assert play.refresh(done.state).id == done.id


@pytest.mark.parametrize("status", ["CREATE PENDING", "CREATE IN_PROGRESS", "CREATE FAILED"])
def test_refresh_tells_what_is_not_finished(
    provider: NativeProvider,
    put: Callable[..., str],
    status: str,
) -> None:
    arn = put(status, "creating-1234:shop/dev/web")
    with pytest.raises(PersonalizeError) as caught:
        provider.read(arn, {"name": "there", "ownershipTag": "1234", "unfinished": True})
    what = "replaces it" if status == "CREATE FAILED" else "waits until it is ACTIVE"
    assert str(caught.value) == f"event tracker there ({arn}) is {status}: `pulumi up` {what}."
    kept = kept_of(caught.value)
    assert kept is not None
    assert kept.outs is not None
    assert kept.outs["status"] == status


@pytest.mark.parametrize(
    ("mark", "finished"),
    [
        ("creating-1234:shop/dev/web", False),
        ("creating-5678:shop/dev/web", True),
        ("done-1234:shop/dev/web", True),
    ],
)
def test_refresh_tells_a_mark_that_is_not_finished(
    provider: NativeProvider, put: Callable[..., str], mark: str, finished: bool
) -> None:
    arn = put("ACTIVE", mark)
    state = {"name": "there", "ownershipTag": "1234", "unfinished": True}
    if finished:
        read = provider.read(arn, state)
        assert read.outs is not None
        assert "unfinished" not in read.outs
        return
    with pytest.raises(PersonalizeError, match="left unfinished by an interrupted create"):
        provider.read(arn, state)


def test_another_run_that_claimed_it_meanwhile_has_it(
    provider: NativeProvider,
    props: Props,
    begun: Any,
    personalize: PersonalizeClient,
    control: ControlClient,
) -> None:
    control.release(begun.id)
    personalize.tag_resource(
        resourceArn=begun.id, tags=[{"tagKey": OWNER_TAG, "tagValue": "creating-1:other/dev/web"}]
    )
    with pytest.raises(GroupTakenError, match="claimed meanwhile by 'other/dev/web'"):
        provider.update(begun.id, begun.outs, props())


def test_delete_waits_for_what_is_being_created(
    make_provider: MakeProvider, begun: Any, control: ControlClient, trackers: Trackers
) -> None:
    make_provider(on_sleep=control.release).delete(begun.id, begun.outs)
    assert trackers() == {}


class TestCancel:
    @pytest.mark.parametrize("step", ["removal", "claim"])
    def test_loses_no_tracker_that_is_being_removed_or_claimed(
        self,
        make_provider: MakeProvider,
        make_tracker: Callable[..., str],
        props: Props,
        control: ControlClient,
        step: str,
    ) -> None:
        asleep: list[str] = []
        waits_of = {"removal": "DeleteEventTracker", "claim": "TagResource"}[step]

        def cancel_once_there() -> None:
            called = [call["operation"] for call in control.calls()]
            if waits_of in called and not asleep:
                asleep.append(step)
                provider.cancel()

        provider = make_provider(on_sleep=cancel_once_there)
        if step == "removal":
            control.fault("CreateEventTracker", "fail")
            control.fault("DeleteEventTracker", "error", code="ResourceInUseException", times=None)
            wanted = props()
        else:
            there = make_tracker("clicks", mark="done-1:other/dev/web")
            wanted = props(adoptExisting=True)
        control.clear_calls()
        with pytest.raises(PersonalizeError) as caught:
            provider.create(wanted)
        assert asleep
        kept = kept_of(caught.value)
        assert kept is not None, caught.value
        if step == "claim":
            assert kept.id == there
            control.clear_faults()
            updated = make_provider().update(kept.id, kept.outs, wanted)
            assert updated.outs is not None
            assert "unfinished" not in updated.outs

    @pytest.mark.parametrize("step", ["create", "resume", "delete"])
    def test_ends_what_waits_and_the_state_keeps_the_tracker(
        self, make_provider: MakeProvider, props: Props, control: ControlClient, step: str
    ) -> None:
        control.fault("CreateEventTracker", "stay", status="CREATE IN_PROGRESS", times=None)
        control.fault("DeleteEventTracker", "stay", times=None)
        asleep = threading.Event()
        # Two seconds of its time are ten minutes of ours: only a Cancel ends it.
        provider = make_provider(on_sleep=asleep.set, speed=1 / 300)
        state: Any = None
        if step != "create":
            with pytest.raises(WaitTimeoutError) as late:
                make_provider(create_timeout=20).create(props())
            state = kept_of(late.value)
        raised: list[BaseException] = []

        def run() -> None:
            try:
                if step == "create":
                    provider.create(props())
                elif step == "resume":
                    provider.update(state.id, state.outs, props())
                else:
                    provider.delete(state.id, state.outs)
            except CancelledError as error:
                raised.append(error)

        thread = threading.Thread(target=run)
        thread.start()
        assert asleep.wait(60)
        provider.cancel()
        thread.join(60)
        assert not thread.is_alive()
        (error,) = raised
        assert isinstance(error, PersonalizeError)
        if step == "delete":
            assert kept_of(error) is None
            assert str(error) == (
                f"deleting event tracker clicks ({state.id}): cancelled. The stack's state keeps "
                "it: run again to resume."
            )
            return
        assert kept_of(error) is not None
        arn = kept_of(error).id
        assert str(error) == (
            f"creating event tracker clicks ({arn}): cancelled. {KEPT.format('clicks')}"
        )
        later = make_provider(on_sleep=control.release)
        assert kept_of(error).outs is not None
        updated = later.update(kept_of(error).id or "", kept_of(error).outs, props())
        assert updated.outs is not None
        assert updated.outs["status"] == "ACTIVE"


def test_cancel_ends_an_update_that_waits(
    make_provider: MakeProvider, props: Props, control: ControlClient
) -> None:
    provider = make_provider(speed=1 / 300)
    created = make_provider().create(props())
    assert created.outs is not None
    control.fault("TagResource", "error", code="ResourceInUseException", times=None)
    with ThreadPoolExecutor(1) as pool:
        pending = pool.submit(
            provider.update, created.id or "", created.outs, props(tags={"team": "web"})
        )
        eventually(lambda: any(call["operation"] == "TagResource" for call in control.calls()))
        provider.cancel()
        with pytest.raises(CancelledError) as caught:
            pending.result(60)
    told = f"updating event tracker clicks ({created.id}): cancelled. `pulumi refresh` "
    assert str(caught.value).startswith(told)
    assert kept_of(caught.value) is None


def test_nothing_is_finished_for_an_engine_that_is_gone(
    monkeypatch: pytest.MonkeyPatch,
    make_provider: MakeProvider,
    props: Props,
    control: ControlClient,
    personalize: PersonalizeClient,
    tags_of: TagsOf,
) -> None:
    control.fault("CreateEventTracker", "stay", status="CREATE IN_PROGRESS")
    asleep, go_on, ended = threading.Event(), threading.Event(), threading.Event()
    create = Lifecycle.create
    requests = []

    def noting(lifecycle: Lifecycle, request: Request) -> Any:
        requests.append(request)
        try:
            return create(lifecycle, request)
        finally:
            ended.set()

    monkeypatch.setattr(Lifecycle, "create", noting)

    def on_sleep() -> None:
        asleep.set()
        go_on.wait(60)
        control.release()

    provider = make_provider(on_sleep=on_sleep)
    news = props()
    request = provider_pb2.CreateRequest(urn=urn_of(news), properties=to_struct(news))
    pending = provider.stub.Create.future(request)
    assert asleep.wait(60)
    pending.cancel()
    eventually(lambda: not requests[0].is_awaited())
    go_on.set()
    assert ended.wait(60)
    (found,) = personalize.list_event_trackers()["eventTrackers"]
    assert tags_of(found["eventTrackerArn"])[OWNER_TAG].startswith("creating-")


def test_resumed_move_creates_first(
    play: Play, group: str, make_group: Callable[[str], str], control: ControlClient
) -> None:
    existing = play.up(Program(group, "there")).state
    program = Program(make_group("other"), "new")
    control.fault("CreateEventTracker", "stay", status="CREATE IN_PROGRESS", times=None)
    control.fault("DescribeEventTracker", "error", code="AccessDeniedException")
    cut = play.up(program, existing)
    assert "AccessDenied" in cut.refusal
    assert cut.state.old is not None
    assert cut.state.old.id == existing.id
    done = play.up(program, replace(cut.state, old=None))
    assert (done.refusal, done.id) == ("", cut.state.id)
