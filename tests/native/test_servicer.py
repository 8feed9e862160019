"""The engine's requests over gRPC."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2
from kinds import OWNER_TAG
from native.adapter import URN, Plugin, bag, changes_of
from pulumi.runtime import rpc
from pulumi.runtime.proto import plugin_pb2, provider_pb2
from pulumi_personalize import __version__
from pulumi_personalize.native import GET_EVENT_TRACKER, wire
from pulumi_personalize.native.servicer import Servicer
from pulumi_personalize.service.inputs import CONTEXT, UNKNOWN, Resource, pack


def secret(value: Any) -> dict[str, Any]:
    return {rpc._special_sig_key: rpc._special_secret_sig, "value": value}


def test_decision_reaches_the_engine(plugin: Plugin, aws: Any) -> None:
    aws.control.fault("CreateEventTracker", "fail")
    props = plugin.call("Check", news=aws.props(name="there")).inputs
    line, kept = plugin.fail("Create", properties=props)
    assert "The unfinished event tracker was removed" in line
    assert (kept, aws.trackers()) == (None, {})
    arn = aws.put("CREATE IN_PROGRESS", "creating-1:shop/dev/web")
    resumed = plugin.call("Create", properties=props)
    assert (resumed.id, resumed.properties["status"]) == (arn, "ACTIVE")


def test_refusal_is_of_the_dataset_group(plugin: Plugin, aws: Any) -> None:
    aws.put("ACTIVE", "")
    (failure,) = plugin.call("Check", news=aws.props()).failures
    assert failure.property == "datasetGroupArn"
    assert "Delete that tracker, set adopt_existing=True" in failure.reason


def test_autonaming(plugin: Plugin, aws: Any) -> None:
    handshake = plugin.stub.Handshake(provider_pb2.ProviderHandshakeRequest())
    assert handshake.supports_autonaming_configuration
    options = provider_pb2.CheckRequest.AutonamingOptions
    for proposed, mode, name, problems, is_fixed in (
        ("web-x1", options.PROPOSE, "web-x1", 0, False),
        ("web", options.ENFORCE, "web", 0, True),
        ("a.b", options.PROPOSE, "web-[0-9a-f]{7}", 0, False),
        ("a.b", options.ENFORCE, "", 1, False),
        ("", options.DISABLE, "", 1, True),
    ):
        autonaming = options(proposed_name=proposed, mode=mode)
        # A program of another language passes no options.
        news = {"datasetGroupArn": aws.group}
        checked = plugin.call("Check", news=news, autonaming=autonaming)
        assert re.fullmatch(name, bag(checked.inputs).get("name", ""))
        assert ["pulumi:autonaming" in it.reason for it in checked.failures] == [True] * problems
        resource = Resource.of(bag(checked.inputs))
        assert (resource.named, resource.has_fixed_name) == (bool(problems), is_fixed)
        assert resource.deletes_first is is_fixed


def test_create_update_refresh_and_delete(plugin: Plugin, aws: Any) -> None:
    # Each failure names its property, unless that would show a secret.
    failures = plugin.call("Check", news={"name": "-", "tags": {"aws:a": "1"}}).failures
    assert sorted(failure.property for failure in failures) == ["", "", "name"]
    # The state of the dynamic provider may have outputs as inputs.
    inputs = plugin.call("Check", news=aws.props(tags={"a": "1"}, trackingId="1")).inputs
    assert "trackingId" not in bag(inputs)
    aws.operations()
    planned = plugin.call("Create", properties=inputs, preview=True)
    assert (planned.id, aws.operations()) == ("", [])
    created = plugin.call("Create", properties=inputs)
    # The check has found out that the group has no tracker.
    assert "ListEventTrackers" not in aws.operations()
    known = {key: it for key, it in bag(planned.properties).items() if it != UNKNOWN}
    assert known == bag(inputs)
    outputs = bag(created.properties)
    assert known.items() <= outputs.items()
    assert outputs.keys() - {"ownershipTag"} == bag(planned.properties).keys()
    read = {"id": created.id, "properties": created.properties, "inputs": inputs}
    found = plugin.call("Read", **read)
    assert (found.id, found.inputs, found.properties) == (created.id, inputs, created.properties)
    aws.operations()
    update = {"id": created.id, "olds": created.properties, "news": aws.props()}
    planned = plugin.call("Update", **update, preview=True)
    assert aws.operations() == []
    updated = plugin.call("Update", **update)
    assert planned.properties == updated.properties
    plugin.call("Delete", id=created.id, properties=updated.properties)
    assert aws.trackers() == {}
    assert plugin.call("Read", **read) == provider_pb2.ReadResponse()


def test_preview_of_an_adoption(plugin: Plugin, aws: Any) -> None:
    arn = aws.put("CREATE IN_PROGRESS", "")
    news = aws.props(name="there", tags={"team": "web"}, adoptExisting=True)
    inputs = plugin.call("Check", news=news).inputs
    planned = bag(plugin.call("Create", properties=inputs, preview=True).properties)
    outputs = bag(plugin.call("Create", properties=inputs).properties)
    assert outputs["eventTrackerArn"] == arn
    assert outputs.pop("ownershipTag")
    assert planned == {**outputs, "lastUpdatedDateTime": UNKNOWN}


@pytest.mark.parametrize(
    ("before", "after", "detail"),
    [
        ({"tags": {"a": "1"}}, {"tags": {"a": "2"}}, {"tags.a": "UPDATE"}),
        ({"tags": {"a": "1"}}, {}, {"tags.a": "DELETE"}),
        ({}, {"tags": {"cost center": "1"}}, {'tags["cost center"]': "ADD"}),
        ({"tags": {"a": "1"}}, {"tags": {"a": UNKNOWN}}, {"tags.a": "UPDATE"}),
        ({"adoptExisting": True}, {"tags": UNKNOWN}, {"tags": "UPDATE", "adoptExisting": "DELETE"}),
        ({}, {"name": "views"}, {"name": "UPDATE_REPLACE"}),
        ({}, {"datasetGroupArn": UNKNOWN}, {"datasetGroupArn": "UPDATE_REPLACE"}),
        ({"unfinished": True}, {}, {"status": "UPDATE"}),
        ({}, {"adoptExisting": False}, {}),
    ],
)
def test_diff_is_detailed_by_property(
    plugin: Plugin, aws: Any, before: Any, after: Any, detail: Any
) -> None:
    arn = aws.put("ACTIVE", "")
    found = plugin.call("Diff", id=arn, olds=aws.props(**before), news=aws.props(**after))
    assert changes_of(found) == detail
    assert list(found.diffs) == sorted({re.split(r"[.[]", path)[0] for path in detail})
    replaces = [path for path, kind in detail.items() if kind == "UPDATE_REPLACE"]
    assert (list(found.replaces), found.deleteBeforeReplace) == (replaces, replaces == ["name"])
    assert bool(plugin.log_lines("WARNING")) is bool(replaces)


def test_one_of_several_resources_on_one_group_passes(plugin: Plugin, aws: Any) -> None:
    def check(name: str) -> list[str]:
        checked = plugin.call("Check", urn=f"{URN}-{name}", news=aws.props())
        return [failure.property for failure in checked.failures]

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(check, "abcd")) == [[], *[["datasetGroupArn"]] * 3]


def test_keys_that_do_not_reach_the_plugin_are_warned_of_once(
    plugin: Plugin, aws: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "Pulumi.dev.yaml").write_text("config:\n  aws:profile: x\n")
    for _ in range(2):
        plugin.call("Check", news={"datasetGroupArn": aws.group})
    (warning,) = plugin.log_lines("WARNING")
    assert warning.startswith("Pulumi does not pass aws:profile ")


def test_program_without_options(plugin: Plugin, aws: Any) -> None:
    urn = URN.replace("::personalize", "::a:b:Site$personalize")
    news = {"urn": urn, "news": {"datasetGroupArn": aws.group}}
    inputs = plugin.call("Check", **news).inputs
    assert inputs[CONTEXT] == f"named=false&options_known=false {urn}"
    arn = plugin.call("Create", urn=urn, properties=inputs).id
    assert aws.tags_of(arn)[OWNER_TAG].endswith(":shop/dev/a:b:Site::web")
    # Replaced by force, or its state is lost.
    assert not plugin.call("Check", **news).failures
    (warning,) = plugin.log_lines("WARNING")
    assert f"({arn})" in warning
    assert "set adoptExisting: true" in plugin.fail("Create", urn=urn, properties=inputs)[0]


@pytest.mark.parametrize(
    ("args", "failure"),
    [
        ({"datasetGroupArn": "shop"}, "must be a dataset group ARN"),
        ({}, "account 123456789012 is in forbiddenAccountIds"),
        ({CONTEXT: "version=9.9.9"}, "the plugin is version"),
    ],
)
def test_failure_of_a_lookup(make_plugin: Any, aws: Any, args: Any, failure: str) -> None:
    plugin = make_plugin(forbidden_account_ids=() if args else ("123456789012",))
    args = {"datasetGroupArn": aws.group, **args}
    line, _ = plugin.fail("Invoke", tok=GET_EVENT_TRACKER, args=args)
    assert failure in line


def test_lookup(plugin: Plugin, aws: Any) -> None:
    lookup = {"tok": GET_EVENT_TRACKER, "args": {"datasetGroupArn": secret(aws.group)}}
    assert "has no event tracker" in plugin.fail("Invoke", **lookup)[0]
    assert "no function personalize:x" in plugin.fail("Invoke", tok="personalize:x")[0]
    arn = aws.put("ACTIVE", "done-1:other/dev/web")
    outputs = bag(getattr(plugin.call("Invoke", **lookup), "return"))
    # Whatever is found by a secret is one.
    assert outputs["eventTrackerArn"] == secret(arn)
    assert outputs["tags"] == secret({"team": "web"})


def test_plugin_that_served_one_engine_serves_another(plugin: Plugin, aws: Any) -> None:
    # Each engine sends Cancel at the end.
    plugin.stub.Cancel(empty_pb2.Empty())
    plugin.stub.Attach(plugin_pb2.PluginAttach(address=""))
    assert plugin.call("Create", properties=aws.props()).id


def test_unexpected_error_is_one_line_and_logs_its_traceback(
    plugin: Plugin, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr("pulumi_personalize.session.Session.create", broken)
    with pytest.raises(grpc.RpcError) as caught:
        plugin.call("Create")
    code: Any = caught.value
    assert (code.code(), code.details()) == (grpc.StatusCode.INTERNAL, "ZeroDivisionError: a bug")
    assert "in broken" in plugin.log_lines("WARNING")[0]
    assert plugin.servicer.is_idle


# Import, and `get`, which the engine requests alike; neither writes anything.

ANOTHERS = "done-1234:proja/a/clicks"


@pytest.mark.parametrize("tag", ["", "done-1234:shop/dev/web"])
def test_import_of_a_tracker_without_another_owner_changes_nothing(
    plugin: Plugin, aws: Any, tag: str
) -> None:
    arn = aws.put("ACTIVE", tag)
    aws.operations()
    found = plugin.call("Read", id=arn)
    news = {"datasetGroupArn": aws.group, "tags": {"team": "web"}}
    assert bag(found.inputs) == {**news, "name": "there"}
    assert found.properties["trackingId"]
    assert found.properties["ownershipTag"] == (tag[5:9] or "none")
    checked = plugin.call("Check", olds=found.inputs, news=news).inputs
    assert not changes_of(plugin.call("Diff", id=arn, olds=found.properties, news=checked))
    assert set(aws.operations()) == {"DescribeEventTracker", "ListTagsForResource"}
    assert plugin.log_lines() == []


def test_import_of_anothers_is_a_warning_and_the_next_update_takes_it_over(
    plugin: Plugin, aws: Any
) -> None:
    arn = aws.put("ACTIVE", ANOTHERS)
    found = plugin.call("Read", id=arn)
    (warning,) = plugin.log_lines("WARNING")
    assert f"event tracker there ({arn}) has the ownership tag of 'proja/a/clicks'" in warning
    assert aws.tags_of(arn)[OWNER_TAG] == ANOTHERS
    news = aws.props(name="there", tags={"team": "web"})
    update = {"id": arn, "olds": found.properties, "news": news}
    assert changes_of(plugin.call("Diff", **update)) == {"ownership": "UPDATE"}
    assert "proja/a/clicks is now shop/dev/web" in plugin.log_lines()[0]
    renamed = plugin.call("Diff", **{**update, "news": aws.props(tags={"team": "web"})})
    assert changes_of(renamed) == {"name": "UPDATE_REPLACE"}
    updated = plugin.call("Update", **update).properties
    assert updated["ownershipTag"] != "1234"
    assert aws.tags_of(arn)[OWNER_TAG] == f"done-{updated['ownershipTag']}:shop/dev/web"
    # It can be repeated, if its response was lost.
    assert plugin.call("Update", **update).properties == updated
    assert not changes_of(plugin.call("Diff", id=arn, olds=updated, news=news))
    plugin.call("Delete", id=arn, properties={"name": "there", "ownershipTag": "1234"})
    assert aws.trackers() == {"there": "ACTIVE"}
    assert plugin.log_lines()[-1].startswith(f"not deleting event tracker there ({arn})")


def test_import_of_anothers_that_is_destroyed_after_a_refresh(plugin: Plugin, aws: Any) -> None:
    arn = aws.put("ACTIVE", ANOTHERS)
    found = plugin.call("Read", id=arn)
    found = plugin.call("Read", id=arn, properties=found.properties, inputs=found.inputs)
    plugin.call("Delete", id=arn, properties=found.properties)
    assert aws.trackers() == {}
    imported = "which was imported with the ownership tag of 'proja/a/clicks'"
    assert imported in plugin.log_lines("INFO")[0]


def test_import_of_an_unfinished_tracker(plugin: Plugin, aws: Any) -> None:
    arn = aws.put("CREATE IN_PROGRESS", "creating-1234:shop/dev/web")
    other = {"id": arn, "urn": f"{URN}-2"}
    assert "'shop/dev/web' has not finished creating it" in plugin.fail("Read", **other)[0]
    _, kept = plugin.fail("Read", id=arn)
    assert (kept.id, kept.inputs["name"]) == (arn, "there")
    plugin.call("Update", id=arn, olds=kept.properties, news=aws.props(name="there"))
    assert aws.tags_of(arn)[OWNER_TAG] == "done-1234:shop/dev/web"


@pytest.mark.parametrize(("team", "own"), [("web", None), ("app", {"team": "web"})])
def test_import_leaves_default_tags_out(make_plugin: Any, aws: Any, team: str, own: Any) -> None:
    plugin = make_plugin(default_tags={"team": team, "env": "dev"})
    inputs = bag(plugin.call("Read", id=aws.put("ACTIVE", "")).inputs)
    assert (inputs.get("tags"), inputs["tagsAll"]) == (own, {"team": "web"})


def test_get_keeps_no_attempt_and_does_not_warn(plugin: Plugin, aws: Any) -> None:
    arn = aws.put("ACTIVE", ANOTHERS)
    given = {CONTEXT: f"version={__version__} {URN}"}
    found = plugin.call("Read", id=arn, properties=given, inputs=given).properties
    assert found[CONTEXT] == URN
    outputs = bag(found)
    assert outputs["trackingId"]
    assert "ownershipTag" not in outputs
    assert "does not exist" in plugin.fail("Read", id=f"{arn}x", properties=given, inputs=given)[0]
    # The engine's question whether it exists.
    urn = f"{URN.removesuffix('web')}__exists__1"
    assert plugin.call("Read", id=arn, urn=urn).id == arn
    assert plugin.call("Read", id=f"{arn}x", urn=urn) == provider_pb2.ReadResponse()
    assert plugin.log_lines() == []


# Secrets.


def hidden(struct: Any, tags: Any) -> Any:
    """Asserts that the tags are as secret as they were given, and `tagsAll` is as a whole."""
    assert (bag(struct)["name"], bag(struct)["tags"]) == (secret("clicks"), tags)
    assert bag(struct)["tagsAll"] == secret({"env": "dev", "team": "hush", "app": "web"})
    return struct


TAGS = [{"team": secret("hush"), "app": "web"}, secret({"team": "hush", "app": "web"})]


@pytest.mark.parametrize("tags", TAGS, ids=["one tag", "all tags"])
def test_tags_stay_secret_for_life(make_plugin: Any, aws: Any, tags: Any) -> None:
    plugin = make_plugin(default_tags={"env": "dev"})
    assert plugin.stub.Handshake(provider_pb2.ProviderHandshakeRequest()).accept_secrets
    inputs = hidden(
        plugin.call("Check", news=aws.props(tags=tags, name=secret("clicks"))).inputs, tags
    )
    hidden(plugin.call("Create", properties=inputs, preview=True).properties, tags)
    aws.control.fault("CreateEventTracker", "stay", status="CREATE IN_PROGRESS")
    line, kept = plugin.fail("Create", properties=inputs, timeout=30)
    assert "hush" not in line
    update = {"id": kept.id, "olds": hidden(kept.properties, tags), "news": inputs}
    aws.control.release()
    outputs = hidden(plugin.call("Update", **update).properties, tags)
    assert aws.tags_of(kept.id).items() >= {"env": "dev", "team": "hush", "app": "web"}.items()
    assert not changes_of(plugin.call("Diff", **{**update, "olds": outputs}))
    read = {"id": kept.id, "inputs": inputs}
    hidden(plugin.call("Read", **read, properties=outputs).inputs, tags)
    # Outputs from before the tags were secret.
    plain = wire.reveal(provider_pb2.ReadRequest(properties=outputs)).properties
    hidden(plugin.call("Read", **read, properties=plain).properties, tags)
    # Inputs that are secret no more.
    news = aws.props(tags={"team": "hush"})
    checked = bag(plugin.call("Check", olds=inputs, news=news).inputs)
    assert checked["tagsAll"] == {"env": "dev", "team": "hush"}


def test_tag_that_a_policy_adds_after_the_check(make_plugin: Any, aws: Any) -> None:
    plugin = make_plugin(default_tags={"env": "dev"})
    inputs = plugin.call("Check", news=aws.props(tags={"app": "web"})).inputs
    inputs["tags"].update({"team": "ads", "env": "prod"})
    given = {"app": "web", "team": "ads", "env": "prod"}
    made = plugin.call("Create", properties=inputs)
    assert bag(made.properties)["tagsAll"] == given
    assert aws.tags_of(made.id).items() >= given.items()
    state = {"id": made.id, "olds": made.properties}
    checked = plugin.call("Check", olds=inputs, news=aws.props(tags={"app": "web"})).inputs
    detail = {"tags.env": "DELETE", "tagsAll.env": "UPDATE"}
    detail |= {"tags.team": "DELETE", "tagsAll.team": "DELETE"}
    assert changes_of(plugin.call("Diff", **state, news=checked)) == detail
    checked["tags"].update({"team": "ads", "env": "prod"})
    assert not changes_of(plugin.call("Diff", **state, news=checked))


# The configuration.


def configure(plugin: Plugin, name: str = "default_0_1_0", **config: str) -> Any:
    variables = {f"personalize:config:{key}": value for key, value in config.items()}
    return plugin.call("Configure", name=name, variables=variables)


@pytest.mark.parametrize(
    ("name", "config", "wrong"),
    [
        (
            "default_0_1_0",
            {"createTimeout": 60, "region": "eu-west-1", "allowedAccountIds": [1.2e11]},
            {},
        ),
        ("default_0_1_0", {"version": "1.2.3", "pluginDownloadURL": "x", "__internal": {}}, {}),
        ("default_0_1_0", {"profile": UNKNOWN, "assumeRole": [{"roleArn": UNKNOWN}]}, {}),
        ("default_0_1_0", {"regoin": "x", "profile": ""}, {"regoin": False, "profile": True}),
        ("second", {"profile": ""}, {"profile": False}),
        ("second", {"endpointUrl": "https://me:secret@host", "profile": "x"}, {"": False}),
        ("second", {"assumeRole": {"externalId": "secret"}}, {"": False}),
        ("second", {"defaultTags": {"tags": {"aws:x": "secret"}}}, {"": False}),
    ],
)
def test_configuration_is_checked(plugin: Plugin, name: str, config: Any, wrong: Any) -> None:
    urn = f"urn:pulumi:dev::shop::pulumi:providers:personalize::{name}"
    checked = plugin.call("CheckConfig", urn=urn, news=config)
    hidden = {"endpointUrl", "assumeRole", "defaultTags"} if "secret" in str(config) else set()
    assert bag(checked.inputs) == {key: it for key, it in config.items() if key not in hidden}
    assert "secret" not in str(checked)
    has_advice = {one.property: "pulumi config set" in one.reason for one in checked.failures}
    assert has_advice == wrong


def test_configured_values_arrive() -> None:
    plugin = Plugin(Servicer())
    found = configure(plugin, createTimeout="60", version="1")
    assert (found.supportsPreview, found.acceptSecrets) == (True, True)
    assert plugin.servicer._session.personalize.settings.create_timeout == 60
    with pytest.raises(grpc.RpcError, match="personalize:createTimeout"):
        configure(plugin, createTimeout="soon")
    plugin.close()


@pytest.mark.parametrize(
    ("name", "config", "options", "reason"),
    [
        ("default_0_1_0", {}, {"version": __version__}, ""),
        ("second", {}, {"version": "9.9.9"}, "the plugin is version "),
        ("default_0_1_0", {}, {"aws": "aws:profile"}, "Pulumi does not pass aws:profile to "),
        ("", {}, {"aws": "aws:profile"}, "config set personalize:profile "),
        ("", {}, {"aws": "aws:profile", "secret": "aws:profile"}, "--secret personalize:profile "),
        ("", {"profile": "second"}, {"aws": "aws:profile"}, ""),
        ("second", {}, {"aws": "aws:profile"}, ""),
    ],
)
def test_options_of_the_python_class_are_consumed(
    plugin: Plugin, aws: Any, name: str, config: Any, options: dict[str, str], reason: str
) -> None:
    configure(plugin, name, **config)
    given = {CONTEXT: pack(URN, {**options, "retain_on_delete": "true"})}
    checked = plugin.call("Check", news={**aws.props(), **given})
    if reason:
        assert reason in checked.failures[0].reason
        assert reason in plugin.fail("Read", id="arn", properties=given, inputs=given)[0]
    else:
        assert not checked.failures
        assert checked.inputs[CONTEXT] == f"retain_on_delete=true {URN}"


@pytest.mark.parametrize("is_default", [False, True])
def test_errors_repeat_no_secret_but_what_is_none(
    make_plugin: Any, aws: Any, is_default: bool
) -> None:
    # Of the configuration, the plugin does not know what is secret.
    plugin = make_plugin(default_tags={"team": "hush"} if is_default else None)
    message = "Value 'hush' at 'tags.1.member.tagValue', beside 'web'"
    aws.control.fault("CreateEventTracker", "error", code="Refused", message=message, times=None)
    props = aws.props(tags={**({} if is_default else {"team": secret("hush")}), "app": "web"})
    line, _ = plugin.fail("Create", properties=plugin.call("Check", news=props).inputs)
    assert "Value '***' at 'tags.1.member.tagValue', beside 'web'" in line
