"""Which layer may know of which: told by the sources themselves."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pulumi_personalize
import pytest

PACKAGE = Path(pulumi_personalize.__file__).parent
SERVICE = sorted((PACKAGE / "service").glob("*.py"))
#: All but the local endpoint, which runs on its own.
PROVIDER = sorted([*PACKAGE.glob("*.py"), *SERVICE])


def imports(node: ast.AST, level: int) -> Iterator[str]:
    """The absolute names of all that a module imports, at the place of the import or deeper."""
    for found in ast.walk(node):
        if isinstance(found, ast.Import):
            yield from (alias.name for alias in found.names)
        elif isinstance(found, ast.ImportFrom):
            above = ["pulumi_personalize", "service"][: level + 2 - found.level]
            base = [*(above if found.level else []), *filter(None, [found.module])]
            yield from (".".join([*base, alias.name]) for alias in found.names)


def imported_at_once(module: ast.Module) -> Iterator[ast.stmt]:
    """The statements that run when a module is imported, without those for the type checker."""
    for statement in module.body:
        checker_only = isinstance(statement, ast.If) and "TYPE_CHECKING" in ast.dump(statement.test)
        if not checker_only and not isinstance(statement, ast.FunctionDef | ast.ClassDef):
            yield statement


UNCHANGED = """
from pulumi_personalize.provider import EventTrackerProvider

group = "arn:aws:personalize:us-east-1:123456789012:dataset-group/shop"
props = {"datasetGroupArn": group, "name": "clicks", "resourceContext": ""}
provider = EventTrackerProvider()
assert provider.check(props, props).inputs == props
assert provider.diff("arn", props, props).changes is False
"""


def modules_after(program: str) -> set[str]:
    """The modules that a process has imported by the end of a program."""
    told = subprocess.run(
        [sys.executable, "-c", f"{program}\nimport sys\nprint(*sys.modules)"],
        capture_output=True,
        check=True,
        text=True,
    )
    return set(told.stdout.split())


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def test_sources_are_found() -> None:
    assert {"tracker.py", "preview.py", "client.py", "ownership.py"} <= {
        path.name for path in SERVICE
    }
    assert {"provider.py", "event_tracker.py", "errors.py"} <= {path.name for path in PROVIDER}
    found = set(imports(parsed(PACKAGE / "service" / "tracker.py"), 1))
    assert {"pulumi_personalize.errors", "pulumi_personalize.service.waiter.Wait"} <= found


@pytest.mark.parametrize("path", SERVICE, ids=lambda path: path.stem)
def test_service_knows_nothing_of_pulumi(path: Path) -> None:
    for name in imports(parsed(path), 1):
        assert name.split(".")[0] not in {"pulumi", "dill", "grpc"}, name
        if name.startswith("pulumi_personalize"):
            ours = ("pulumi_personalize.service.", "pulumi_personalize.errors")
            assert name.startswith(ours), name


@pytest.mark.parametrize("path", PROVIDER, ids=lambda path: path.stem)
def test_heavy_imports_wait_until_they_are_needed(path: Path) -> None:
    heavy = {"boto3", "botocore", "mypy_boto3_personalize", "moto", "flask", "regex"}
    for statement in imported_at_once(parsed(path)):
        for name in imports(statement, 1 if path in SERVICE else 0):
            assert name.split(".")[0] not in heavy, name


def test_program_imports_only_what_names_the_provider() -> None:
    imported = modules_after("import pulumi_personalize")
    assert "pulumi_personalize.provider" in imported
    late = {"pulumi_personalize.service.tracker", "pulumi_personalize.service.preview"}
    assert not imported & {*late, "tenacity", "boto3", "botocore", "pulumi_personalize.native"}


def test_look_at_what_is_unchanged_imports_no_client() -> None:
    imported = modules_after(UNCHANGED)
    assert "pulumi_personalize.service.tracker" in imported
    assert not imported & {"tenacity", "boto3", "botocore"}


@pytest.mark.parametrize("path", PROVIDER, ids=lambda path: path.stem)
def test_provider_does_not_need_the_local_endpoint(path: Path) -> None:
    for name in imports(parsed(path), 1 if path in SERVICE else 0):
        assert not name.startswith("pulumi_personalize.local"), name


def test_errors_need_nothing() -> None:
    errors = parsed(PACKAGE / "errors.py")
    at_once = [name for statement in imported_at_once(errors) for name in imports(statement, 0)]
    assert at_once == ["__future__.annotations", "typing.TYPE_CHECKING"]
    for_the_checker = ["typing_extensions.Self"]
    assert list(imports(errors, 0)) == [*at_once, *for_the_checker]


#: What decides about a tracker that is there, and the names by which a module reads it.
DECIDES = {
    "status": {"status", "is_going"},
    "mark": {"OwnershipTag", "OWNER_KEY"},
    "adoption": {"adopt_existing", "ADOPT_EXISTING"},
}


def read_by(module: ast.Module) -> set[str]:
    """Which of the things that decide about a tracker a module reads."""
    names = {node.attr for node in ast.walk(module) if isinstance(node, ast.Attribute)}
    names |= {node.id for node in ast.walk(module) if isinstance(node, ast.Name)}
    return {thing for thing, words in DECIDES.items() if words & names}


@pytest.mark.parametrize("path", SERVICE, ids=lambda path: path.stem)
def test_one_module_decides_about_a_tracker_that_is_there(path: Path) -> None:
    assert (read_by(parsed(path)) == set(DECIDES)) is (path.stem == "ownership")
