"""What the documentation says is what the code does, and its site is built without a dead link."""

from __future__ import annotations

import inspect
import json
import re
from pathlib import Path

import botocore.session
import pulumi_personalize
from botocore import xform_name
from pulumi_personalize import EventTracker, EventTrackerArgs, errors, native
from pulumi_personalize.native.schema import schema
from pulumi_personalize.service.aws_errors import RESOURCES
from pulumi_personalize.service.inputs import NATIVE_TYPE
from pulumi_personalize.service.names import snake
from pulumi_personalize.settings import Settings
from setup.conftest import ROOT, Tree

PACKAGE = Path(pulumi_personalize.__file__).parent
MODULES = [path for path in PACKAGE.rglob("*.py") if PACKAGE / "local" not in path.parents]
PAGES = {
    str(page.relative_to(ROOT)): page.read_text()
    for page in [*ROOT.glob("*.md"), *ROOT.glob("[!b.]*/**/*.md"), *ROOT.glob("bench/*.md")]
    if page.relative_to(ROOT).parts[0] in ("bench", "docs", "examples") or page.parent == ROOT
}
TEXT = "\n".join(PAGES.values())
ERRORS = {name for name in vars(errors) if name.endswith("Error")}
TESTS = [path for path in ROOT.glob("tests/*/test_*.py") if path != Path(__file__)]
#: The resource at the end of a policy's ARN, as the errors word it.
IAM_RESOURCES = {
    "event-tracker/*": "event-tracker/*",
    "dataset-group/*": "the dataset group",
    "*": 'Resource "*"',
}
#: What leads nowhere, and what is said about it.
FAULTS = {
    "[x](nowhere.md)": "cross-reference target not found: 'nowhere.md'",
    "[x](#no)": "cross-reference target not found: 'no'",
    "```{literalinclude} ../nowhere.py\n```": "/nowhere.py' not found",
    "{py:class}`pulumi_personalize.Nobody`": "target not found: pulumi_personalize.Nobody",
}


def rows(page: str) -> list[list[str]]:
    """The cells of a page's tables, without those of the heads."""
    lines = re.findall(r"^\| (.*) \|$(?!\n\|---)", PAGES[page], re.MULTILINE)
    return [line.split(" | ") for line in lines]


def policy(page: str) -> set[tuple[str, str]]:
    """The IAM actions of a page's policy, each with the last part of its resource."""
    statements = json.loads(PAGES[page].partition("```json\n")[2].partition("```")[0])["Statement"]
    return {
        (action, statement["Resource"].rpartition(":")[2])
        for statement in statements
        for action in re.findall(r"personalize:(\w+)", str(statement["Action"]))
    }


def test_the_site_is_built_and_only_what_leads_nowhere_fails(tree: Tree) -> None:
    page = "\n\n".join(["---\norphan: true\n---\n# A page", *FAULTS])
    (tree.root / "docs/page.md").write_text(page)
    # All of the README is on the site, with its links.
    link = r"\g<0>\n\n[x](nowhere-readme)"
    readme, headings = re.subn(r"^##+ .*$", link, PAGES["README.md"], flags=re.MULTILINE)
    (tree.root / "README.md").write_text(readme)
    site = tree.root / "build/docs"
    site.mkdir(parents=True)
    (site / "gone.html").touch()

    status, said = tree.run("make", "docs")
    assert status != 0
    warnings = [line for line in said.splitlines() if re.search(": (WARNING|ERROR)", line)]
    for fault in [*FAULTS.values(), *["'nowhere-readme'"] * headings]:
        found = [line for line in warnings if fault in line]
        assert found, f"{fault}:\n{said}"
        warnings.remove(found[0])
    assert not warnings
    assert not (site / "gone.html").exists()
    registry = {"docs/_index.md", "docs/installation-configuration.md"}
    for name in {name for name in PAGES if name.startswith("docs/")} - registry:
        assert (tree.root / "build" / name).with_suffix(".html").exists()
    api = (site / "reference/api.html").read_text()
    for package, name in [(it, name) for it in (pulumi_personalize, native) for name in it.__all__]:
        assert f'id="{package.__name__}.{name}"' in api


def test_what_is_linked_to_or_named_exists() -> None:
    for page, text in PAGES.items():
        for link in re.findall(r"\]\((?!\w+:)([^)#\s]+)", text):
            assert (ROOT / page).parent.joinpath(link).exists(), f"{page}: {link}"
    examples = {path.parent.name for path in ROOT.glob("examples/*/Pulumi.yaml")}
    assert set(re.findall(r"\]\(([\w-]+)/[^)]*\)", PAGES["examples/README.md"])) == examples
    assert set(re.findall(r"{literalinclude} [./]+/examples/([\w-]+)/", TEXT)) == examples
    targets = re.findall(r"^(\w+):.*##", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert set(re.findall(r"(?:`|^\$ )make ([a-z]+)", TEXT, re.MULTILINE)) <= set(targets)
    keys = re.findall(r"(?<![\w:-])personalize:([a-z]\w+)(?![\w:-])", TEXT)
    assert {snake(key) for key in keys} <= {*Settings._fields, "get_event_tracker"}
    assert set(re.findall(r"`(\w+Error)\b", TEXT)) <= {*ERRORS, "KeyError"}


def test_configuration_page_lists_all() -> None:
    table = {row[0].strip("`"): row[1] for row in rows("docs/reference/configuration.md")}
    assert list(map(snake, table)) == [f"personalize:{name}" for name in Settings._fields]
    for told, default in zip(table.values(), Settings(), strict=True):
        assert default is None or told == str(default).removesuffix(".0").lower()


def test_pages_of_the_registry_are_made_of_the_schema() -> None:
    found = schema()
    blocks = r"^```(\w+)\n(.*?)^```"
    of_schema = re.findall(blocks, found["resources"][NATIVE_TYPE]["description"], re.M | re.S)
    for (language, text), (of_page, on_page) in zip(
        of_schema, re.findall(blocks, PAGES["docs/_index.md"], re.M | re.S), strict=True
    ):
        assert language == of_page
        # With the names that a program has by itself, and the address of no repository.
        on_page = re.sub(r"^name: shop\nruntime: yaml\n", "", on_page)
        assert on_page.replace("github.com/OWNER", "example.com") == text
    options = {row[0].strip("`"): row[1] for row in rows("docs/installation-configuration.md")}
    variables = found["config"]["variables"]
    assert options.keys() == variables.keys()
    assert all(options[key].startswith(one["description"]) for key, one in variables.items())


def test_errors_page_lists_all() -> None:
    told = re.findall(r"`(\w+)`", " ".join(row[0] for row in rows("docs/reference/errors.md")))
    assert sorted([*told, "PersonalizeError"]) == sorted(ERRORS)


def test_inputs_and_outputs() -> None:
    table = rows("docs/reference/event-tracker.md")
    inputs = [row[0].strip("`") for row in table if len(row) == 4]
    assert inputs == list(inspect.signature(EventTrackerArgs).parameters)
    names = {name for row in table for name in re.findall(r"`(\w+)`", row[0])}
    assert names == {name for name, kind in vars(EventTracker).items() if type(kind) is property}
    for name, in_state, *_ in table:
        assert in_state == "the same" or snake(in_state) == name


def test_iam_resources() -> None:
    least = policy("docs/reference/iam.md")
    source = "\n".join(path.read_text() for path in MODULES)
    model = botocore.session.get_session().get_service_model("personalize")
    called = {
        name for name in model.operation_names if re.search(rf"\b{xform_name(name)}\b", source)
    }
    assert called == {action for action, _ in least}
    assert policy("docs/howto/ci.md") == {one for one in least if one[0][:4] in ("Desc", "List")}

    # What an error names is what the policy has.
    told = [(name, on, text) for name, text in RESOURCES.items() for on in IAM_RESOURCES]
    assert least == {(name, on) for name, on, text in told if IAM_RESOURCES[on] in text}
    assert {name for name, _ in least} == RESOURCES.keys()


def test_named_tests_are_there() -> None:
    sources = "\n".join(path.read_text() for path in [*TESTS, Path(__file__)])
    there = set(re.findall(r"^ *(?:class|def) (\w+)", sources, re.MULTILINE))
    for page in ("docs/reference/reliability.md", "docs/assumptions.md"):
        assert rows(page)
        for row in rows(page):
            assert re.fullmatch("`.*`", row[-1]), row
            assert set(re.findall(r"\w+", row[-1])) <= there, row


#: What Pulumi (CLI 3.274.1), Python and botocore say, as it was seen.
OF_OTHERS = """
could not find latest version for provider personalize: Get "https://api.github.com/repos/
install the plugin using pulumi plugin install resource personalize
expected to have version >=0.2.0
loading PulumiPlugin.yaml: open /plugins/PulumiPlugin.yaml: no such file or directory
ImportError: cannot import name 'cygrpc' from 'grpc._cython'
error: could not read plugin [/plugins/pulumi-resource-personalize]: exit status 1
libc.so.6: version GLIBC_2.38 not found (required by pulumi-resource-personalize)
Missing Dependency: Using the login credential provider requires an additional
dependency. You will need to pip install "botocore[crt]" before proceeding.
"""


def test_messages_that_are_quoted() -> None:
    # Tests hold texts of Pulumi's and AWS's, too, which no code of ours has.
    source = "".join([*(path.read_text() for path in [*MODULES, *TESTS]), OF_OTHERS])
    # A text over several lines as one, without its code quotes.
    source = re.sub(r'"\s*\n\s*f?"', "", source).replace("`", "")
    pages = ("concepts", "troubleshooting", "howto/adoption", "howto/move")
    text = "\n".join(PAGES.get(f"docs/{page}.md", "") for page in pages)
    text = re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)
    told = re.findall(r"`([^`]*)`", text)
    quoted = [words for words in told if "…" in words and re.match("(?!make ).* ", words)]
    assert quoted
    for piece in re.split("…", "…".join(quoted)):
        assert " ".join(piece.split()).strip(" ,.()'") in source, piece
