"""The native provider's own part: previews, detailed differences, lookups, the plugin itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from google.protobuf import empty_pb2
from kinds import OWNER_TAG, Capfd, MakeTracker, Props, TagsOf
from native.adapter import NativeProvider, told
from provider.test_earlier_states import as_written_before
from pulumi.runtime import rpc
from pulumi.runtime.proto import plugin_pb2, provider_pb2
from pulumi_personalize import (
    EventTrackerNotFoundError,
    GroupTakenError,
    InputError,
    PersonalizeError,
)
from pulumi_personalize.local import ControlClient
from pulumi_personalize.native import schema, version
from pulumi_personalize.native.address import GET_EVENT_TRACKER, TYPE, context_of
from pulumi_personalize.native.properties import from_struct, to_struct
from pulumi_personalize.service.inputs import CONTEXT, OWNERSHIP_TAG
from pulumi_personalize.service.settings import KEYS

Kind = provider_pb2.PropertyDiff


class TestAddress:
    def test_of_a_program_that_tells_nothing(self) -> None:
        assert context_of(f"urn:pulumi:dev::shop::a:b:Site${TYPE}::web::2") == {
            "project": "shop",
            "stack": "dev",
            "resource": "web::2",
            "parents": "a:b:Site",
            "bare": True,
        }
        assert context_of("odd") == {"bare": True}

    def test_is_the_owner(self, provider: NativeProvider, group: str, tags_of: TagsOf) -> None:
        checked = provider.check({}, {"datasetGroupArn": group}).inputs
        created = provider.create(checked)
        assert tags_of(created.id)[OWNER_TAG].endswith(":shop/dev/web")

    def test_own_finished_tracker_passes_with_a_warning_and_is_not_lost(
        self, provider: NativeProvider, group: str, put: Callable[..., str], capfd: Capfd
    ) -> None:
        # A forced replacement, or lost state: the engine tells of neither.
        arn = put("ACTIVE", "done-1234:shop/dev/web")
        checked = provider.check({}, {"datasetGroupArn": group})
        assert checked.failures == []
        told = capfd.readouterr().err
        assert told.startswith("warning: web: ")
        assert f"event tracker there ({arn})" in told
        assert "if state was lost: " in told
        with pytest.raises(GroupTakenError, match="set adopt_existing=True"):
            provider.create(checked.inputs)


class TestPreview:
    def test_create(self, provider: NativeProvider, props: Props, control: ControlClient) -> None:
        control.clear_calls()
        planned = provider.create(props(tags={"team": "web"}), preview=True)
        assert planned.id == ""
        assert planned.outs is not None
        known = {key: text for key, text in planned.outs.items() if text != rpc.UNKNOWN}
        assert known == props(tags={"team": "web"})
        assert planned.outs["trackingId"] == rpc.UNKNOWN
        assert control.calls() == []

    def test_adoption(
        self, provider: NativeProvider, props: Props, make_tracker: MakeTracker
    ) -> None:
        arn = make_tracker("clicks")
        checked = provider.check({}, props(adoptExisting=True)).inputs
        planned = provider.create(checked, preview=True).outs
        created = provider.create(checked)
        assert created.id == arn
        assert planned is not None
        assert created.outs is not None
        assert planned["trackingId"] == created.outs["trackingId"]
        for key, text in planned.items():
            assert text in (rpc.UNKNOWN, created.outs[key]), key

    def test_tag_edit_keeps_all_outputs(
        self, provider: NativeProvider, props: Props, control: ControlClient
    ) -> None:
        created = provider.create(props(tags={"a": "1"}))
        assert created.outs is not None
        control.clear_calls()
        news = props(tags={"a": "2"})
        planned = provider.update(created.id, created.outs, news, preview=True).outs
        assert control.calls() == []
        assert planned == provider.update(created.id, created.outs, news).outs

    def test_what_is_unfinished_is_not_known_yet(
        self, provider: NativeProvider, props: Props
    ) -> None:
        olds = {
            **props(),
            "status": "CREATE PENDING",
            "trackingId": "id",
            "lastUpdatedDateTime": "x",
        }
        planned = provider.update("arn", olds, props(), preview=True).outs
        assert planned is not None
        assert planned["status"] == "ACTIVE"
        assert planned["lastUpdatedDateTime"] == rpc.UNKNOWN


class TestDetailedDiff:
    @pytest.mark.parametrize(
        ("before", "after", "detail"),
        [
            ({"a": "1"}, {"a": "2"}, {"tags.a": Kind.UPDATE}),
            ({"a": "1"}, {}, {"tags.a": Kind.DELETE}),
            ({}, {"cost center": "1"}, {'tags["cost center"]': Kind.ADD}),
            ({"a": "1"}, {"a": rpc.UNKNOWN}, {"tags.a": Kind.UPDATE}),
            ({"a": "1"}, rpc.UNKNOWN, {"tags": Kind.UPDATE}),
        ],
    )
    def test_tags(
        self,
        provider: NativeProvider,
        props: Props,
        before: Any,
        after: Any,
        detail: dict[str, int],
    ) -> None:
        difference = provider.differ("arn", props(tags=before), props(tags=after))
        assert {key: it.kind for key, it in difference.detailedDiff.items()} == detail
        assert list(difference.diffs) == ["tags"]

    def test_change_of_an_earlier_state_is_shown_alone(
        self, provider: NativeProvider, props: Props
    ) -> None:
        olds = as_written_before(props(tags={"team": "web"}))
        difference = provider.differ("arn", olds, props(tags={"team": "app"}))
        assert list(difference.detailedDiff) == ["tags.team"]

    def test_rename(self, provider: NativeProvider, props: Props) -> None:
        difference = provider.differ("arn", props(), props(name="views"))
        assert {key: it.kind for key, it in difference.detailedDiff.items()} == {
            "name": Kind.UPDATE_REPLACE
        }
        assert difference.deleteBeforeReplace


class TestAttach:
    def test_a_plugin_that_served_one_engine_serves_another(
        self, provider: NativeProvider, props: Props
    ) -> None:
        # What an engine says in the end, whether it is interrupted or done.
        provider.cancel()
        provider.stub.Attach(plugin_pb2.PluginAttach(address=""))
        assert provider.create(props()).id


class TestLookup:
    def look_up(self, provider: NativeProvider, **args: Any) -> Any:
        request = provider_pb2.InvokeRequest(tok=GET_EVENT_TRACKER, args=to_struct(args))
        with told():
            return provider.stub.Invoke(request)

    def test_finds(self, provider: NativeProvider, make_tracker: MakeTracker, group: str) -> None:
        arn = make_tracker("clicks", team="web")
        answer = self.look_up(provider, datasetGroupArn=group)
        found = from_struct(getattr(answer, "return"))
        assert (found["eventTrackerArn"], found["tags"]) == (arn, {"team": "web"})

    def test_finds_nothing(self, provider: NativeProvider, group: str) -> None:
        with pytest.raises(EventTrackerNotFoundError) as caught:
            self.look_up(provider, datasetGroupArn=group)
        assert str(caught.value) == (
            f"dataset group {group} has no event tracker. Create one first, or check the group's "
            "name, region and account."
        )

    def test_of_an_account_that_is_not_to_be_used(
        self, make_provider: Callable[..., NativeProvider], group: str
    ) -> None:
        provider = make_provider(forbidden_account_ids=("123456789012",))
        (failure,) = self.look_up(provider, datasetGroupArn=group).failures
        assert "forbiddenAccountIds" in failure.reason

    def test_by_what_is_no_arn_fails_on_its_property(self, provider: NativeProvider) -> None:
        (failure,) = self.look_up(provider, datasetGroupArn="shop").failures
        assert failure.property == "datasetGroupArn"

    def test_function_of_another_name_is_refused(self, provider: NativeProvider) -> None:
        request = provider_pb2.InvokeRequest(tok="personalize:index:getThing")
        with pytest.raises(InputError, match="no function personalize:index:getThing"), told():
            provider.stub.Invoke(request)


class TestSideBySide:
    def test_checks_of_one_group(self, provider: NativeProvider, props: Props) -> None:
        with ThreadPoolExecutor(16) as pool:
            names = [f"web-{number}" for number in range(16)]
            checked = list(pool.map(lambda name: provider.check({}, props(name, name=name)), names))
        assert sum(not one.failures for one in checked) == 1

    def test_creates_are_served_side_by_side(
        self, provider: NativeProvider, props: Props, make_group: Callable[[str], str]
    ) -> None:
        bags = [
            props(f"web-{number}", name=f"web-{number}", datasetGroupArn=make_group(f"g-{number}"))
            for number in range(8)
        ]
        with ThreadPoolExecutor(8) as pool:
            checked = list(pool.map(lambda news: provider.check({}, news).inputs, bags))
            created = list(pool.map(provider.create, checked))
        assert len({one.id for one in created}) == 8


class TestPlugin:
    def test_tells_its_version(self, provider: NativeProvider) -> None:
        assert provider.stub.GetPluginInfo(empty_pb2.Empty()).version == version.of_package()

    def test_bug_is_told_in_one_line_and_shows_its_traceback(
        self, provider: NativeProvider, props: Props, capfd: Capfd, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(*_: Any) -> None:
            raise ZeroDivisionError("a bug")

        monkeypatch.setattr("pulumi_personalize.service.finder.Finder.look", broken)
        with pytest.raises(PersonalizeError, match="ZeroDivisionError: a bug"):
            provider.create(props())
        assert "in broken" in capfd.readouterr().err


class TestSchema:
    def test_is_what_the_provider_gives(self, provider: NativeProvider) -> None:
        told_ = json.loads(provider.stub.GetSchema(provider_pb2.GetSchemaRequest()).schema)
        assert told_ == json.loads(json.dumps(schema.make()))

    def test_names_all_inputs_outputs_and_keys(
        self, provider: NativeProvider, props: Props
    ) -> None:
        made = schema.make()
        resource = made["resources"][TYPE]
        created = provider.create(props(tags={"a": "1"}, adoptExisting=False)).outs
        assert created is not None
        visible = {key for key in created if key not in (CONTEXT, OWNERSHIP_TAG)} | {"tagsAll"}
        assert set(resource["properties"]) == visible
        assert set(resource["inputProperties"]) == {
            "datasetGroupArn",
            "name",
            "tags",
            "adoptExisting",
        }
        assert set(made["config"]["variables"]) == set(KEYS)
        assert made["config"]["variables"] == made["provider"]["inputProperties"]
        assert resource["aliases"] == [{"type": "pulumi-python:dynamic/personalize:EventTracker"}]

    def test_describes_everything(self) -> None:
        made = schema.make()
        resource = made["resources"][TYPE]
        for properties in (
            resource["inputProperties"],
            resource["properties"],
            made["config"]["variables"],
        ):
            for key, one in properties.items():
                assert one["description"], key
        assert made["config"]["variables"]["createTimeout"]["type"] == "number"
        assert made["config"]["variables"]["maxAttempts"]["type"] == "integer"
        assert made["config"]["variables"]["ownershipTag"]["type"] == "boolean"

    def test_python_sdk_has_another_name_than_this_package(self) -> None:
        assert schema.make()["language"]["python"]["packageName"] != "pulumi_personalize"


@pytest.mark.parametrize(
    ("python", "pulumi"),
    [
        ("0.1.0", "0.1.0"),
        ("1.2", "1.2.0"),
        ("0.1.0.dev0+local", "0.1.0-dev.0+local"),
        ("0.1.dev24+g1234567", "0.1.0-dev.24+g1234567"),
        ("0.1.1.dev3+gabc.d20261125", "0.1.1-dev.3+gabc.d20261125"),
        ("1.0rc2", "1.0.0-rc.2"),
        ("1.0a1", "1.0.0-alpha.1"),
        ("1.0.0.post1", "1.0.0+post.1"),
        ("1.0.0rc1.post2.dev3+x", "1.0.0-rc.1.dev.3+post.2.x"),
    ],
)
def test_version_is_semver(python: str, pulumi: str) -> None:
    assert version.semver(python) == pulumi
