"""`make docs`: the site is built from what is there, and what leads nowhere fails."""

from __future__ import annotations

import json
import re
import shutil
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import botocore.session
import pulumi_personalize
import pytest
from botocore import xform_name
from pulumi_personalize import errors, native
from pulumi_personalize.service.aws_errors import RESOURCES
from pulumi_personalize.service.settings import KEYS, Settings
from setup.conftest import ROOT, Tree

README = (ROOT / "README.md").read_text()
PAGES = {
    str(page.relative_to(ROOT / "docs").with_suffix("")): page.read_text()
    for page in (ROOT / "docs").rglob("*.md")
}
#: The resource at the end of a policy's ARN, as the errors word it.
IAM_RESOURCES = {
    "event-tracker/*": "event-tracker/*",
    "dataset-group/*": "the dataset group",
    "*": 'Resource "*"',
}
#: What people look for, as the search has it, and the page that has to have it in a heading.
SEARCHED = {
    "import": "howto/adoption",
    "resum": "concepts",
    "orphan": "concepts",
    "drift": "concepts",
    "cloudform": "howto/move",
    "lambda": "howto/hand-over",
    "quota": "reference/quotas",
}
EXAMPLES = sorted(path.parent.name for path in ROOT.glob("examples/*/Pulumi.yaml"))


def section(page: str, heading: str) -> str:
    """A section of a page, from its heading to the next of its rank."""
    rank = heading.partition(" ")[0]
    text = PAGES[page].partition(f"\n{heading}\n")[2]
    return re.split(rf"^{rank} ", text, flags=re.MULTILINE)[0]


def code(text: str) -> str:
    """The JSON of a page or section."""
    return text.partition("```json\n")[2].partition("```")[0]


@pytest.fixture
def site(tree: Tree) -> Tree:
    """A tree with all that the site is made of."""
    for name in ("docs", "examples"):
        # Bytecode comes and goes while other tests run.
        kept = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, tree.root / name, ignore=kept)
    return tree


@pytest.fixture
def page(site: Tree) -> Path:
    """The only page of a small site."""
    for path in (site.root / "docs").iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name != "conf.py":
            path.unlink()
    (site.root / "docs/_static").mkdir()
    page = site.root / "docs/index.md"
    page.write_text("# A page\n")
    return page


def test_the_site_is_built_and_its_place_printed(site: Tree) -> None:
    index = Path(site.ok("make", "docs").rstrip("\n"))
    assert index == site.root / "build/docs/index.html"
    built = {page: page.read_text() for page in index.parent.rglob("*.html")}
    for page in (site.root / "docs").rglob("*.md"):
        assert index.parent / page.relative_to(site.root / "docs").with_suffix(".html") in built
    api = built[index.parent / "reference/api.html"]
    for name in pulumi_personalize.__all__:
        assert f'id="pulumi_personalize.{name}"' in api
    for name in native.__all__:
        assert f'id="pulumi_personalize.native.{name}"' in api
    assert EXAMPLES
    for example in EXAMPLES:
        how_to = built[index.parent / f"howto/{example}.html"]
        main = "Pulumi.yaml" if example == "yaml" else "__main__.py"
        assert f"examples/{example}/{main}" in how_to
    assert "copybutton.js" in api
    index_of_words = (index.parent / "searchindex.js").read_text()
    words = json.loads(index_of_words.partition("(")[2].rpartition(")")[0])
    for word, place in SEARCHED.items():
        titles = words["titleterms"][word]
        pages = [titles] if isinstance(titles, int) else titles
        assert place in [words["docnames"][number] for number in pages], word


def test_what_leads_nowhere_fails_and_a_page_that_is_no_more_is_gone(
    page: Path, site: Tree
) -> None:
    faults = {
        "[x](nowhere.md)": "cross-reference target not found: 'nowhere.md'",
        "[x](#nowhere)": "cross-reference target not found: 'nowhere'",
        "[x](../nowhere.py)": "cross-reference target not found: '../nowhere.py'",
        "```{literalinclude} ../nowhere.py\n```": "/nowhere.py' not found",
        "```{include} ../README.md\n:start-after: Nowhere\n```": 'text not found "Nowhere"',
        "{py:class}`pulumi_personalize.Nobody`": "target not found: pulumi_personalize.Nobody",
    }
    other = page.with_name("other.md")
    other.write_text("---\norphan: true\n---\n# Another\n")
    page.write_text("\n\n".join(["# A page", *faults]))
    done = site.run("tools/docs")
    assert done.returncode != 0
    warnings = [line for line in done.stdout.splitlines() if line.startswith(f"{page}:")]
    assert len(warnings) == len(faults)
    for said in faults.values():
        assert said in done.stdout
    # One is enough, and so is one that an earlier build told.
    page.write_text("# A page\n\n[x](nowhere.md)\n")
    for _ in range(2):
        assert site.run("tools/docs").returncode != 0
    assert (site.root / "build/docs/other.html").exists()
    other.unlink()
    page.write_text("# A page\n\n[x](index.md)\n")
    site.ok("tools/docs")
    assert not (site.root / "build/docs/other.html").exists()


def test_the_readme_is_on_the_site_with_all_its_links(site: Tree) -> None:
    headings = re.findall(r"^##+ .*$", README, re.MULTILINE)
    text = README
    for number, heading in enumerate(headings):
        text = text.replace(f"\n{heading}\n", f"\n{heading}\n\n[x](nowhere-{number})\n")
    (site.root / "README.md").write_text(text)
    done = site.run("tools/docs")
    assert done.returncode != 0
    told = re.findall(r"cross-reference target not found: 'nowhere-(\d+)'", done.stdout)
    assert sorted(map(int, told)) == list(range(len(headings)))


def test_the_links_of_the_examples_own_readme_lead_somewhere() -> None:
    examples = ROOT / "examples"
    links = re.findall(r"\]\(([^)]*)\)", (examples / "README.md").read_text())
    assert {link.partition("/")[0] for link in links} == set(EXAMPLES)
    for link in links:
        assert (examples / link).exists(), link


class TestOtherSites:
    @pytest.fixture
    def url(self, tmp_path: Path) -> Iterator[str]:
        """Another site, with one page."""
        (tmp_path / "other").mkdir()
        (tmp_path / "other/here").write_text("")
        handler = partial(SimpleHTTPRequestHandler, directory=str(tmp_path / "other"))
        with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            yield f"http://127.0.0.1:{server.server_port}"
            server.shutdown()

    def test_a_link_that_leads_nowhere_fails_where_they_are_asked(
        self, page: Path, site: Tree, url: str
    ) -> None:
        site.env["NO_PROXY"] = "127.0.0.1"
        page.write_text(f"# A page\n\n[x]({url}/here)\n")
        site.ok("tools/docs", "external")
        page.write_text(f"# A page\n\n[x]({url}/nowhere)\n")
        site.ok("tools/docs")
        done = site.run("make", "docs", "LINKS=external")
        assert done.returncode != 0
        assert f"broken link: {url}/nowhere (404 Client Error" in done.stdout

    def test_another_value_is_told(self, site: Tree) -> None:
        done = site.run("make", "docs", "LINKS=all")
        assert done.returncode != 0
        assert done.stdout.startswith("docs: LINKS can be external, or left out; it is all\n")


class TestTables:
    """What the pages say is what the code does."""

    def test_configuration(self) -> None:
        page = PAGES["reference/configuration"]
        rows = dict(re.findall(r"^\| `personalize:(\w+)` \| (.*?) \|", page, re.MULTILINE))
        assert tuple(rows) == KEYS
        for told, default in zip(rows.values(), Settings(), strict=True):
            if default is not None:
                assert told == str(default).removesuffix(".0").lower()

    def test_errors(self) -> None:
        table = PAGES["reference/errors"]
        told = re.findall(r"`(\w+)`", "\n".join(re.findall(r"^\| (`.*?) \|", table, re.MULTILINE)))
        kinds = {name for name in vars(errors) if name.endswith("Error")}
        assert sorted([*told, "PersonalizeError"]) == sorted(kinds)

    @pytest.mark.parametrize(
        "page", ["concepts", "troubleshooting", "howto/adoption", "howto/move"]
    )
    def test_messages_that_are_quoted(self, page: str) -> None:
        # Tests hold texts of Pulumi's and AWS's, too, which no code of ours has.
        paths = [*ROOT.glob("provider/*/service/*.py"), *ROOT.glob("tests/*/test_*.py")]
        source = "".join(path.read_text() for path in paths if path != Path(__file__))
        # A text over several lines as one, without its code quotes.
        source = re.sub(r'"\s*\n\s*f?"', "", source).replace("`", "")
        text = re.sub(r"^```.*?^```", "", PAGES[page], flags=re.M | re.S)
        told = [told for told in re.findall(r"`([^`]*)`", text) if "…" in told and " " in told]
        quoted = [words for words in told if not words.startswith("make ")]
        assert quoted
        for piece in re.split("…", "…".join(quoted)):
            assert " ".join(piece.split()).strip(" ,.()'") in source, piece

    def test_drawing_of_the_parts_has_each_module(self) -> None:
        drawn = set(re.findall(r"\w+", section("concepts", "## The parts")))
        parts = {path.stem for path in ROOT.glob("provider/*/service/*.py")} - {"__init__"}
        assert parts
        assert parts <= drawn

    def test_iam_policy(self) -> None:
        source = "\n".join(path.read_text() for path in ROOT.glob("provider/*/service/*.py"))
        model = botocore.session.get_session().get_service_model("personalize")
        called = {
            name for name in model.operation_names if re.search(rf"\b{xform_name(name)}\b", source)
        }
        assert called == set(re.findall(r'"personalize:(\w+)"', PAGES["reference/iam"]))

    def test_iam_resources(self) -> None:
        told = {
            (action.removeprefix("personalize:"), IAM_RESOURCES[one["Resource"].rpartition(":")[2]])
            for one in json.loads(code(PAGES["reference/iam"]))["Statement"]
            for action in one["Action"]
        }
        words = IAM_RESOURCES.values()
        assert told == {
            (name, word) for name, on in RESOURCES.items() for word in words if word in on
        }
        assert all(any(word in on for word in words) for on in RESOURCES.values())

    def test_iam_policy_of_a_preview(self) -> None:
        least = json.loads(code(PAGES["reference/iam"]))["Statement"]
        reads = ("Describe", "List")
        wanted = {
            (action, one["Resource"])
            for one in least
            for action in one["Action"]
            if action.partition(":")[2].startswith(reads)
        }
        told = {
            (action, one["Resource"])
            for one in json.loads(code(PAGES["howto/ci"]))["Statement"]
            for action in ([one["Action"]] if isinstance(one["Action"], str) else one["Action"])
        }
        assert told == wanted

    def test_iam_policy_of_an_application(self) -> None:
        text = PAGES["reference/iam"].partition("Applications need")[2]
        assert '`personalize:PutEvents` only, with `"Resource": "*"`' in " ".join(text.split())

    @pytest.mark.parametrize(
        "text",
        [PAGES["reference/reliability"], PAGES["assumptions"]],
        ids=["reliability", "assumptions"],
    )
    def test_named_tests_are_there(self, text: str) -> None:
        sources = "\n".join(path.read_text() for path in ROOT.glob("tests/*/test_*.py"))
        rows = re.findall(r"^\| .* \| (`.*`) \|$", text, re.MULTILINE)
        assert rows
        for name in re.findall(r"\w+", " ".join(rows)):
            assert re.search(rf"^ *(class|def) {name}\b", sources, re.MULTILINE), name
        tables = len(re.findall(r"^\|---", text, re.MULTILINE))
        assert len(rows) == len(re.findall(r"^\|", text, re.MULTILINE)) - 2 * tables
