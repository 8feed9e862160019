"""The front end: configuration, property bags, lines for the user, and errors."""

from __future__ import annotations

import re
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from fake_engine import requested
from kinds import Capfd
from provider.account import Account
from pulumi import dynamic
from pulumi.runtime import rpc
from pulumi_personalize import ConfigurationError, PersonalizeError
from pulumi_personalize.provider import EventTrackerProvider
from pulumi_personalize.service.aws import Personalize

pytestmark = pytest.mark.usefixtures("one_client")


class TestConfigure:
    @pytest.fixture(autouse=True)
    def _traceback_limit(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "tracebacklimit", 1000, raising=False)

    def configured(self, **config: str) -> EventTrackerProvider:
        keys = {f"personalize:{key}": text for key, text in config.items()}
        provider = EventTrackerProvider()
        provider.configure(dynamic.ConfigureRequest(dynamic.Config(keys, "shop")))
        return provider

    def test_bad_configuration_is_one_line(self) -> None:
        with pytest.raises(ConfigurationError, match="personalize:createTimeout"):
            self.configured(createTimeout="soon")
        # Pulumi shows errors without a traceback.
        assert sys.tracebacklimit == 0

    def test_more_than_four_operations_at_a_time(self, capfd: Capfd) -> None:
        with ThreadPoolExecutor(4) as pool:
            pool.submit(self.configured).result()
            assert pool._max_workers > 100
        assert capfd.readouterr().err == ""

    def test_works_without_being_configured(
        self, account: Account, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("AWS_ENDPOINT_URL", account.control.url)
        assert EventTrackerProvider().check({}, account.props()).failures == []


class TestCheckAndDiff:
    def test_inputs_are_returned_as_they_are(self, account: Account) -> None:
        unknown = {"datasetGroupArn": rpc.UNKNOWN, "name": rpc.UNKNOWN}
        for changes in ({"tags": {"team": "web"}}, {**unknown, "tags": {"team": rpc.UNKNOWN}}):
            news = account.props(**changes)
            checked = account.provider().check({}, news)
            assert (checked.inputs, checked.failures) == (news, [])

    def test_derived_name_is_kept(self, account: Account) -> None:
        provider = account.provider()
        props = account.props("shop/web", name=None)
        checked = provider.check({}, props)
        made = provider.create(checked.inputs)
        assert re.fullmatch("shop-web-[0-9a-f]{7}", made.outs["name"])
        # After a refresh, too.
        read = provider.read(made.id, made.outs)
        again = provider.check(read.inputs, props).inputs
        assert requested(again) == checked.inputs
        assert not provider.diff(made.id, made.outs, again).changes

    def test_no_change_after_create_and_read(self, account: Account) -> None:
        made = account.create(tags={"team": "web"})
        read = account.read(made)
        account.operations()
        for state in (made.outs, read.outs):
            # With ignore_changes, the engine adds outputs that a refresh returned as inputs.
            news = account.props(tags={"team": "web"}, trackingId="id")
            checked = account.provider().check(read.inputs, news)
            assert (checked.failures, requested(checked.inputs)) == ([], requested(read.inputs))
            difference = account.provider().diff(made.id, state, news)
            assert (difference.changes, difference.replaces) == (False, [])
        assert account.operations() == []


class TestErrors:
    def test_expected_error_has_no_cause_to_show(self, account: Account) -> None:
        account.fault("ListEventTrackers", "error", code="AccessDeniedException")
        with pytest.raises(PersonalizeError) as caught:
            account.create()
        assert (caught.value.__suppress_context__, caught.value.__cause__) == (True, None)
        assert account.log_lines() == []

    def test_bug_shows_its_traceback(
        self, account: Account, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(*_: Any) -> None:
            raise ZeroDivisionError("a bug")

        monkeypatch.setattr(Personalize, "trackers", broken)
        with pytest.raises(ZeroDivisionError):
            account.create()
        lines = account.log_lines()
        assert lines[0].startswith("Traceback")
        assert "ZeroDivisionError: a bug" in lines
