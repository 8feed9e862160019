"""Secrets stay secret: in the state and its history, in the output, in errors and logs."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import harness
import pytest
from endpoints import Endpoint
from environment import clean_environment
from harness import Deployment, Run
from pulumi import automation

#: No text of a program contains it as a whole, so it is found only where it should not be.
HIDDEN = "hush-hush"
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "AKIAOFTHETESTS",
    "AWS_SECRET_ACCESS_KEY": "secret-key-of-the-tests",
    "AWS_SESSION_TOKEN": "session-token-of-the-tests",
}

PROGRAM = """
import pulumi
from pulumi_personalize import EventTracker

config = pulumi.Config()
plain = config.require("plain")
hidden = "-".join(["hush", "hush"])
clicks = EventTracker(
    "clicks",
    config.require("movies"),
    name=config.get("name") or "clicks",
    tags={"plain": plain, "secret": pulumi.Output.secret(hidden)},
    opts=pulumi.ResourceOptions(additional_secret_outputs=["tracking_id"]),
)
whole = pulumi.Output.secret({"plain": plain, "secret": hidden})
views = EventTracker("views", config.require("books"), name="views", tags=whole)
pulumi.export("trackingId", clicks.tracking_id)
pulumi.export("clicks", clicks.tags)
pulumi.export("views", views.tags_all)
"""


@pytest.fixture
def shop(deploy: Callable[..., Deployment], monkeypatch: pytest.MonkeyPatch) -> Deployment:
    """The usual stack, with a passphrase, credentials that can be found, and our log."""
    environment = clean_environment() | CREDENTIALS
    environment |= {"PULUMI_CONFIG_PASSPHRASE": "correct horse", "PULUMI_PERSONALIZE_LOG": "debug"}
    monkeypatch.setattr(harness, "clean_environment", lambda: environment)
    return deploy()


def by_name(shop: Deployment) -> dict[str, dict[str, Any]]:
    """The event trackers of the state, secrets encrypted."""
    return {found["urn"].rpartition("::")[2]: found for found in shop.state()}


def is_encrypted(value: object) -> bool:
    """Whether a value of a state is a secret."""
    return isinstance(value, dict) and str(value.get("ciphertext", "")).startswith("v1:")


def assert_hidden(shop: Deployment, runs: list[Run], *hidden: str) -> None:
    """Looks for texts in all output and in all files: state, history, backups, logs."""
    output = "\n".join(run.text for run in runs)
    files = [path for path in shop.stack_folder.parent.rglob("*") if path.is_file()]
    assert any(path.name == "test.json" for path in files)
    for text in hidden:
        assert text not in output
        assert [str(path) for path in files if text.encode() in path.read_bytes()] == []


def test_secrets_and_credentials_are_nowhere_in_plain(shop: Deployment, endpoint: Endpoint) -> None:
    shop.program(PROGRAM)
    groups = {name: endpoint.group(name) for name in ("movies", "books")}
    shop.config({**groups, "plain": "one"})
    shop.config({"personalize:defaultTags": {"tags": {"env": "dev"}}})
    runs: list[Run] = []

    def check(run: Run, plain: str) -> None:
        assert run.ok, run.text
        runs.append(run)
        state = by_name(shop)
        for place in ("inputs", "outputs"):
            for key in ("tags", "tagsAll"):
                tags = state["clicks"][place][key]
                assert is_encrypted(tags) or (
                    tags["plain"] == plain and is_encrypted(tags["secret"])
                )
                assert is_encrypted(state["views"][place][key])
        assert is_encrypted(state["clicks"]["outputs"]["trackingId"])

    check(shop.up(show_secrets=False), "one")
    assert "[secret]" in runs[0].text
    assert "DEBUG: pulumi_personalize" in runs[0].text
    shop.config({"plain": "two"})
    check(shop.up(show_secrets=False, diff=True), "two")
    arn = endpoint.trackers()["clicks"]
    drift = [{"tagKey": "secret", "tagValue": f"{HIDDEN}-too"}]
    endpoint.client.tag_resource(resourceArn=arn, tags=drift)  # type: ignore[arg-type]
    check(shop.refresh(show_secrets=False, diff=True), "two")
    shop.config({"name": "new"})
    endpoint.fault("DeleteEventTracker", "error", code="AccessDeniedException", times=None)
    runs += [shop.preview(), shop.up(show_secrets=False)]
    assert "PutEvents" in runs[-2].text
    assert not runs[-1].ok
    tracker = endpoint.client.describe_event_tracker(eventTrackerArn=arn)["eventTracker"]
    assert_hidden(shop, runs, HIDDEN, tracker["trackingId"], *CREDENTIALS.values())


@pytest.mark.parametrize(
    ("tags", "path"),
    [('{"team": secret(hidden + "&")}', 'tags["team"]'), ("secret(hidden)", "tags")],
)
def test_errors_do_not_show_secret_tags(shop: Deployment, group: str, tags: str, path: str) -> None:
    shop.program(
        f"""
import pulumi
from pulumi_personalize import EventTracker

secret = pulumi.Output.secret
hidden = "-".join(["hush", "hush"])
EventTracker("clicks", pulumi.Config().require("group"), tags={tags})
"""
    )
    shop.config({"group": group})
    run = shop.preview()
    assert f"resource 'clicks' has a problem: {path}: " in run.line
    assert_hidden(shop, [run], HIDDEN)


def test_secret_configuration(shop: Deployment, endpoint: Endpoint) -> None:
    hidden = {"group": endpoint.group("hidden-group"), "name": "hidden-name", "tag": HIDDEN}
    for key, text in hidden.items():
        shop.stack.set_config(key, automation.ConfigValue(text, secret=True))
    shop.program(
        """
import pulumi
from pulumi_personalize import EventTracker

config = pulumi.Config()
group, name, tag = (config.require_secret(key) for key in ("group", "name", "tag"))
clicks = EventTracker("clicks", group, name=name, tags={"tag": tag})
pulumi.export("group", clicks.dataset_group_arn)
"""
    )
    endpoint.pace(1)
    runs = [shop.up(show_secrets=False)]
    assert runs[0].ok, runs[0].text
    assert "CREATE PENDING" in runs[0].text
    found = by_name(shop)["clicks"]
    for place in ("inputs", "outputs"):
        assert is_encrypted(found[place]["datasetGroupArn"])
        assert is_encrypted(found[place]["name"])
        assert "ciphertext" in json.dumps(found[place]["tags"])
    shop.lose_state()
    runs += [shop.preview()]
    assert "already has event tracker '[secret]'" in runs[-1].line
    assert_hidden(shop, runs, *hidden.values())
