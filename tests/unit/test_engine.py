"""The engine's log: which line goes where, and what becomes of it where there is no log."""

from __future__ import annotations

import io
import os
import re
import sys
import threading
from collections.abc import Iterator
from concurrent import futures

import grpc
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kinds import Capfd
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc
from pulumi_personalize import engine
from pulumi_personalize.service.inputs import Context
from pulumi_personalize.service.waiter import Progress

KIND = "pulumi-python:dynamic/personalize:EventTracker"
URN = f"urn:pulumi:dev::shop::{KIND}::web"
PREFIX = "web: "


class Engine(engine_pb2_grpc.EngineServicer):
    """An engine that keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[engine_pb2.LogRequest] = []
        self.refuses = False
        #: What a line waits for; set from the beginning.
        self.reads = threading.Event()
        self.reads.set()

    def Log(  # noqa: N802 - its name
        self, request: engine_pb2.LogRequest, context: grpc.ServicerContext
    ) -> object:
        from google.protobuf.empty_pb2 import Empty

        if self.refuses:
            context.abort(grpc.StatusCode.UNAVAILABLE, "not now")
        self.reads.wait()
        self.told.append(request)
        return Empty()

    def lines(self) -> list[tuple[str, str, str, bool]]:
        """Severity, row, message and whether it stays not, of each line."""
        severity = engine_pb2.LogSeverity.Name
        return [(severity(one.severity), one.urn, one.message, one.ephemeral) for one in self.told]


@pytest.fixture
def heard() -> Engine:
    return Engine()


@pytest.fixture
def address(heard: Engine) -> Iterator[str]:
    server = grpc.server(futures.ThreadPoolExecutor(2))
    engine_pb2_grpc.add_EngineServicer_to_server(heard, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield f"127.0.0.1:{port}"
    server.stop(None)


def progress(*, is_tick: bool = False, what: str = "event tracker clicks") -> Progress:
    return Progress.of(what, "CREATE IN_PROGRESS", 12, "event tracker clicks", is_tick=is_tick)


class TestLog:
    def test_progress_is_on_the_resources_row_and_leaves_nothing(
        self, heard: Engine, address: str, capfd: Capfd
    ) -> None:
        report = engine.Log(address).report(URN, PREFIX)
        report(progress())
        report(progress(what="event tracker old"))
        report("adopting existing event tracker clicks")
        assert heard.lines() == [
            ("INFO", URN, "CREATE IN_PROGRESS (12 s)", True),
            ("INFO", URN, "CREATE IN_PROGRESS (12 s): event tracker old", True),
            ("INFO", URN, "adopting existing event tracker clicks", False),
        ]
        assert capfd.readouterr().err == ""

    def test_warning_is_one_and_stays(self, heard: Engine, address: str) -> None:
        engine.Log(address).warn("the move keeps the name", URN, PREFIX)
        assert heard.lines() == [("WARNING", URN, "the move keeps the name", False)]

    def test_row_of_the_stack_says_which_resource(self, heard: Engine, address: str) -> None:
        log = engine.Log(address)
        log.report("", PREFIX)(progress())
        log.warn("the move keeps the name", "", PREFIX)
        assert [line[1:] for line in heard.lines()] == [
            ("", "web: event tracker clicks: CREATE IN_PROGRESS (12 s)", True),
            ("", "web: the move keeps the name", False),
        ]

    @pytest.mark.parametrize("ticks", [True, False])
    def test_state_that_lasts_is_told_only_where_lines_are_drawn_over(
        self, heard: Engine, address: str, ticks: bool
    ) -> None:
        engine.Log(address, ticks=ticks).report(URN, PREFIX)(progress(is_tick=True))
        assert len(heard.told) == ticks

    def test_without_an_engine_all_goes_to_stderr(self, capfd: Capfd) -> None:
        log = engine.Log()
        log.report(URN, PREFIX)(progress(is_tick=True))
        log.warn("the move keeps the name", URN, PREFIX)
        log.debug("four at a time")
        assert capfd.readouterr().err.splitlines() == [
            "web: event tracker clicks: CREATE IN_PROGRESS (12 s)",
            "warning: web: the move keeps the name",
            "debug: four at a time",
        ]

    def test_log_that_fails_is_left_alone_from_then_on(
        self, heard: Engine, address: str, capfd: Capfd
    ) -> None:
        heard.refuses = True
        report = engine.Log(address).report(URN, PREFIX)
        report(progress())
        heard.refuses = False
        report("one more")
        assert heard.told == []
        assert capfd.readouterr().err.splitlines() == [
            "web: event tracker clicks: CREATE IN_PROGRESS (12 s)",
            "web: one more",
        ]

    def test_log_that_hangs_is_left_alone_from_then_on(
        self,
        heard: Engine,
        address: str,
        monkeypatch: pytest.MonkeyPatch,
        capfd: Capfd,
    ) -> None:
        monkeypatch.setattr(engine, "_PATIENCE", 0.05)
        log = engine.Log(address)
        heard.reads.clear()
        log.report(URN, PREFIX)("one")
        heard.reads.set()
        log.report(URN, PREFIX)("two")
        assert capfd.readouterr().err == "web: one\nweb: two\n"

    def test_address_where_nobody_is(self, capfd: Capfd) -> None:
        engine.Log("127.0.0.1:1").warn("the move keeps the name", URN, PREFIX)
        assert capfd.readouterr().err == "warning: web: the move keeps the name\n"


@pytest.mark.parametrize(
    ("arguments", "address"),
    [
        (["__main__.py", "127.0.0.1:40123"], "127.0.0.1:40123"),
        (["__main__.py"], ""),
        (["pytest", "tests/unit"], ""),
        (["127.0.0.1:40123"], ""),
        (["__main__.py", "example.org:80"], ""),
    ],
)
def test_address_is_the_last_argument(arguments: list[str], address: str) -> None:
    assert engine.address_of(arguments) == address


class TestListening:
    def test_is_there_as_long_as_it_reads(self, monkeypatch: pytest.MonkeyPatch) -> None:
        reader, writer = os.pipe()
        with os.fdopen(writer, "w") as stderr:
            monkeypatch.setattr(sys, "stderr", stderr)
            assert engine.is_listening()
            os.close(reader)
            assert not engine.is_listening()
            # What is told to nobody does no harm.
            engine.log("a line")
            monkeypatch.undo()
            with pytest.raises(BrokenPipeError):
                stderr.close()

    def test_is_told_a_line_in_one_write(self, monkeypatch: pytest.MonkeyPatch) -> None:
        # Of two writes, another thread's may come between.
        written: list[str] = []
        stderr = io.StringIO()
        monkeypatch.setattr(stderr, "write", written.append)
        monkeypatch.setattr(sys, "stderr", stderr)
        engine.log("a line")
        assert written == ["a line\n"]

    def test_is_taken_to_be_there_where_that_can_not_be_told(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sys, "stderr", io.StringIO())
        assert engine.is_listening()


class TestUrn:
    def test_of_a_resource(self) -> None:
        assert engine.urn(KIND, Context("shop", "dev", "web")) == URN

    def test_of_one_with_parents(self) -> None:
        context = Context("shop", "dev", "site/web", "site", parents="a:b:C$d:e:F")
        assert engine.urn(KIND, context) == f"urn:pulumi:dev::shop::a:b:C$d:e:F${KIND}::web"

    @pytest.mark.parametrize(
        "context",
        [
            Context(),
            Context("shop", "dev", ""),
            Context("shop", "", "web"),
            Context("sh::op", "dev", "web"),
            # A state of an earlier version: which part of it is the parent's is not known.
            Context("shop", "dev", "site/web", parents="a:b:C"),
            # A parent whose types are not known yet.
            Context("shop", "dev", "site/web", "site"),
            Context("shop", "dev", "site/web", "site", parents="garbage"),
            Context("shop", "dev", "a\nb"),
        ],
    )
    def test_that_is_not_known_for_sure_is_left_out(self, context: Context) -> None:
        assert engine.urn(KIND, context) == ""

    @given(
        name=st.text(st.sampled_from("aZ0-_./:$ é✓\n\t"), max_size=12),
        parent=st.text(st.sampled_from("aZ0/:$é"), max_size=6),
        parents=st.lists(
            st.sampled_from(["shop:index:Site", "a:b/c:D", "x", "", "a:b:c$"]), max_size=3
        ),
        stack=st.sampled_from(["dev", "my.stack-1", "", "org/dev", "a::b"]),
    )
    def test_has_the_full_shape_or_is_empty(
        self, name: str, parent: str, parents: list[str], stack: str
    ) -> None:
        resource = f"{parent}/{name}" if parent else name
        context = Context("shop", stack, resource, parent, parents="$".join(parents))
        found = engine.urn(KIND, context)
        if not found:
            return
        begin, project, types, own = found.split("::", 3)
        assert begin == f"urn:pulumi:{stack}"
        assert project == "shop"
        # Of one parent without a type, no context tells.
        assert types == (f"{context.parents}${KIND}" if context.parents else KIND)
        assert all(re.fullmatch(r"[^:$]+:[^:$]+:[^:$]+", one) for one in types.split("$"))
        assert own == name
