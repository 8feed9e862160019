"""The documentation site: Sphinx, with the pages in Markdown (MyST) and the furo theme."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx

project = html_title = "pulumi-personalize"
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_copybutton"]
html_theme = "furo"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_copyright = False
html_copy_source = False
html_domain_indices = False
myst_heading_anchors = 3
# Pages of the Pulumi Registry's own.
exclude_patterns = ["_index.md", "installation-configuration.md"]
# Of a console, what is typed; of its output, nothing.
copybutton_prompt_text = "$ "
copybutton_line_continuation_character = "\\"

# A name in backquotes in a docstring is a link; one that leads nowhere is an error, except for what
# is documented elsewhere.
default_role = "py:obj"
nitpicky = True
# Of Pulumi's ``Input[…]`` once it is evaluated, as in overloads.
nitpick_ignore = [("py:class", "T"), ("py:class", "Output")]
nitpick_ignore_regex = [("py:.*", r"(pulumi|collections\.abc)\..*")]

autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
napoleon_use_ivar = True
python_use_unqualified_type_names = True
toc_object_entries_show_parents = "hide"


#: What Pulumi's ``Input[…]`` is once it is evaluated.
INPUT = re.compile(r"([\w.,~ \[\]]+) \| \S+Awaitable\[\1\] \| Output\[T\]")


def _signature(
    _app: Sphinx, what: str, _name: str, _object: object, _options: object, *written: str | None
) -> tuple[str | None, str | None]:
    """Shows inputs as the source has them, and of errors not how they are made."""
    arguments, result = written
    if what == "exception":
        return "", ""
    while arguments and (found := INPUT.search(arguments)):
        arguments = arguments.replace(found[0], f"pulumi.Input[{found[1]}]")
    return arguments, result


def setup(app: Sphinx) -> None:
    """Sphinx calls it."""
    app.connect("autodoc-process-signature", _signature)
