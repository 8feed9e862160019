"""Whose a tracker is: lost answers, interrupted creates, adoption."""

from __future__ import annotations

import functools
import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from kinds import OWNER_TAG, Capfd, MakeProvider, MakeTracker, Props, TagsOf, Trackers
from mypy_boto3_personalize import PersonalizeClient
from pulumi_personalize import CreateFailedError, GroupTakenError, PersonalizeError
from pulumi_personalize.local import ControlClient
from pulumi_personalize.provider import EventTrackerProvider
from pulumi_personalize.service.changes import Changes
from pulumi_personalize.service.model import EventTracker


class TestLostAnswer:
    @pytest.mark.parametrize("ownership", [True, False])
    def test_own_tracker_is_recognised(
        self,
        make_provider: MakeProvider,
        props: Props,
        control: ControlClient,
        trackers: Trackers,
        ownership: bool,
    ) -> None:
        control.fault("CreateEventTracker", "close", when="after")
        result = make_provider(ownership_tag=ownership).create(props())
        assert trackers() == {"clicks": "ACTIVE"}
        assert result.outs is not None
        assert (result.outs["name"], result.outs["status"]) == ("clicks", "ACTIVE")
        assert (result.outs["ownershipTag"] != "none") is ownership

    @pytest.mark.parametrize("ownership", [True, False])
    def test_request_that_did_not_arrive_is_made_again(
        self, make_provider: MakeProvider, props: Props, control: ControlClient, ownership: bool
    ) -> None:
        control.fault("CreateEventTracker", "close", when="before")
        assert make_provider(ownership_tag=ownership).create(props()).id
        assert [fault["fired"] for fault in control.faults()] == [1]

    @pytest.mark.parametrize("ownership", [True, False])
    @pytest.mark.parametrize("name", ["clicks", "theirs"])
    def test_tracker_of_somebody_else_is_never_taken(
        self,
        make_provider: MakeProvider,
        make_tracker: MakeTracker,
        props: Props,
        control: ControlClient,
        name: str,
        ownership: bool,
    ) -> None:
        # Somebody else is quicker while our request is throttled, which makes no tracker.
        control.fault("CreateEventTracker", "error", about={"name": "clicks"})

        @functools.cache
        def meanwhile() -> str:
            return make_tracker(name)

        provider = make_provider(on_sleep=meanwhile, ownership_tag=ownership)
        with pytest.raises(GroupTakenError, match=f"event tracker '{name}' "):
            provider.create(props())
        assert meanwhile.cache_info().misses == 1

    @pytest.mark.parametrize(
        ("ownership", "name", "mark"),
        [
            (True, "clicks", "done-0123abcd:shop/dev/web"),
            (True, "clicks", ""),
            (False, "clicks", "done-0123abcd:other/dev/web"),
            (False, "theirs", ""),
        ],
    )
    def test_request_was_lost_and_the_tracker_is_not_ours(
        self,
        make_provider: MakeProvider,
        make_tracker: MakeTracker,
        props: Props,
        control: ControlClient,
        ownership: bool,
        name: str,
        mark: str,
    ) -> None:
        control.fault("CreateEventTracker", "close", about={"name": "clicks"})

        @functools.cache
        def meanwhile() -> str:
            control.clear_faults()
            return make_tracker(name, mark)

        provider = make_provider(on_sleep=meanwhile, ownership_tag=ownership)
        with pytest.raises(GroupTakenError, match=f"event tracker '{name}' "):
            provider.create(props())
        assert meanwhile.cache_info().misses == 1


class TestInterruptedCreate:
    @pytest.mark.usefixtures("by_looks")
    def test_is_resumed(
        self,
        provider: EventTrackerProvider,
        make_tracker: MakeTracker,
        props: Props,
        tags_of: TagsOf,
        capfd: Capfd,
    ) -> None:
        arn = make_tracker("clicks", "creating-0123abcd:shop/dev/web", stale="x")
        result = provider.create(props(tags={"team": "web"}))
        assert result.id == arn
        assert result.outs is not None
        attempt = result.outs["ownershipTag"]
        assert attempt != "0123abcd"
        assert tags_of(arn) == {"team": "web", OWNER_TAG: f"done-{attempt}:shop/dev/web"}
        resuming, waiting = capfd.readouterr().err.splitlines()
        assert resuming.startswith("web: resuming ")
        assert resuming.endswith(f" event tracker clicks ({arn}); removing its tags stale")
        assert waiting == "web: event tracker clicks: CREATE IN_PROGRESS (10 s)"

    @pytest.mark.parametrize("ownership", [True, False])
    def test_is_resumed_where_its_request_arrives_late(
        self,
        make_provider: MakeProvider,
        make_tracker: MakeTracker,
        props: Props,
        control: ControlClient,
        tags_of: TagsOf,
        ownership: bool,
    ) -> None:
        control.fault("CreateEventTracker", "error", about={"name": "clicks"})

        @functools.cache
        def meanwhile() -> str:
            control.clear_faults()
            return make_tracker("clicks", "creating-0123abcd:shop/dev/web", stale="x")

        result = make_provider(on_sleep=meanwhile, ownership_tag=ownership).create(props())
        assert meanwhile.cache_info().misses == 1
        assert result.id == meanwhile()
        assert "stale" not in tags_of(result.id)

    def test_is_left_where_the_engine_is_gone_before_its_end(
        self,
        provider: EventTrackerProvider,
        props: Props,
        tags_of: TagsOf,
        personalize: PersonalizeClient,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        with monkeypatch.context() as patch:
            patch.setattr("pulumi_personalize.engine.is_listening", lambda: False)
            with pytest.raises(
                PersonalizeError, match=r"the Pulumi engine exited; the next `pulumi up` resumes\.$"
            ):
                provider.create(props())
        (found,) = personalize.list_event_trackers()["eventTrackers"]
        arn = found["eventTrackerArn"]
        assert re.fullmatch("creating-[0-9a-f]{8}:shop/dev/web", tags_of(arn)[OWNER_TAG])
        assert provider.create(props()).id == arn

    def test_is_resumed_whatever_its_made_up_name(
        self, provider: EventTrackerProvider, make_tracker: MakeTracker, props: Props
    ) -> None:
        arn = make_tracker("web-1111111", "creating-0123abcd:shop/dev/web")
        result = provider.create(props(name="web-2222222", context={"named": False}))
        assert result.id == arn
        assert result.outs is not None
        assert result.outs["name"] == "web-1111111"

    @pytest.mark.parametrize("failed", [False, True])
    def test_of_no_use_is_removed(
        self,
        make_provider: MakeProvider,
        make_tracker: MakeTracker,
        props: Props,
        control: ControlClient,
        trackers: Trackers,
        capfd: Capfd,
        failed: bool,
    ) -> None:
        if failed:
            control.fault("CreateEventTracker", "fail")
        name = "clicks" if failed else "other-name"
        arn = make_tracker(name, "creating-0123abcd:shop/dev/web")
        control.fault("DeleteEventTracker", "stay")
        assert make_provider(on_sleep=control.release).create(props()).id != arn
        assert trackers() == {"clicks": "ACTIVE"}
        # It is told by its own name.
        assert f"web: event tracker {name}: DELETE PENDING (" in capfd.readouterr().err

    @pytest.mark.parametrize(
        "mark",
        [
            "",
            "creating-0123abcd:shop/prod/web",
            "creating-0123abcd:other/dev/web",
            "creating-0123abcd:shop/dev/app",
            "done-0123abcd:shop/dev/web",
        ],
    )
    def test_of_anybody_else_is_left_alone(
        self,
        provider: EventTrackerProvider,
        make_tracker: MakeTracker,
        props: Props,
        tags_of: TagsOf,
        mark: str,
    ) -> None:
        arn = make_tracker("clicks", mark)
        with pytest.raises(GroupTakenError):
            provider.create(props())
        assert tags_of(arn) == ({OWNER_TAG: mark} if mark else {})


class TestAdoptExisting:
    @pytest.mark.parametrize(
        "wanted", [{"name": "theirs"}, {"name": "web-0123456", "context": {"named": False}}]
    )
    def test_tracker_is_taken_over(
        self,
        provider: EventTrackerProvider,
        make_tracker: MakeTracker,
        props: Props,
        tags_of: TagsOf,
        personalize: PersonalizeClient,
        capfd: Capfd,
        wanted: dict[str, Any],
    ) -> None:
        arn = make_tracker("theirs", "done-0123abcd:old/dev/web", stale="x", team="old")
        before = personalize.describe_event_tracker(eventTrackerArn=arn)["eventTracker"]
        result = provider.create(props(adoptExisting=True, tags={"team": "web"}, **wanted))
        assert result.id == arn
        assert result.outs is not None
        assert result.outs["name"] == "theirs"
        assert result.outs["trackingId"] == before["trackingId"]
        assert result.outs["tags"] == {"team": "web"}
        assert tags_of(arn) == {
            "team": "web",
            OWNER_TAG: f"done-{result.outs['ownershipTag']}:shop/dev/web",
        }
        told = (
            f"web: adopting existing event tracker theirs ({arn}) (adopt_existing=True); "
            "removing its tags stale\n"
        )
        assert told in capfd.readouterr().err

    def test_asks_for_the_right_name(
        self, provider: EventTrackerProvider, make_tracker: MakeTracker, props: Props
    ) -> None:
        arn = make_tracker("theirs")
        with pytest.raises(GroupTakenError) as caught:
            provider.create(props(adoptExisting=True))
        assert f"event tracker 'theirs' ({arn}, ACTIVE)" in str(caught.value)
        assert "adopts only a tracker" in str(caught.value)
        assert "set name='theirs'" in str(caught.value)

    def test_leaves_a_failed_tracker_to_its_owner(
        self,
        provider: EventTrackerProvider,
        make_tracker: MakeTracker,
        props: Props,
        control: ControlClient,
        trackers: Trackers,
    ) -> None:
        control.fault("CreateEventTracker", "fail")
        make_tracker("clicks")
        with pytest.raises(GroupTakenError, match=r"cannot be adopted: "):
            provider.create(props(adoptExisting=True))
        assert trackers() == {"clicks": "CREATE FAILED"}

    @pytest.mark.usefixtures("by_looks")
    def test_leaves_one_that_fails_meanwhile_to_its_owner(
        self,
        make_provider: MakeProvider,
        make_tracker: MakeTracker,
        props: Props,
        control: ControlClient,
        trackers: Trackers,
    ) -> None:
        control.fault("CreateEventTracker", "fail")
        make_tracker("clicks", "done-0123abcd:old/dev/web")
        with pytest.raises(CreateFailedError, match=r"\b[Dd]elete it\b"):
            make_provider().create(props(adoptExisting=True))
        assert trackers() == {"clicks": "CREATE FAILED"}

    @pytest.mark.parametrize(
        ("ownership", "tags"), [(False, {}), (True, dict.fromkeys(map(str, range(50)), "x"))]
    )
    def test_needs_a_mark_only_where_there_is_one(
        self,
        make_provider: MakeProvider,
        make_tracker: MakeTracker,
        props: Props,
        tags_of: TagsOf,
        ownership: bool,
        tags: dict[str, str],
    ) -> None:
        arn = make_tracker("clicks")
        make_provider(ownership_tag=ownership).create(props(adoptExisting=True, tags=tags))
        assert tags_of(arn) == tags

    def test_makes_one_where_there_is_none(
        self, provider: EventTrackerProvider, props: Props
    ) -> None:
        assert provider.create(props(adoptExisting=True)).id

    def test_makes_one_once_the_old_one_is_gone(
        self,
        make_provider: MakeProvider,
        make_tracker: MakeTracker,
        props: Props,
        control: ControlClient,
        personalize: PersonalizeClient,
    ) -> None:
        control.fault("DeleteEventTracker", "stay")
        arn = make_tracker("clicks")
        personalize.delete_event_tracker(eventTrackerArn=arn)
        result = make_provider(on_sleep=control.release).create(props(adoptExisting=True))
        assert result.id != arn


class TestTakenOver:
    def test_tracker_that_another_stack_took_over_is_not_deleted(
        self,
        make_provider: MakeProvider,
        props: Props,
        trackers: Trackers,
        capfd: Capfd,
    ) -> None:
        old = make_provider().create(props())
        make_provider().create(props(adoptExisting=True, context={"stack": "prod"}))
        capfd.readouterr()
        assert old.outs is not None
        make_provider().delete(old.id, old.outs)
        assert trackers() == {"clicks": "ACTIVE"}
        assert capfd.readouterr().err == (
            f"web: not deleting event tracker clicks ({old.id}): another resource has adopted it\n"
        )

    @pytest.mark.parametrize(("first", "second"), [(False, True), (True, False)])
    def test_a_tracker_that_another_stack_took_over_is_not_deleted_where_either_sets_no_mark(
        self,
        make_provider: MakeProvider,
        props: Props,
        trackers: Trackers,
        first: bool,
        second: bool,
    ) -> None:
        old = make_provider(ownership_tag=first).create(props())
        prod = props(adoptExisting=True, context={"stack": "prod"})
        new = make_provider(ownership_tag=second).create(prod)
        assert old.outs is not None
        assert new.outs is not None
        make_provider(ownership_tag=first).delete(old.id, old.outs)
        assert trackers() == {"clicks": "ACTIVE"}
        make_provider(ownership_tag=second).delete(new.id, new.outs)
        assert trackers() == {}

    @pytest.mark.parametrize("ownership", [True, False])
    def test_tracker_that_its_replacement_took_over_is_not_deleted(
        self,
        make_provider: MakeProvider,
        props: Props,
        trackers: Trackers,
        ownership: bool,
    ) -> None:
        provider = make_provider(ownership_tag=ownership)
        old = provider.create(props())
        new = provider.create(props(adoptExisting=True))
        assert new.id == old.id
        assert old.outs is not None
        provider.delete(old.id, old.outs)
        assert trackers() == {"clicks": "ACTIVE"}
        # In a run of its own the new state's tracker does go.
        assert new.outs is not None
        make_provider(ownership_tag=ownership).delete(new.id, new.outs)
        assert trackers() == {}

    def test_tracker_without_a_mark_is_deleted_whoever_made_it(
        self,
        make_provider: MakeProvider,
        props: Props,
        trackers: Trackers,
        personalize: PersonalizeClient,
    ) -> None:
        made = make_provider().create(props())
        personalize.untag_resource(resourceArn=made.id, tagKeys=[OWNER_TAG])
        assert made.outs is not None
        make_provider().delete(made.id, made.outs)
        assert trackers() == {}

    def test_attempts_differ(self, make_provider: MakeProvider, props: Props) -> None:
        first = make_provider().create(props())
        second = make_provider().create(props(adoptExisting=True))
        assert first.outs is not None
        assert second.outs is not None
        assert re.fullmatch("[0-9a-f]{8}", second.outs["ownershipTag"])
        assert first.outs["ownershipTag"] != second.outs["ownershipTag"]


class TestClaim:
    """Two runs that take one unfinished tracker for theirs, as of two backends."""

    def test_of_two_live_runs_one_wins_and_both_know(
        self,
        make_provider: MakeProvider,
        make_tracker: MakeTracker,
        props: Props,
        tags_of: TagsOf,
        trackers: Trackers,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        arn = make_tracker("clicks", "creating-0123abcd:shop/dev/web")
        set_tags = Changes.set_tags
        met = threading.Barrier(2)
        claimed: set[int] = set()

        def together(*args: Any, **kwargs: Any) -> Any:
            first = threading.get_ident() not in claimed
            claimed.add(threading.get_ident())
            if not first:
                return set_tags(*args, **kwargs)
            # Both have looked; and none looks again before both have claimed it.
            met.wait(60)
            done = set_tags(*args, **kwargs)
            met.wait(60)
            return done

        monkeypatch.setattr(Changes, "set_tags", together)
        providers = [make_provider(), make_provider()]
        with ThreadPoolExecutor(2) as pool:
            runs = [pool.submit(provider.create, props()) for provider in providers]
        won = [run.result() for run in runs if run.exception() is None]
        lost = [run.exception() for run in runs if run.exception() is not None]
        assert len(won) == len(lost) == 1
        assert isinstance(lost[0], GroupTakenError)
        assert won[0].id == arn
        assert won[0].outs is not None
        assert tags_of(arn) == {OWNER_TAG: f"done-{won[0].outs['ownershipTag']}:shop/dev/web"}
        assert trackers() == {"clicks": "ACTIVE"}

    @pytest.mark.usefixtures("by_looks")
    def test_create_whose_tracker_another_run_claimed_meanwhile_is_an_error(
        self,
        make_provider: MakeProvider,
        props: Props,
        personalize: PersonalizeClient,
        trackers: Trackers,
        tags_of: TagsOf,
    ) -> None:
        theirs = "creating-2:shop/dev/web"

        def meanwhile() -> None:
            for one in personalize.list_event_trackers()["eventTrackers"]:
                personalize.tag_resource(
                    resourceArn=one["eventTrackerArn"],
                    tags=[{"tagKey": OWNER_TAG, "tagValue": theirs}],
                )

        with pytest.raises(GroupTakenError) as caught:
            make_provider(on_sleep=meanwhile).create(props())
        assert str(caught.value).endswith(
            " was claimed meanwhile by 'shop/dev/web', attempt 2. Another run manages it, of "
            "another backend or at the same time: let one of the two declare it."
        )
        assert trackers() == {"clicks": "ACTIVE"}
        (arn,) = re.findall(r"\((arn:\S+)\)", str(caught.value))
        assert tags_of(arn) == {OWNER_TAG: theirs}

    def test_create_whose_tracker_is_claimed_as_it_is_finished_is_an_error(
        self,
        provider: EventTrackerProvider,
        props: Props,
        personalize: PersonalizeClient,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        set_tags = Changes.set_tags

        def and_then_another_run(changes: Changes, tracker: EventTracker, *tags: Any) -> None:
            set_tags(changes, tracker, *tags)
            claim = {"tagKey": OWNER_TAG, "tagValue": "creating-2:shop/dev/web"}
            personalize.tag_resource(resourceArn=tracker.arn, tags=[claim])  # type: ignore[list-item]

        monkeypatch.setattr(Changes, "set_tags", and_then_another_run)
        with pytest.raises(
            GroupTakenError, match="was claimed meanwhile by 'shop/dev/web', attempt 2"
        ):
            provider.create(props())

    def test_tracker_that_another_run_finishes_meanwhile_is_not_deleted(
        self,
        make_provider: MakeProvider,
        make_tracker: MakeTracker,
        props: Props,
        personalize: PersonalizeClient,
        trackers: Trackers,
    ) -> None:
        arn = make_tracker("other-name", "creating-0123abcd:shop/dev/web")

        def meanwhile() -> None:
            personalize.tag_resource(
                resourceArn=arn,
                tags=[{"tagKey": OWNER_TAG, "tagValue": "done-0123abcd:shop/dev/web"}],
            )

        with pytest.raises(GroupTakenError, match="was claimed meanwhile by 'shop/dev/web'"):
            make_provider(on_sleep=meanwhile).create(props())
        assert trackers() == {"other-name": "ACTIVE"}

    def test_deletion_whose_answer_was_lost_is_looked_for_first(
        self,
        provider: EventTrackerProvider,
        props: Props,
        control: ControlClient,
        operations: Callable[[], list[str]],
    ) -> None:
        created = provider.create(props())
        assert created.outs is not None
        control.fault("DeleteEventTracker", "close", when="after")
        operations()
        provider.delete(created.id, created.outs)
        assert operations().count("DeleteEventTracker") == 1
