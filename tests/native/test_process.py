"""The plugin's process: how it ends."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2
from native.adapter import URN
from processes import eventually
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc
from pulumi_personalize.local import ControlClient
from pulumi_personalize.native.properties import to_struct

#: Seconds after which the engine kills a plugin that it has interrupted; far more than it takes.
PATIENCE = 60


@pytest.fixture
def plugin() -> Iterator[subprocess.Popen[str]]:
    """A plugin's process that no engine has started."""
    command = [sys.executable, "-m", "pulumi_personalize.native"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


@pytest.fixture
def stub(
    plugin: subprocess.Popen[str], url: str
) -> Iterator[provider_pb2_grpc.ResourceProviderStub]:
    """What an engine asks it by, once it is configured."""
    assert plugin.stdout
    with grpc.insecure_channel(f"127.0.0.1:{plugin.stdout.readline().strip()}") as channel:
        stub = provider_pb2_grpc.ResourceProviderStub(channel)
        variables = {
            "personalize:config:endpointUrl": url,
            "personalize:config:region": "us-east-1",
        }
        stub.Configure(provider_pb2.ConfigureRequest(variables=variables))
        yield stub


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ends_at_once_where_nothing_is_served(
    plugin: subprocess.Popen[str],
    stub: provider_pb2_grpc.ResourceProviderStub,
    number: signal.Signals,
) -> None:
    # The engine interrupts a plugin that it needs no longer, and waits for its end.
    plugin.send_signal(number)
    assert plugin.wait(PATIENCE) == 0


def test_an_interrupt_leaves_what_is_served_to_the_engines_cancel(
    plugin: subprocess.Popen[str],
    stub: provider_pb2_grpc.ResourceProviderStub,
    control: ControlClient,
    props: Callable[..., dict[str, Any]],
) -> None:
    control.fault("CreateEventTracker", "stay", status="CREATE IN_PROGRESS")
    created = stub.Create.future(
        provider_pb2.CreateRequest(urn=URN, properties=to_struct(props(name="clicks")))
    )
    eventually(lambda: "DescribeEventTracker" in [call["operation"] for call in control.calls()])
    plugin.send_signal(signal.SIGINT)
    stub.GetPluginInfo(empty_pb2.Empty())
    assert not created.done()
    stub.Cancel(empty_pb2.Empty())
    assert "pulumi up" in str(created.exception(PATIENCE))
    plugin.send_signal(signal.SIGINT)
    assert plugin.wait(PATIENCE) == 0
