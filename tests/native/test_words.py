"""Messages name what to set as the program's language does."""

from __future__ import annotations

import re
from pathlib import Path

import grpc
import pulumi_personalize.service
import pytest
from kinds import Capfd, MakeTracker, Props
from native.adapter import URN, NativeProvider, told
from pulumi.runtime.proto import provider_pb2
from pulumi_personalize.native.properties import to_struct
from pulumi_personalize.native.words import words_of
from pulumi_personalize.service.inputs import CONTEXT, pack

TOLD = {CONTEXT: pack({"project": "shop", "stack": "dev", "resource": "web"})}
BARE = {CONTEXT: pack({"project": "shop", "stack": "dev", "resource": "web", "bare": True})}


@pytest.mark.parametrize(
    ("text", "worded"),
    [
        ("set adopt_existing=True and go", "set adoptExisting: true and go"),
        ("if adopt_existing is true", "if adoptExisting is true"),
        ("set name='my_name' or omit it", "set name: 'my_name' or omit it"),
        ("name it in depends_on=[…] of it", "name it in dependsOn of it"),
        ("once with dataset_group_arn='arn:a_b'", "once with datasetGroupArn: 'arn:a_b'"),
        # A name and an ARN stay what they are.
        ("event tracker 'depends_on' (a:dataset-group/depends_on)",) * 2,
    ],
)
def test_other_languages_name_it_as_the_schema_does(text: str, worded: str) -> None:
    assert words_of(provider_pb2.CheckRequest(news=to_struct({})))(text) == worded
    assert words_of(provider_pb2.CreateRequest(properties=to_struct(BARE)))(text) == worded
    assert words_of(provider_pb2.CheckRequest(news=to_struct(TOLD)))(text) == text


def test_each_argument_that_a_message_gives_is_worded() -> None:
    words = words_of(provider_pb2.CheckRequest(news=to_struct({})))
    folder = Path(pulumi_personalize.service.__file__).parent
    # As in a text, not as in a call.
    given = re.compile(r"(?:\bset |\bremove |\bwith |\bin |\()([a-z]+_[a-z_]+=(?:True|\[…\]|'))")
    found = {one for file in folder.glob("*.py") for one in given.findall(file.read_text())}
    assert len(found) >= 4
    for argument in found:
        assert "_" not in words(argument)


def test_refusal_warning_and_error(
    provider: NativeProvider,
    props: Props,
    make_tracker: MakeTracker,
    capfd: Capfd,
) -> None:
    make_tracker("web-1a2b3c4", "done-1:other/dev/web")
    plain = {key: value for key, value in props().items() if key != CONTEXT}
    request = provider_pb2.CheckRequest(urn=URN, news=to_struct(plain))
    with told():
        answer = provider.stub.Check(request)
    (failure,) = answer.failures
    assert "adoptExisting: true" in failure.reason
    assert "adopt_existing" not in failure.reason
    request.news.update({"adoptExisting": True, "name": "web-1a2b3c4"})
    with told():
        assert not provider.stub.Check(request).failures
    assert "adoptExisting: true" in capfd.readouterr().err


def test_error_of_a_create(
    provider: NativeProvider, props: Props, make_tracker: MakeTracker, group: str
) -> None:
    plain = {"datasetGroupArn": group, "name": "clicks"}
    with told():
        checked = provider.stub.Check(provider_pb2.CheckRequest(urn=URN, news=to_struct(plain)))
    make_tracker("theirs", "done-1:other/dev/web")
    request = provider_pb2.CreateRequest(urn=URN, properties=checked.inputs)
    with pytest.raises(grpc.RpcError) as caught:
        provider.stub.Create(request)
    line = caught.value.details()
    assert "set adoptExisting: true and name: 'theirs'" in line


def test_what_a_create_tells_of_another_tracker_that_it_adopts(
    provider: NativeProvider,
    make_tracker: MakeTracker,
    group: str,
    capfd: Capfd,
) -> None:
    plain = {"datasetGroupArn": group, "name": "clicks", "adoptExisting": True}
    with told():
        checked = provider.stub.Check(provider_pb2.CheckRequest(urn=URN, news=to_struct(plain)))
    make_tracker("clicks", "done-1:other/dev/web")
    with told():
        provider.stub.Create(provider_pb2.CreateRequest(urn=URN, properties=checked.inputs))
    said = capfd.readouterr().err
    assert "(adoptExisting: true)" in said
    assert "adopt_existing" not in said


def test_program_that_was_moved_to_another_language() -> None:
    request = provider_pb2.CheckRequest(olds=to_struct(TOLD), news=to_struct({}))
    assert words_of(request)("adopt_existing") == "adoptExisting"
