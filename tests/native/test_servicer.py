"""The native provider's own part: configuration, previews, import, what a program tells."""

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
from pulumi_personalize.native.servicer import Servicer
from pulumi_personalize.service.inputs import CONTEXT, MARK, unpack
from pulumi_personalize.service.settings import KEYS, behind

Kind = provider_pb2.PropertyDiff
URN = f"urn:pulumi:dev::shop::{TYPE}::web"


class TestConfiguration:
    def check(self, provider: NativeProvider, **config: Any) -> dict[str, str]:
        news = to_struct(config)
        answer = provider.stub.CheckConfig(provider_pb2.CheckRequest(news=news))
        assert answer.inputs == news
        return {failure.property: failure.reason for failure in answer.failures}

    def test_good_values_are_no_fault(self, provider: NativeProvider) -> None:
        config = {"createTimeout": 60, "region": "eu-west-1", "maxAttempts": "3"}
        assert self.check(provider, **config, version="1.2.3", profile=rpc.UNKNOWN) == {}

    def test_faults_are_told_by_key(self, provider: NativeProvider) -> None:
        found = self.check(provider, createTimeout="soon", regoin="x", endpointUrl="nowhere")
        assert found.keys() == {"createTimeout", "regoin", "endpointUrl"}
        assert "did you mean personalize:region" in found["regoin"]

    def test_what_is_not_known_yet_is_no_fault(self, provider: NativeProvider) -> None:
        unknown = {"roleArn": rpc.UNKNOWN}
        assert self.check(provider, profile=rpc.UNKNOWN, assumeRole=unknown) == {}

    @pytest.mark.parametrize("changed", [True, False])
    def test_change_reaches_the_provider_and_replaces_nothing(
        self, provider: NativeProvider, changed: bool
    ) -> None:
        olds, news = {"profile": "a"}, {"profile": "b" if changed else "a"}
        request = provider_pb2.DiffRequest(old_inputs=to_struct(olds), news=to_struct(news))
        answer = provider.stub.DiffConfig(request)
        response = provider_pb2.DiffResponse
        assert answer.changes == (response.DIFF_SOME if changed else response.DIFF_NONE)
        assert list(answer.replaces) == []
        assert list(answer.diffs) == (["profile"] if changed else [])

    def test_values_reach_the_lifecycle(self) -> None:
        provider = NativeProvider(Servicer())
        answer = provider.configure(createTimeout="60", profile="second")
        assert answer.supportsPreview
        assert not answer.acceptSecrets
        settings = provider.servicer._session.lifecycle._settings
        assert (settings.create_timeout, settings.profile) == (60, "second")
        provider.close()

    def test_bad_value_that_no_check_saw_is_refused_by_its_key(self) -> None:
        provider = NativeProvider(Servicer())
        with pytest.raises(PersonalizeError, match="personalize:createTimeout"):
            provider.configure(createTimeout="soon")
        provider.close()


class TestWhatOnlyTheProgramKnows:
    @pytest.fixture
    def configured(self, provider: NativeProvider) -> NativeProvider:
        provider.configure(endpointUrl="http://127.0.0.1:1")
        return provider

    def reasons(self, provider: NativeProvider, props: Props, **told_: Any) -> list[str]:
        checked = provider.check({}, props(context=told_))
        return [failure.reason for failure in checked.failures]

    @pytest.mark.parametrize("key", behind([f"aws:{key}" for key in KEYS] + ["aws:assumeRoles"]))
    def test_key_of_pulumi_aws_that_does_not_arrive(
        self, configured: NativeProvider, props: Props, key: str
    ) -> None:
        (reason,) = self.reasons(configured, props, aws=[key])
        ours = key.replace("aws:", "personalize:").replace("Roles", "Role")
        assert reason == (
            f"Pulumi does not pass {key} to this provider. "
            f'Run pulumi config set {ours} "$(pulumi config get {key})"'
        )

    def test_secret_stays_one(self, configured: NativeProvider, props: Props) -> None:
        keys = ["aws:region", "aws:profile"]
        (reason,) = self.reasons(configured, props, aws=keys, secret=["aws:profile"])
        assert "pulumi config set --secret personalize:profile " in reason
        assert "pulumi config set personalize:region " in reason

    def test_engine_that_gives_a_provider_no_name_may_mean_the_default_one(
        self, provider: NativeProvider, props: Props
    ) -> None:
        provider.stub.Configure(provider_pb2.ConfigureRequest())
        assert self.reasons(provider, props, aws=["aws:profile"])

    def test_key_of_pulumi_aws_that_has_its_counterpart(
        self, provider: NativeProvider, props: Props
    ) -> None:
        provider.configure(profile="second")
        assert self.reasons(provider, props, aws=["aws:profile"]) == []

    def test_keys_of_the_stack_are_nothing_to_an_explicit_provider(
        self, provider: NativeProvider, props: Props
    ) -> None:
        provider.stub.Configure(provider_pb2.ConfigureRequest(name="second"))
        assert self.reasons(provider, props, aws=["aws:profile"]) == []

    def test_package_of_another_version(self, provider: NativeProvider, props: Props) -> None:
        (reason,) = self.reasons(provider, props, version="9.9.9")
        assert reason.startswith(f"the plugin is version {version.of_package()}, and ")
        assert "`pulumi-personalize install-plugin`" in reason
        assert self.reasons(provider, props, version=version.of_package()) == []

    def test_get_by_a_key_that_does_not_arrive_is_refused(
        self, configured: NativeProvider, put: Callable[..., str], props: Props
    ) -> None:
        told_ = {CONTEXT: props(context={"aws": ["aws:profile"]})[CONTEXT]}
        with pytest.raises(PersonalizeError, match="Pulumi does not pass aws:profile"):
            configured.read(put("ACTIVE", ""), told_)

    def test_is_kept_out_of_the_inputs(self, provider: NativeProvider, props: Props) -> None:
        news = props(context={"version": version.of_package(), "aws": [], "secret": []})
        checked = provider.check({}, news).inputs
        assert unpack(checked[CONTEXT]) == unpack(props()[CONTEXT])

    def test_two_trackers_on_one_group(self, provider: NativeProvider, props: Props) -> None:
        provider.check({}, props("web"))
        (failure,) = provider.check({}, props("app", name="other")).failures
        assert failure.property == "datasetGroupArn"
        assert "'web' and 'app' both use" in failure.reason


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


class TestImport:
    def test_of_a_tracker_without_a_mark(
        self,
        provider: NativeProvider,
        put: Callable[..., str],
        group: str,
        tags_of: TagsOf,
        trackers: Callable[[], dict[str, str]],
    ) -> None:
        arn = put("ACTIVE", "")
        found = provider.take_in(arn)
        assert found.inputs == {"datasetGroupArn": group, "name": "there", "tags": {"team": "web"}}
        assert found.outs is not None
        assert found.outs["trackingId"]
        assert found.inputs is not None
        checked = provider.check(found.inputs, {"datasetGroupArn": group, "tags": {"team": "web"}})
        assert provider.diff(arn, found.outs, checked.inputs).changes is False
        assert tags_of(arn) == {"team": "web"}
        provider.delete(arn, found.outs)
        assert trackers() == {}

    def test_of_our_own(
        self,
        provider: NativeProvider,
        put: Callable[..., str],
        props: Props,
        capfd: Capfd,
        trackers: Callable[[], dict[str, str]],
    ) -> None:
        arn = put("ACTIVE", "done-1234:shop/dev/web")
        found = provider.take_in(arn).outs
        assert found is not None
        assert found["ownershipTag"] == "1234"
        assert capfd.readouterr().err == ""
        news = props(name="there", tags={"team": "web"})
        assert provider.diff(arn, found, news).changes is False
        provider.delete(arn, found)
        assert trackers() == {}

    def test_of_anothers_warns_and_the_next_update_takes_it_over(
        self,
        provider: NativeProvider,
        put: Callable[..., str],
        props: Props,
        capfd: Capfd,
        tags_of: TagsOf,
        trackers: Callable[[], dict[str, str]],
    ) -> None:
        arn = put("ACTIVE", "done-1234:proja/a/clicks")
        found = provider.take_in(arn).outs
        assert found is not None
        told = capfd.readouterr().err
        assert f"event tracker there ({arn})" in told
        assert "'proja/a/clicks': the next `pulumi up` replaces that" in told
        assert tags_of(arn)[OWNER_TAG] == "done-1234:proja/a/clicks"
        news = props(name="there", tags={"team": "web"})
        difference = provider.differ(arn, found, news)
        assert set(difference.detailedDiff) == {"ownership"}
        assert "proja/a/clicks is now shop/dev/web" in capfd.readouterr().err
        updated = provider.update(arn, found, news).outs
        assert updated is not None
        mark = tags_of(arn)[OWNER_TAG]
        assert mark == f"done-{updated['ownershipTag']}:shop/dev/web"
        assert updated["ownershipTag"] != "1234"
        # It can be made again, had its answer been lost.
        assert provider.update(arn, found, news).outs == updated
        assert provider.diff(arn, updated, news).changes is False
        provider.delete(arn, {"name": "there", "ownershipTag": "1234"})
        assert trackers() == {"there": "ACTIVE"}
        assert f"not deleting event tracker there ({arn})" in capfd.readouterr().err

    def test_of_anothers_that_is_destroyed_at_once(
        self,
        provider: NativeProvider,
        put: Callable[..., str],
        capfd: Capfd,
        trackers: Callable[[], dict[str, str]],
    ) -> None:
        arn = put("ACTIVE", "done-1234:proja/a/clicks")
        found = provider.take_in(arn).outs
        assert found is not None
        capfd.readouterr()
        provider.delete(arn, found)
        assert trackers() == {}
        assert "imported with the ownership tag of 'proja/a/clicks'" in capfd.readouterr().err

    def test_of_what_another_has_not_finished(
        self, provider: NativeProvider, put: Callable[..., str]
    ) -> None:
        arn = put("CREATE IN_PROGRESS", "creating-1234:proja/a/clicks")
        with pytest.raises(GroupTakenError, match="'proja/a/clicks' has begun it and not finished"):
            provider.take_in(arn)

    def test_of_an_arn_that_is_no_event_trackers(self, provider: NativeProvider) -> None:
        with pytest.raises(InputError, match="arn:aws:s3:::bucket"):
            provider.take_in("arn:aws:s3:::bucket")

    def test_get_takes_no_mark_and_says_nothing(
        self,
        provider: NativeProvider,
        put: Callable[..., str],
        capfd: Capfd,
        operations: Callable[[], list[str]],
    ) -> None:
        arn = put("ACTIVE", "done-1234:proja/a/clicks")
        operations()
        found = provider.read(arn, {}).outs
        assert found is not None
        assert found["trackingId"]
        assert "ownershipTag" not in found
        assert capfd.readouterr().err == ""
        assert set(operations()) == {"DescribeEventTracker", "ListTagsForResource"}


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

    def test_of_what_is_no_group(self, provider: NativeProvider) -> None:
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

    def test_creates(
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
    def test_info(self, provider: NativeProvider) -> None:
        assert provider.stub.GetPluginInfo(empty_pb2.Empty()).version == version.of_package()

    def test_handshake_takes_no_secrets(self, provider: NativeProvider) -> None:
        answer = provider.stub.Handshake(provider_pb2.ProviderHandshakeRequest())
        assert not answer.accept_secrets

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
        visible = {key for key in created if key not in (CONTEXT, MARK)} | {"tagsAll"}
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
