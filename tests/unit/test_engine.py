"""The engine's log: which row a line goes to, and what happens if the engine cannot be reached."""

from collections.abc import Iterator
from concurrent import futures

import grpc
import pytest
from google.protobuf.empty_pb2 import Empty
from kinds import Capfd
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc
from pulumi_personalize import engine
from pulumi_personalize.service.waiter import Progress

URN = "urn:pulumi:dev::shop::pulumi-python:dynamic/personalize:EventTracker::web"
TRACKER = "event tracker clicks"


class FakeEngine(engine_pb2_grpc.EngineServicer):
    def __init__(self) -> None:
        self.lines: list[tuple[str, str, str, bool]] = []
        self.refuses, self.address = False, ""

    def Log(  # noqa: N802 - its name
        self, request: engine_pb2.LogRequest, context: grpc.ServicerContext
    ) -> object:
        if self.refuses:
            context.abort(grpc.StatusCode.UNAVAILABLE, "not now")
        severity = engine_pb2.LogSeverity.Name(request.severity)
        self.lines.append((severity, request.urn, request.message, request.ephemeral))
        return Empty()


@pytest.fixture
def fake() -> Iterator[FakeEngine]:
    fake, server = FakeEngine(), grpc.server(futures.ThreadPoolExecutor(2))
    engine_pb2_grpc.add_EngineServicer_to_server(fake, server)
    fake.address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    yield fake
    server.stop(None)


LINE = Progress(f"{TRACKER}: CREATE IN_PROGRESS (12 s)")
LINE.status = "CREATE IN_PROGRESS"


def test_lines_are_on_the_resources_row(fake: FakeEngine, capfd: Capfd) -> None:
    log = engine.Log(fake.address)
    for urn in (URN, ""):
        log.report(urn)(LINE)
        log.report(urn)("a note")
        log.warn(urn, "a warning", "another")
    assert fake.lines == [
        ("INFO", URN, "CREATE IN_PROGRESS", True),
        ("INFO", URN, "a note", False),
        ("WARNING", URN, "a warning", False),
        ("WARNING", URN, "another", False),
        ("INFO", "", f"{TRACKER}: CREATE IN_PROGRESS (12 s)", True),
        ("INFO", "", "a note", False),
        ("WARNING", "", "a warning", False),
        ("WARNING", "", "another", False),
    ]
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("problem", ["none", "nobody", "refuses"])
def test_lines_go_to_stderr_if_the_engine_cannot_be_reached(
    fake: FakeEngine, problem: str, capfd: Capfd
) -> None:
    log = engine.Log({"none": "", "nobody": "127.0.0.1:1"}.get(problem, fake.address))
    fake.refuses = problem == "refuses"
    log.report(URN)(LINE)
    # From then on, all of them do.
    fake.refuses = False
    log.warn(URN, "a warning")
    log.report()("a note")
    expected = [f"web: {LINE}", "warning: web: a warning", "a note"]
    assert capfd.readouterr().err.splitlines() == expected


def test_address_is_the_last_argument() -> None:
    for last, address in (("127.0.0.1:1", "127.0.0.1:1"), ("[::1]:1", "[::1]:1"), ("a.org:1", "")):
        assert engine.address_of(["__main__.py", last]) == address
