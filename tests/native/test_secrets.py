"""What the engine says is secret stays so in all that comes of it, and is plain to the service."""

from __future__ import annotations

from typing import Any

import grpc
import pytest
from google.protobuf import struct_pb2
from hypothesis import given
from hypothesis import strategies as st
from kinds import MakeTracker, TagsOf
from native.adapter import URN, MakeProvider, NativeProvider
from pulumi.runtime import rpc
from pulumi.runtime.proto import provider_pb2, status_pb2
from pulumi_personalize.local import ControlClient
from pulumi_personalize.native import secrets
from pulumi_personalize.native.address import GET_EVENT_TRACKER
from pulumi_personalize.native.properties import from_struct, to_struct


def secret(value: Any) -> dict[str, Any]:
    return {rpc._special_sig_key: rpc._special_secret_sig, "value": value}


TAGS = [{"team": secret("hush"), "app": "web"}, secret({"team": "hush", "app": "web"})]


@pytest.fixture
def provider(control: ControlClient, make_provider: MakeProvider) -> NativeProvider:
    return make_provider(default_tags={"env": "dev"})


def assert_hidden(found: struct_pb2.Struct, tags: Any) -> None:
    """The tags are as secret as they were given, and all of them are as a whole."""
    props = from_struct(found)
    assert props["tags"] == tags
    assert props["tagsAll"] == secret({"env": "dev", "team": "hush", "app": "web"})


@pytest.mark.parametrize("tags", TAGS, ids=["one tag", "all tags"])
def test_secrets_stay_so_for_life(
    provider: NativeProvider, group: str, tags: Any, tags_of: TagsOf, control: ControlClient
) -> None:
    news = to_struct({"datasetGroupArn": group, "name": "clicks", "tags": tags})
    checked = provider.stub.Check(provider_pb2.CheckRequest(urn=URN, news=news)).inputs
    assert_hidden(checked, tags)
    create = provider_pb2.CreateRequest(urn=URN, properties=checked)
    create.preview = True
    assert_hidden(provider.stub.Create(create).properties, tags)
    create.preview = False
    created = provider.stub.Create(create)
    assert_hidden(created.properties, tags)
    assert tags_of(created.id).items() >= {"env": "dev", "team": "hush", "app": "web"}.items()
    of_it = {"id": created.id, "urn": URN}
    again = provider.stub.Check(provider_pb2.CheckRequest(urn=URN, olds=checked, news=news)).inputs
    same = provider_pb2.DiffRequest(**of_it, olds=created.properties, news=again)
    assert provider.stub.Diff(same).changes == provider_pb2.DiffResponse.DIFF_NONE
    read = provider_pb2.ReadRequest(**of_it, properties=created.properties, inputs=checked)
    found = provider.stub.Read(read)
    assert_hidden(found.properties, tags)
    assert_hidden(found.inputs, tags)
    # Outputs of before these tags were secrets are put right.
    plain = secrets.in_plain(read)
    plain.inputs.CopyFrom(checked)
    assert_hidden(provider.stub.Read(plain).properties, tags)
    control.fault("TagResource", "error", code="AccessDeniedException")
    update = provider_pb2.UpdateRequest(**of_it, olds=created.properties, news=checked)
    update.olds.update({"tags": {}, "tagsAll": {"env": "dev"}})
    with pytest.raises(grpc.RpcError) as caught:
        provider.stub.Update(update)
    assert "hush" not in caught.value.details()
    control.clear_faults()
    assert_hidden(provider.stub.Update(update).properties, tags)
    provider.stub.Delete(provider_pb2.DeleteRequest(**of_it, properties=created.properties))


@pytest.mark.parametrize("tags", TAGS, ids=["one tag", "all tags"])
def test_of_what_is_not_finished(
    provider: NativeProvider, group: str, tags: Any, control: ControlClient
) -> None:
    news = to_struct({"datasetGroupArn": group, "name": "clicks", "tags": tags})
    checked = provider.stub.Check(provider_pb2.CheckRequest(urn=URN, news=news)).inputs
    control.fault("CreateEventTracker", "stay", status="CREATE IN_PROGRESS")
    with pytest.raises(grpc.RpcError) as caught:
        provider.stub.Create(provider_pb2.CreateRequest(urn=URN, properties=checked, timeout=30))
    details = dict(caught.value.trailing_metadata())["grpc-status-details-bin"]
    (packed,) = status_pb2.Status.FromString(details).details
    kept = provider_pb2.ErrorResourceInitFailed()
    assert packed.Unpack(kept)
    assert_hidden(kept.properties, tags)


def test_of_a_lookup_by_a_secret(
    provider: NativeProvider, group: str, make_tracker: MakeTracker
) -> None:
    arn = make_tracker()
    args = to_struct({"datasetGroupArn": secret(group)})
    request = provider_pb2.InvokeRequest(tok=GET_EVENT_TRACKER, args=args)
    answer = from_struct(getattr(provider.stub.Invoke(request), "return"))
    assert answer["eventTrackerArn"] == secret(arn)


def test_the_engine_is_told_that_secrets_are_taken(provider: NativeProvider) -> None:
    request = provider_pb2.ProviderHandshakeRequest()
    assert provider.stub.Handshake(request).accept_secrets
    assert provider.configure().acceptSecrets


VALUES = st.recursive(
    st.text(max_size=3), lambda inner: st.dictionaries(st.text("abc", max_size=2), inner)
)


@given(
    st.recursive(
        VALUES,
        lambda inner: st.one_of(inner.map(secret), st.dictionaries(st.text("abc"), inner)),
    )
)
def test_what_is_answered_as_it_was_given_is_as_secret_as_it_was(value: Any) -> None:
    request = provider_pb2.CheckRequest(news=to_struct({"name": value}))
    plain = secrets.in_plain(request)
    assert rpc._special_secret_sig not in str(plain)
    answer = provider_pb2.CheckResponse(inputs=plain.news)
    secrets.keep(answer, request)
    assert secrets.in_plain(answer).inputs == plain.news
    if not _is_nested(value):
        assert answer.inputs == request.news


def _is_nested(value: Any) -> bool:
    """Whether there is a secret in a secret, of which the outer one is enough."""
    if not isinstance(value, dict):
        return False
    if rpc._special_sig_key in value:
        return rpc._special_secret_sig in str(value["value"])
    return any(map(_is_nested, value.values()))
