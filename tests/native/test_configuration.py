"""The native provider's configuration, and what only a program in Python tells of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from kinds import Props
from native.adapter import NativeProvider
from pulumi.runtime import rpc
from pulumi.runtime.proto import provider_pb2
from pulumi_personalize import (
    PersonalizeError,
)
from pulumi_personalize.native import version
from pulumi_personalize.native.properties import to_struct
from pulumi_personalize.native.servicer import Servicer
from pulumi_personalize.service.inputs import CONTEXT, unpack
from pulumi_personalize.service.settings import KEYS, behind


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

    def test_advice_is_for_the_provider_that_the_stacks_configuration_reaches(
        self, provider: NativeProvider
    ) -> None:
        def reason_for(name: str) -> str:
            urn = f"urn:pulumi:dev::shop::pulumi:providers:personalize::{name}"
            request = provider_pb2.CheckRequest(urn=urn, news=to_struct({"profile": ""}))
            (failure,) = provider.stub.CheckConfig(request).failures
            reason: str = failure.reason
            return reason

        assert "pulumi config set" in reason_for("default_0_1_0")
        assert "pulumi config set" not in reason_for("second")
        assert reason_for("default_0_1_0").startswith(reason_for("second").rstrip("."))

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
        assert answer.acceptSecrets
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
