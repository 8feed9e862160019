"""What is secret stays so: in the state and its history, in what is shown, in errors and logs."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from typing import Any

import harness
import pytest
from endpoints import Endpoint
from environment import clean_environment
from harness import Deployment, Run
from pulumi import automation

#: No text of the program holds it whole, so that it is found only where it should not be.
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
pulumi.export("views", views.tags)
"""


@pytest.fixture
def shop(deploy: Callable[..., Deployment], monkeypatch: pytest.MonkeyPatch) -> Deployment:
    """The usual stack, with a passphrase that is not empty and credentials that can be told."""
    environment = clean_environment() | CREDENTIALS
    environment |= {"PULUMI_CONFIG_PASSPHRASE": "correct horse", "PULUMI_PERSONALIZE_LOG": "debug"}
    monkeypatch.setattr(harness, "clean_environment", lambda: environment)
    return deploy()


def export(shop: Deployment) -> dict[str, dict[str, Any]]:
    """The event trackers of ``pulumi stack export``, by name, secrets encrypted."""
    command = ["pulumi", "stack", "export", "--stack", shop.stack.name]
    text = subprocess.run(
        command,
        cwd=shop.stack_folder,
        env=shop.environment,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    resources = json.loads(text)["deployment"]["resources"]
    return {
        found["urn"].rpartition("::")[2]: found
        for found in resources
        if found["type"] == harness.TYPE
    }


def is_encrypted(value: object) -> bool:
    """Whether a value of an export is a secret."""
    return isinstance(value, dict) and str(value.get("ciphertext", "")).startswith("v1:")


def assert_hidden(shop: Deployment, runs: list[Run], *hidden: str) -> None:
    """Looks for texts in all that was shown, and in all files: state, history, backups, logs."""
    shown = "\n".join(run.text for run in runs)
    assert shown
    files = [path for path in shop.stack_folder.parent.rglob("*") if path.is_file()]
    assert any(path.name == "test.json" for path in files)
    for text in hidden:
        assert text not in shown
        assert [str(path) for path in files if text.encode() in path.read_bytes()] == []


def test_credentials_are_nowhere(shop: Deployment, endpoint: Endpoint) -> None:
    declared = {"resource": "clicks", "dataset_group_arn": endpoint.group("movies")}
    shop.trackers(declared)
    runs = [shop.preview(), shop.up(), shop.refresh()]
    shop.trackers(declared | {"tags": {"team": "search"}})
    runs += [shop.up()]
    endpoint.fault("DeleteEventTracker", "error", code="AccessDeniedException")
    runs += [shop.destroy(), shop.destroy()]
    assert [run.ok for run in runs] == [True, True, True, True, False, True]
    assert "DEBUG: pulumi_personalize" in runs[1].text
    assert_hidden(shop, runs, *CREDENTIALS.values())


def test_secrets_stay_encrypted_for_life(shop: Deployment, endpoint: Endpoint) -> None:
    shop.program(PROGRAM)
    groups = {name: endpoint.group(name) for name in ("movies", "books")}
    shop.config(groups | {"plain": "one"})
    runs: list[Run] = []

    def check(run: Run, secret: str, plain: str) -> None:
        assert run.ok, run.text
        runs.append(run)
        exported = export(shop)
        for props in ("inputs", "outputs"):
            tags = exported["clicks"][props]["tags"]
            assert tags["plain"] == plain
            assert is_encrypted(tags["secret"])
            assert is_encrypted(exported["views"][props]["tags"])
        assert is_encrypted(exported["clicks"]["outputs"]["trackingId"])
        (decrypted,) = (
            found["outputs"]
            for found in (shop.stack.export_stack().deployment or {})["resources"]
            if found["outputs"].get("name") == "clicks"
        )
        assert json.loads(decrypted["tags"]["secret"]["plaintext"]) == secret

    check(shop.up(show_secrets=False), HIDDEN, "one")
    assert "[secret]" in runs[0].text
    check(shop.refresh(show_secrets=False), HIDDEN, "one")
    shop.config({"plain": "two"})
    check(shop.up(show_secrets=False, diff=True), HIDDEN, "two")
    arn = endpoint.trackers()["clicks"]
    endpoint.client.tag_resource(
        resourceArn=arn, tags=[{"tagKey": "secret", "tagValue": "hush-hush-too"}]
    )
    check(shop.refresh(show_secrets=False, diff=True), "hush-hush-too", "two")
    shop.config({"name": "new"})
    preview = shop.preview()
    assert "PutEvents" in preview.text
    runs += [preview]
    tracker = endpoint.client.describe_event_tracker(eventTrackerArn=arn)["eventTracker"]
    assert_hidden(shop, runs, HIDDEN, tracker["trackingId"])


@pytest.mark.parametrize(
    ("tags", "path"),
    [
        ('{"team": secret(hidden + "&")}', 'tags["team"]'),
        ('secret({"team": hidden + "&"})', 'tags["team"]'),
        ("secret(hidden)", "tags"),
        ("secret({str(number): hidden for number in range(51)})", "tags"),
    ],
)
def test_errors_do_not_tell(shop: Deployment, endpoint: Endpoint, tags: str, path: str) -> None:
    shop.program(f"""
import pulumi
from pulumi_personalize import EventTracker

secret = pulumi.Output.secret
hidden = "-".join(["hush", "hush"])
EventTracker("clicks", pulumi.Config().require("group"), tags={tags})
""")
    shop.config({"group": endpoint.group("movies")})
    run = shop.preview()
    assert f"resource 'clicks' has a problem: {path}: " in run.errors[0]
    assert_hidden(shop, [run], HIDDEN)


def test_secret_configuration(shop: Deployment, endpoint: Endpoint) -> None:
    hidden = {"group": endpoint.group("hidden-group"), "name": "hidden-name", "tag": HIDDEN}
    for key, text in hidden.items():
        shop.stack.set_config(key, automation.ConfigValue(text, secret=True))
    shop.program("""
import pulumi
from pulumi_personalize import EventTracker

config = pulumi.Config()
group, name, tag = (config.require_secret(key) for key in ("group", "name", "tag"))
clicks = EventTracker("clicks", group, name=name, tags={"tag": tag})
pulumi.export("group", clicks.dataset_group_arn)
""")
    endpoint.pace(1)
    runs = [shop.up(show_secrets=False)]
    assert re.search(r"CREATE PENDING \(\d+ s\)", runs[0].text)
    runs += [shop.up(expect_no_changes=True, show_secrets=False), shop.refresh()]
    assert all(run.ok for run in runs)
    exported = export(shop)["clicks"]
    for props in ("inputs", "outputs"):
        found = exported[props]
        secrets = [found["datasetGroupArn"], found["name"], found["tags"]["tag"]]
        assert all(is_encrypted(value) for value in secrets)
    shop.lose_state()
    runs += [shop.preview()]
    assert "dataset group [secret] already has " in runs[-1].errors[0]
    assert "event tracker '[secret]'" in runs[-1].errors[0]
    assert_hidden(shop, runs, *hidden.values())
