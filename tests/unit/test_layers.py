"""Which module may import or decide what."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pulumi_personalize
import pytest

PACKAGE = Path(pulumi_personalize.__file__).parent
SERVICE = sorted(PACKAGE.glob("service/*.py"))
PULUMI, CLIENTS = {"pulumi", "grpc", "dill"}, {"boto3", "botocore", "tenacity"}
NO_CALLS = """
from pulumi_personalize.provider import EventTrackerProvider
group = "arn:aws:personalize:us-east-1:123456789012:dataset-group/shop"
props = {"datasetGroupArn": group, "name": "clicks", "resourceContext": ""}
provider = EventTrackerProvider()
assert provider.check(props, props).inputs == props
assert provider.diff("arn", props, props).changes is False
"""
SERVICES = [f"pulumi_personalize.service.{path.stem}" for path in SERVICE]


@pytest.mark.parametrize(
    ("program", "late"),
    [
        ("import pulumi_personalize.errors", {*PULUMI, "pulumi_personalize.service"}),
        (f"import {', '.join(SERVICES)}, pulumi_personalize.session", PULUMI),
        ("import pulumi_personalize.native.servicer", {"pulumi"}),
        ("from pulumi_personalize import EventTracker", {"pulumi_personalize.service.aws"}),
        (NO_CALLS, {"pulumi_personalize.native", "pulumi_personalize.local"}),
    ],
    ids=["errors", "service", "native", "program", "no calls"],
)
def test_modules_import_only_lower_layers(program: str, late: set[str]) -> None:
    environment = {**os.environ, "PYTHONPATH": str(PACKAGE.parent)}
    command = [sys.executable, "-c", f"{program}\nimport sys\nprint(*sys.modules)"]
    run = subprocess.run(command, env=environment, capture_output=True, check=True, text=True)
    assert not set(run.stdout.split()) & (late | CLIENTS)


def test_service_does_not_know_pulumi() -> None:
    for path in [*SERVICE, PACKAGE / "session.py"]:
        imported = re.findall(r"(?m)^\s*(?:from|import) +\.*(\w+)", path.read_text())
        assert not {*imported} & {*PULUMI, "local", "native"}, path


def test_one_module_decides_about_an_existing_tracker() -> None:
    status, adoption = {"status", "is_deleting"}, {"adopt_existing", "ADOPT_EXISTING"}
    owner, deciding = {"OwnershipTag", "OWNER_KEY", "owner_tag"}, []
    for path in SERVICE:
        nodes = list(ast.walk(ast.parse(path.read_text())))
        names = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
        names |= {node.id for node in nodes if isinstance(node, ast.Name)}
        deciding += [path.stem] * all(words & names for words in (status, owner, adoption))
    assert deciding == ["decide"]
