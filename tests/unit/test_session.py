"""What both front ends share, and what only the dynamic provider does."""

import base64
import logging
import sys
from concurrent.futures import ThreadPoolExecutor

import dill  # type: ignore[import-untyped]
import pytest
from kinds import GROUP, Capfd, resource_context
from pulumi import dynamic
from pulumi.dynamic.dynamic import serialize_provider
from pulumi.output import Unknown
from pulumi.runtime import rpc
from pulumi_personalize import concurrency
from pulumi_personalize import session as module
from pulumi_personalize.provider import EventTrackerProvider
from pulumi_personalize.service.create import Created
from pulumi_personalize.service.inputs import UNKNOWN
from pulumi_personalize.service.model import OUTPUTS, EventTracker

TAGS = {"team": "web", "env": "dev", "pulumi-personalize:owner": "done-1:x"}
TRACKER = EventTracker("arn", "clicks", "ACTIVE", "id", GROUP, "1", "then", "now", TAGS)
OUT = {key: getattr(TRACKER, field) for key, field in OUTPUTS.items()}


def test_outputs_after_create_and_read() -> None:
    kept = {"adoptExisting": True, "tagsAll": {"env": "dev", "a": "1"}, "resourceContext": "x"}
    news = {**kept, "tags": {"a": "1"}, "name": "old", "ownershipTag": "0"}
    created = module.outputs_of(Created(TRACKER, "1"), news)
    assert created == {**OUT, **kept, "tags": {"a": "1"}, "ownershipTag": "1"}
    created = module.outputs_of(Created(TRACKER, ""), {})
    assert created == {**OUT, "tags": {}, "ownershipTag": "none"}
    tags, state = {"team": "web", "env": "dev"}, {"ownershipTag": "1", "adoptExisting": True}
    assert module.outputs_found(TRACKER, state) == {**OUT, **state, "tags": tags}
    # A default tag that somebody changed is shown as the resource's own.
    for defaults, own in (({"env": "dev"}, {"team": "web"}), ({"env": "prod"}, tags)):
        outputs = module.outputs_found(TRACKER, {"tagsAll": defaults})
        assert (outputs["tags"], outputs["tagsAll"]) == (own, tags)
    # Inputs, too, unless the program makes any of them secret.
    kept = {"eventTrackerArn": "arn", "trackingId": "id"}
    outputs = {**kept, "accountId": "", "status": "ACTIVE"}
    assert module.immutable_outputs(outputs, {}) == kept
    secret = {"resourceContext": resource_context(secret_outputs=True)}
    assert module.immutable_outputs(outputs, secret) == {}


def test_values_in_pulumis_form() -> None:
    sent = {"a": [rpc.UNKNOWN, {"b": rpc.UNKNOWN}], "c": 1, "d": None}
    bag = {"a": [UNKNOWN, {"b": UNKNOWN}], "c": 1, "d": None}
    assert (module.from_pulumi(sent), module.to_pulumi(bag)) == (bag, sent)
    assert module.from_pulumi({"a": object.__new__(Unknown)}) == {"a": UNKNOWN}
    assert module._failure({"name": "-"}, "name", "bad") == ("name", "bad")
    assert module._failure({}, "datasetGroupArn", "bad") == ("", "datasetGroupArn: bad")
    assert module._failure({"tags": "x"}, "tags[]", "bad") == ("", "tags: bad")


def test_warnings_and_log(capfd: Capfd, monkeypatch: pytest.MonkeyPatch) -> None:
    session = module.new_session({"aws:token": "x"})
    session.warnings["unnamed"] = "x"
    for news, count in (({"name": "-"}, 1), ({}, 1), ({}, 0)):
        inputs, failures = session.check({}, {**news, "trackingId": "old"}, "")
        assert ("trackingId" in inputs, len(failures)) == (False, 1 + len(news))
        assert capfd.readouterr().err.count("warning: ") == count
    for level, lines in (("debug", ["DEBUG: pulumi_personalize: x"]), ("INFO", []), ("x", [])):
        log = logging.Logger("pulumi_personalize", logging.CRITICAL)
        monkeypatch.setitem(logging.Logger.manager.loggerDict, log.name, log)
        monkeypatch.setenv("PULUMI_PERSONALIZE_LOG", level)
        written: list[str] = []
        module.set_up_log(written.append)
        module.set_up_log(written.append)
        log.debug("x")
        assert written == lines


def test_provider_in_the_state_is_a_reference(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "tracebacklimit", 1000, raising=False)
    provider = EventTrackerProvider()
    config = dynamic.Config({"personalize:profile": "work"}, "shop")
    provider.configure(dynamic.ConfigureRequest(config))
    assert vars(provider)
    pickled = serialize_provider(provider)
    assert len(pickled) < 130
    again = dill.loads(base64.b64decode(pickled))
    assert (type(again), vars(again)) == (EventTrackerProvider, {})
    assert EventTrackerProvider.serialize_as_secret_always is False


def test_more_than_four_operations_at_a_time() -> None:
    def deep(depth: int) -> None:
        return deep(depth - 1) if depth else concurrency.raise_limit()

    for workers, raised in ((4, concurrency.LIMIT), (200, 200)):
        with ThreadPoolExecutor(workers) as pool, ThreadPoolExecutor(2) as other:
            pool.submit(deep, 50).result()
            assert (pool._max_workers, other._max_workers) == (raised, 2)
    concurrency.raise_limit()
