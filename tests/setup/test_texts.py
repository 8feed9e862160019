"""Each text that users read is asserted in one test file: rewording it costs one."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
PROVIDER = ROOT / "provider" / "pulumi_personalize"
# So many characters of prose are shared on purpose. Fewer are a fact, or a common phrase.
SHARED = 25
WORD = re.compile(r"(?:[A-Z]?[a-z]+|[A-Z]+)(?:['-][A-Za-z]+)?")
# The last is Personalize's own term.
CODE = re.compile(r"`[^`]*`|(?<!\w)'[^'\s]*'(?!\w)|Item interactions")


def literals(path: Path) -> Iterator[str]:
    """The string literals of a file without docstrings, each part of an f-string by itself."""
    tree = ast.parse(path.read_text())
    docs = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in docs:
            yield node.value


def prose(literal: str) -> str:
    """The words of a literal without code, ARNs, quoted names and numbers."""
    # Tests write messages as patterns, too.
    plain = CODE.sub(" ", literal.replace("\\", ""))
    words = (token.strip(".,;:()\"'?!*") for token in plain.split())
    return " ".join(word.lower() for word in words if WORD.fullmatch(word))


def windows(words: str) -> set[str]:
    """The parts of some words that begin with a word and are long enough."""
    starts = (word.start() for word in re.finditer(r"\S+", words))
    found = (words[at : at + SHARED] for at in starts)
    return {window for window in found if len(window.strip()) == SHARED}


def test_each_text_is_asserted_in_one_file() -> None:
    files: dict[str, set[str]] = defaultdict(set)
    for path in (ROOT / "tests").rglob("*.py"):
        for window in set[str]().union(*map(windows, map(prose, literals(path)))):
            files[window].add(str(path.relative_to(ROOT / "tests")))
    texts = {
        prose(literal)
        for path in PROVIDER.rglob("*.py")
        if "local" not in path.relative_to(PROVIDER).parts
        for literal in literals(path)
    }
    found = [text for text in texts if any(window in files for window in windows(text))]
    assert len(found) > 100
    twice = {
        text: set[str]().union(*(files[w] for w in windows(text) if len(files[w]) > 1))
        for text in sorted(found)
    }
    told = [f"{text!r}: {sorted(where)}" for text, where in twice.items() if where]
    assert not told, "\n".join(told)
