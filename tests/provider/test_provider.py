"""The provider's own part: configuration, property bags, what is told to the user."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from kinds import Capfd, MakeTracker, Props
from play import asked
from pulumi import dynamic
from pulumi.runtime import rpc
from pulumi_personalize import ConfigurationError, GroupTakenError
from pulumi_personalize.local import ControlClient
from pulumi_personalize.provider import EventTrackerProvider
from pulumi_personalize.service.finder import Finder


def request(**config: str) -> dynamic.ConfigureRequest:
    keys = {f"personalize:{key}": text for key, text in config.items()}
    return dynamic.ConfigureRequest(dynamic.Config(keys, "shop"))


class TestConfigure:
    @pytest.fixture(autouse=True)
    def _traceback_limit(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "tracebacklimit", 1000, raising=False)

    def test_settings_are_those_of_the_stack(self) -> None:
        provider = EventTrackerProvider()
        provider.configure(request(region="eu-west-1", createTimeout="60"))
        assert provider._session is not None
        settings = provider._session.lifecycle._settings
        assert (settings.region, settings.create_timeout) == ("eu-west-1", 60)

    def test_errors_are_shown_without_a_traceback(self) -> None:
        EventTrackerProvider().configure(request())
        assert sys.tracebacklimit == 0

    def test_bad_configuration_is_one_line_too(self) -> None:
        with pytest.raises(ConfigurationError, match="personalize:createTimeout"):
            EventTrackerProvider().configure(request(createTimeout="soon"))
        assert sys.tracebacklimit == 0

    def test_more_than_four_operations_at_a_time(self, capfd: Capfd) -> None:
        with ThreadPoolExecutor(4) as pool:
            pool.submit(EventTrackerProvider().configure, request()).result()
            assert pool._max_workers > 100
        assert capfd.readouterr().err == ""

    def test_says_so_where_four_is_all_there_is(self, capfd: Capfd) -> None:
        EventTrackerProvider().configure(request())
        assert capfd.readouterr().err == (
            "debug: could not raise the SDK's limit of 4 concurrent operations\n"
        )

    def test_works_without_being_configured(
        self, props: Props, url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        provider = EventTrackerProvider()
        assert provider.check({}, props()).failures == []
        assert provider._session is not None
        for client in provider._session.lifecycle._calls._clients.values():
            client.close()


class TestCheck:
    def test_good_inputs_come_back_as_they_are(
        self, provider: EventTrackerProvider, props: Props
    ) -> None:
        checked = provider.check({}, props(tags={"team": "web"}))
        assert checked.inputs == props(tags={"team": "web"})
        assert checked.failures == []

    def test_made_up_name_is_good_for_a_create(
        self, provider: EventTrackerProvider, props: Props
    ) -> None:
        checked = provider.check({}, props("shop/web", name=None))
        created = provider.create(checked.inputs)
        assert created.outs is not None
        assert re.fullmatch("shop-web-[0-9a-f]{7}", created.outs["name"])
        # It is kept, after a refresh too.
        read = provider.read(created.id, created.outs)
        assert read.inputs is not None
        again = provider.check(read.inputs, props("shop/web", name=None)).inputs
        assert asked(again) == checked.inputs
        difference = provider.diff(created.id, created.outs, again)
        assert not difference.changes

    def test_faults_are_told_by_property(
        self, provider: EventTrackerProvider, props: Props
    ) -> None:
        checked = provider.check({}, props(name="-", datasetGroupArn="shop"))
        assert [failure.property for failure in checked.failures] == ["datasetGroupArn", "name"]

    def test_taken_group_fails_before_anything_is_done(
        self, provider: EventTrackerProvider, props: Props, make_tracker: MakeTracker, group: str
    ) -> None:
        arn = make_tracker()
        (failure,) = provider.check({}, props()).failures
        assert failure.property == "datasetGroupArn"
        assert failure.reason.startswith(f"dataset group {group} already has ")
        assert f"event tracker 'theirs' ({arn}, ACTIVE)" in failure.reason
        assert "set adopt_existing=True and name='theirs' to adopt it" in failure.reason

    def test_unknown_values_stay_unknown(
        self, provider: EventTrackerProvider, props: Props
    ) -> None:
        unknown = {"datasetGroupArn": rpc.UNKNOWN, "name": rpc.UNKNOWN}
        news = props(**unknown, tags={"team": rpc.UNKNOWN})
        checked = provider.check({}, news)
        assert checked.inputs == news
        assert checked.failures == []

    def test_what_will_be_adopted_is_told(
        self, provider: EventTrackerProvider, props: Props, make_tracker: MakeTracker, capfd: Capfd
    ) -> None:
        arn = make_tracker()
        provider.check({}, props(name="theirs", adoptExisting=True))
        assert capfd.readouterr().err == (
            f"web: adopting existing event tracker theirs ({arn}) (adopt_existing=True)\n"
        )


class TestDiff:
    def test_no_change_after_create_and_read(
        self, provider: EventTrackerProvider, props: Props, operations: Callable[[], list[str]]
    ) -> None:
        created = provider.create(props(tags={"team": "web"}))
        read = provider.read(created.id, created.outs or {})
        operations()
        for state in (created.outs, read.outs):
            assert state is not None
            difference = provider.diff(created.id, state, props(tags={"team": "web"}))
            assert (difference.changes, difference.replaces) == (False, [])
        assert operations() == []

    def test_rename(self, provider: EventTrackerProvider, props: Props, capfd: Capfd) -> None:
        state = {**props(), "trackingId": "id"}
        difference = provider.diff("arn", state, props(name="views"))
        assert difference.changes
        assert difference.replaces == ["name"]
        assert difference.delete_before_replace
        (told,) = capfd.readouterr().err.splitlines()
        assert told.startswith("warning: web: ")
        assert "event tracker clicks " in told
        assert "PutEvents" in told

    def test_move_to_a_taken_group_is_refused(
        self,
        provider: EventTrackerProvider,
        props: Props,
        make_tracker: MakeTracker,
        make_group: Callable[[str], str],
    ) -> None:
        make_tracker()
        state = {**props(datasetGroupArn=make_group("old")), "trackingId": "id"}
        with pytest.raises(GroupTakenError):
            provider.diff("arn", state, props())


class TestErrors:
    def test_foreseen_error_has_no_cause_to_show(
        self, provider: EventTrackerProvider, props: Props, control: ControlClient, capfd: Capfd
    ) -> None:
        control.fault("ListEventTrackers", "error", code="AccessDeniedException")
        with pytest.raises(Exception, match="AccessDeniedException") as caught:
            provider.create(props())
        assert caught.value.__suppress_context__
        assert caught.value.__cause__ is None
        assert capfd.readouterr().err == ""

    def test_bug_shows_its_traceback(
        self,
        provider: EventTrackerProvider,
        props: Props,
        monkeypatch: pytest.MonkeyPatch,
        capfd: Capfd,
    ) -> None:
        def broken(*_: Any) -> None:
            raise ZeroDivisionError("a bug")

        monkeypatch.setattr(Finder, "look", broken)
        with pytest.raises(ZeroDivisionError):
            provider.create(props())
        told = capfd.readouterr().err
        assert told.startswith("Traceback")
        assert "in broken" in told
        assert "ZeroDivisionError: a bug" in told
