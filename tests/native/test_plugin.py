"""The plugin's process, and the schema, which is written by hand."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2
from native.adapter import request_of
from processes import eventually
from pulumi.dynamic.dynamic import PROVIDER_KEY, serialize_provider
from pulumi.runtime.proto import provider_pb2_grpc
from pulumi_personalize import __version__, event_tracker, provider, readers
from pulumi_personalize.arguments import EventTrackerArgs
from pulumi_personalize.native import GET_EVENT_TRACKER, other_languages
from pulumi_personalize.native.outputs import PROVIDER
from pulumi_personalize.native.servicer import Servicer
from pulumi_personalize.service.inputs import NATIVE_TYPE, UNKNOWN, Resource
from pulumi_personalize.service.model import EventTracker
from pulumi_personalize.service.names import snake
from pulumi_personalize.settings import KEYS, NAMESPACE, Settings

from tools.repository import SCHEMA as SCHEMA_FILE
from tools.repository import address_of, fill, schema_with

#: Seconds that the end of a process may take; far more than it takes.
PATIENCE = 60
#: What serves requests, without the SDK, and then beside it.
START = """
import sys
from pulumi_personalize.native.__main__ import Servicer, serve
from pulumi_personalize.protocol import provider_pb2
serve(Servicer())
heavy = {"pulumi", "dill", "opentelemetry", "boto3", "botocore"}
assert not heavy & set(sys.modules), heavy & set(sys.modules)
from pulumi.runtime.proto import provider_pb2 as of_the_sdk
assert of_the_sdk.CheckRequest is provider_pb2.CheckRequest
"""


def test_process_starts_without_the_sdk() -> None:
    subprocess.run([sys.executable, "-c", START], check=True)


def test_state_has_the_dynamic_provider_as_pulumi_serializes_it() -> None:
    assert {PROVIDER_KEY: serialize_provider(provider.EventTrackerProvider())} == PROVIDER


@pytest.fixture
def started(url: str) -> Iterator[tuple[subprocess.Popen[str], Any]]:
    """A plugin's process, whose engine reads its stderr and has no log; and a client."""
    command = [sys.executable, "-m", "pulumi_personalize.native", "127.0.0.1:1"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True) as process:
        assert process.stdout
        with grpc.insecure_channel(f"127.0.0.1:{int(process.stdout.readline())}") as channel:
            stub = provider_pb2_grpc.ResourceProviderStub(channel)
            variables = {"personalize:config:endpointUrl": url}
            stub.Configure(request_of("Configure", variables=variables))
            yield process, stub
        process.kill()


@pytest.mark.parametrize("reason", [signal.SIGINT, signal.SIGTERM, "engine"])
def test_process_ends(started: Any, reason: Any) -> None:
    process, _ = started
    if reason == "engine":
        process.stderr.close()
    else:
        process.send_signal(reason)
    assert process.wait(PATIENCE) == (1 if reason == "engine" else 0)


def test_interrupt_leaves_operations_to_the_engines_cancel(started: Any, aws: Any) -> None:
    process, stub = started
    aws.control.fault("CreateEventTracker", "stay", status="CREATE IN_PROGRESS")
    created = stub.Create.future(request_of("Create", properties=aws.props()))
    eventually(lambda: "DescribeEventTracker" in aws.operations())
    process.send_signal(signal.SIGINT)
    assert stub.GetPluginInfo(empty_pb2.Empty()).version == __version__
    assert not created.done()
    stub.Cancel(empty_pb2.Empty())
    assert "cancelled" in str(created.exception(PATIENCE))
    process.send_signal(signal.SIGINT)
    assert process.wait(PATIENCE) == 0


SCHEMA = json.loads(Servicer().GetSchema(request_of("GetSchema"), grpc.ServicerContext).schema)
OUTPUTS = list(EventTracker("").outputs)
PYTHON = re.compile(r"\b(?:True|False|None|boto3|[a-z]+_[a-z_]+|aws:[a-zA-Z]+)\b|``")


def types_in(properties: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The types of properties, each described in a sentence, and in no language's terms."""
    types = {}
    for name, one in properties.items():
        text = one["description"]
        assert text.endswith(".")
        assert not PYTHON.search(text), text
        others = ("description", "willReplaceOnChanges", "default")
        types[name] = {key: value for key, value in one.items() if key not in others}
    return types


def expected(*names: str) -> dict[str, Any]:
    tags = {"type": "object", "additionalProperties": {"type": "string"}}
    others = {"tags": tags, "tagsAll": tags, "adoptExisting": {"type": "boolean"}}
    return {name: others.get(name, {"type": "string"}) for name in names}


def test_schema_describes_the_resource_and_the_function() -> None:
    assert (SCHEMA["name"], SCHEMA["version"]) == (NAMESPACE, __version__)
    assert (list(SCHEMA["resources"]), list(SCHEMA["functions"])) == (
        [NATIVE_TYPE],
        [GET_EVENT_TRACKER],
    )
    resource, function = SCHEMA["resources"][NATIVE_TYPE], SCHEMA["functions"][GET_EVENT_TRACKER]
    taken, given = resource["inputProperties"], resource["properties"]
    assert types_in(taken) == expected("datasetGroupArn", "name", "tags", "adoptExisting")
    assert {snake(name) for name in taken} == set(vars(EventTrackerArgs(dataset_group_arn="")))
    replacing = [name for name, one in taken.items() if one.get("willReplaceOnChanges")]
    assert replacing == ["datasetGroupArn", "name"]
    assert types_in(given) == expected(*OUTPUTS, "tagsAll", "adoptExisting")
    assert {snake(name) for name in given} == set(event_tracker._OUTPUTS)
    assert (resource["requiredInputs"], resource["required"]) == (["datasetGroupArn"], OUTPUTS)
    assert resource["aliases"] == [{"type": provider.TYPE}]
    taken, given = function["inputs"], function["outputs"]
    assert types_in(taken["properties"]) == expected("datasetGroupArn")
    assert types_in(given["properties"]) == expected(*OUTPUTS)
    assert (taken["required"], given["required"]) == (["datasetGroupArn"], OUTPUTS)
    assert "willReplaceOnChanges" not in json.dumps(function)
    # An example for each language.
    languages = re.findall(r"^```(\w+)$", resource["description"], re.MULTILINE)
    assert languages == ["typescript", "python", "go", "csharp", "java", "yaml"]
    assert {*SCHEMA["language"], "yaml", "typescript"} == {*languages, "nodejs"}


def test_schema_describes_the_configuration() -> None:
    found = SCHEMA["config"]["variables"]
    assert list(found) == list(KEYS)
    assert found == SCHEMA["provider"]["inputProperties"]
    names = {float: "number", int: "integer", bool: "boolean", str: "string"}
    hints = typing.get_type_hints(Settings)
    role = {"$ref": "#/types/personalize:index:AssumeRole"}
    accounts = {"type": "array", "items": {"type": "string"}}
    others = {
        "assumeRole": {"oneOf": [role, {"type": "array", "items": role}]},
        "allowedAccountIds": accounts,
        "forbiddenAccountIds": accounts,
        "defaultTags": {"$ref": "#/types/personalize:index:DefaultTags"},
    }
    for key, one in types_in(found).items():
        hint = hints[snake(key)]
        plain = [names[kind] for kind in (hint, *typing.get_args(hint)) if kind in names]
        assert one == ({"type": plain[0]} if plain else others[key]), key
        assert found[key].get("default") == getattr(Settings(), snake(key))
    # What the types allow is what is read.
    role_type, tags_type = SCHEMA["types"].values()
    types_in(role_type["properties"])
    assert role_type["properties"].keys() | {"durationSeconds"} == readers._MEMBERS.keys()
    assert types_in(tags_type["properties"]).keys() == {"tags"}


def test_schema_gets_the_address_of_the_repository() -> None:
    text = json.dumps(SCHEMA)
    for repository, plugins in (
        ("https://github.com/us/personalize", "github://api.github.com/us/personalize"),
        ("https://git.eu/us", "https://git.eu/us/releases/download/v${VERSION}"),
    ):
        found = json.loads(schema_with(text, repository, "1.2.3"))
        assert found["repository"] == found["homepage"] == repository
        assert found["pluginDownloadURL"] == plugins
        assert found["logoUrl"].startswith(f"{repository}/raw/v1.2.3/docs/_static/")
        path = f"{repository.removeprefix('https://')}/sdk/go/personalize"
        assert found["language"]["go"]["importBasePath"] == path
        assert f'"{path}"' in found["resources"][NATIVE_TYPE]["description"]
    assert Path(__file__).parents[2].joinpath("docs/_static/logo.svg").exists()


def test_files_get_the_address_of_the_repository(tmp_path: Path) -> None:
    address = "https://github.com/us/personalize"
    for given in (address, f"{address}/", f"{address}.git"):
        assert address_of(given) == address
    for given in ("github.com/us/x", "git@github.com:us/x", "https://github.com", f"{address} "):
        with pytest.raises(SystemExit, match="a repository's address"):
            address_of(given)
    for path, text in {
        "README.md": "[d](docs/x.md) [e](https://a) git+<URL of this repository>",
        "docs/x.md": "[y](y.md) example.com/pulumi-personalize/sdk --server "
        + "github://api.github.com/OWNER/pulumi-personalize",
        "pyproject.toml": "[project]\n",
        SCHEMA_FILE: json.dumps(SCHEMA),
    }.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    fill(tmp_path, address, "1.2.3")
    readme = f"[d]({address}/blob/v1.2.3/docs/x.md) [e](https://a) git+{address}"
    assert (tmp_path / "README.md").read_text() == readme
    page = "[y](y.md) github.com/us/personalize/sdk --server github://api.github.com/us/personalize"
    assert (tmp_path / "docs/x.md").read_text() == page
    assert f'Issues = "{address}/issues"' in (tmp_path / "pyproject.toml").read_text()
    assert json.loads((tmp_path / SCHEMA_FILE).read_text())["homepage"] == address


def test_program_of_another_language(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    tags = {"a": 5.0, "b": True, "c": 1.5, "d": "x", "e": UNKNOWN, "f": 1e300}
    texts = {"a": "5", "b": "true", "c": 1.5, "d": "x", "e": UNKNOWN, "f": 1e300}
    assert other_languages.texts_of({"tags": tags, "name": 5.0}) == {"tags": texts, "name": 5.0}
    assert other_languages.texts_of({}) == {}
    # The keys of pulumi-aws in the stack's file.
    monkeypatch.chdir(tmp_path)
    resource = Resource("urn:pulumi:dev::shop::personalize:index:EventTracker::web")
    assert other_languages.unpassed(resource, {}) == ""
    file = tmp_path / "Pulumi.dev.yaml"
    config = "config:\n  aws:profile: x\n  aws:assumeRole: {secure: abc}\n  shop:a: b\n"
    file.write_text(config)
    told = other_languages.unpassed(resource, {"personalize:profile": "x"})
    assert told.startswith(
        "Pulumi does not pass aws:assumeRole to this provider. Run pulumi config "
    )
    assert "set --secret personalize:assumeRole" in told
    # From a folder of the program, and of a key that nothing replaces by itself.
    file.write_text("config:\n  aws:accessKey: x\n")
    (tmp_path / "program").mkdir()
    monkeypatch.chdir(tmp_path / "program")
    assert "event trackers ignore aws:accessKey" in other_languages.unpassed(resource, {})
    # Of the whole project.
    project = tmp_path / "Pulumi.yaml"
    project.write_text("config:\n  aws:profile: {value: x}\n  aws:accessKey: {value: x}\n")
    file.write_text("config:\n  aws:accessKey: ''\n")
    assert re.fullmatch(
        r"Pulumi does not pass aws:profile .*\)\"", other_languages.unpassed(resource, {})
    )
    project.unlink()
    file.write_text(config)
    monkeypatch.chdir(tmp_path)
    for text in ("", "config:\n", "config: 5", "- 1", "{"):
        file.write_text(text)
        assert other_languages.unpassed(resource, {}) == ""


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_plugin_started_by_hand_says_what_it_is(option: str) -> None:
    command = [sys.executable, "-m", "pulumi_personalize.native", option]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert f"personalize {__version__}: the provider of Amazon Personalize" in done.stdout
