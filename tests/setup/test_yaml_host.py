"""The YAML language host: programs run with it, and it is built where none is there."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import languages
import pytest
from environment import clean_environment
from languages import YAML_HOST, add_yaml_host
from setup.conftest import Tree, fake_program, first_on_path

PROGRAM = """\
name: trivial
runtime: yaml
variables:
  words: [event, tracker]
outputs:
  joined: {fn::join: ["-", "${words}"]}
"""

#: A Go that finds all it needs, and makes something in the folder that it is to build into.
BUILDS = f"""\
[ "$1" = build ] || exit 0
while [ "$1" != -o ]; do shift; done
touch "$2/{YAML_HOST}"
chmod +x "$2/{YAML_HOST}"
"""


def test_a_yaml_program_runs(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "Pulumi.yaml").write_text(PROGRAM)
    env = clean_environment() | {
        "PULUMI_BACKEND_URL": (tmp_path / "state").as_uri(),
        "PULUMI_HOME": str(tmp_path / "home"),
    }
    add_yaml_host(tmp_path / "home")

    def pulumi(*arguments: str) -> str:
        command = ["pulumi", *arguments, "--stack", "test", "--non-interactive"]
        done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    pulumi("stack", "init")
    shown = pulumi("up", "--yes")
    assert "1 created" in shown
    assert "warning" not in shown
    assert json.loads(pulumi("stack", "output", "--json")) == {"joined": "event-tracker"}


@pytest.fixture
def choosing(tree: Tree) -> Tree:
    """A tree that has chosen a CLI without the host, and not on a build server."""
    cli = fake_program(tree.root.parent / "cli/pulumi", "exit 1")
    (tree.root / ".venv/pulumi-cli").write_text(f"{cli}\n")
    tree.env.pop("CI", None)
    return tree


def hosts(tree: Tree) -> list[Path]:
    return list((Path(tree.env["XDG_CACHE_HOME"]) / "pulumi-personalize").glob("yaml-host-*"))


def test_it_is_built_once_into_the_cache(choosing: Tree) -> None:
    first_on_path(choosing, fake_program(choosing.root.parent / "go/go", BUILDS))
    said = choosing.ok("tools/cli/yaml-host")
    (built,) = hosts(choosing)
    assert "building the YAML language host 1.25.0 from source" in said
    assert said.endswith(f"\n{built}\n")
    assert [file.name for file in built.iterdir()] == [YAML_HOST]
    names = {file.name for file in built.parent.iterdir() if not file.name.startswith("pulumi-")}
    assert names == {built.name, "setup.lock"}, "nothing half done is left"
    assert choosing.ok("tools/cli/yaml-host") == f"{built}\n"


def test_the_clis_own_is_taken(choosing: Tree) -> None:
    cli = fake_program(choosing.root.parent / "cli" / YAML_HOST, "exit 1")
    assert choosing.ok("tools/cli/yaml-host") == f"{cli}\n"
    assert not hosts(choosing)


@pytest.mark.parametrize(("ci", "status"), [("", 77), ("true", 1)])
@pytest.mark.parametrize(
    ("go", "why"),
    [
        (None, "there is no Go to build it"),
        ("echo 'go: too old' >&2; exit 1", "building it needs Go 1.24.7 or later; this is "),
        (
            "case $1$2 in env*) echo https://proxy ;; list-C) echo nobody >&2; exit 1 ;; esac",
            "the Go module proxy (https://proxy) does not give its modules: nobody",
        ),
    ],
    ids=["no Go", "old Go", "no proxy"],
)
def test_where_it_cannot_be_built_it_says_so(
    choosing: Tree, go: str | None, why: str, ci: str, status: int
) -> None:
    if go is None:
        script = choosing.root / "tools/cli/build.sh"
        script.write_text(script.read_text().replace("command -v go ", "command -v no-go "))
    else:
        first_on_path(choosing, fake_program(choosing.root.parent / "go/go", go))
    choosing.env["CI"] = ci
    done = choosing.run("tools/cli/yaml-host")
    assert done.returncode == status
    assert f"setup: no YAML language host 1.25.0: {why}" in done.stdout
    assert not hosts(choosing)


def test_a_build_that_fails_is_no_reason_to_skip(choosing: Tree) -> None:
    go = "[ $1 != build ] || { echo 'disk full' >&2; exit 1; }"
    first_on_path(choosing, fake_program(choosing.root.parent / "go/go", go))
    done = choosing.run("tools/cli/yaml-host")
    assert done.returncode == 1
    assert "disk full" in done.stdout
    assert "Then run make test again" in done.stdout
    assert not hosts(choosing)


def test_tests_are_skipped_with_its_words_but_not_on_a_build_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_program(
        tmp_path / "tools/cli/yaml-host", "echo no Go >&2; [ $CI = true ] || exit 77; exit 1"
    )
    monkeypatch.setattr(languages, "ROOT", tmp_path)
    monkeypatch.setattr(languages, "CI", "false")
    with pytest.raises(pytest.skip.Exception, match=r"^no Go$"):
        add_yaml_host(tmp_path)
    monkeypatch.setattr(languages, "CI", "true")
    with pytest.raises(AssertionError, match="no Go"):
        add_yaml_host(tmp_path)
