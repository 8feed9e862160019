"""The package's version as Pulumi takes it: semver."""

from __future__ import annotations

import re
from functools import cache
from importlib import metadata

_PEP_440 = re.compile(
    r"(?P<release>\d+(?:\.\d+)*)"
    r"(?:(?P<stage>a|b|rc)(?P<count>\d+))?"
    r"(?:\.post(?P<post>\d+))?"
    r"(?:\.dev(?P<dev>\d+))?"
    r"(?:\+(?P<local>[a-z0-9.]+))?"
)
_STAGES = {"a": "alpha", "b": "beta", "rc": "rc"}


@cache
def of_package() -> str:
    """The version of the package that is installed, as semver."""
    try:
        return semver(metadata.version("pulumi-personalize"))
    except metadata.PackageNotFoundError:
        # Run out of a folder of sources.
        return semver("0+sources")


def semver(version: str) -> str:
    """A version of a Python package as semver, which the CLI insists on.

    Args:
        version: As PEP 440 has it, normalized, as in ``0.1.0.dev24+g1234567``.
    """
    found = _PEP_440.fullmatch(version.lower())
    if found is None:
        return "0.0.0"
    numbers = [str(int(number)) for number in found["release"].split(".")]
    release = ".".join([*numbers, "0", "0"][:3])
    before = [_STAGES[found["stage"]], found["count"]] if found["stage"] else []
    before += ["dev", found["dev"]] if found["dev"] else []
    # Semver knows nothing of what comes after a release.
    build = ["post", found["post"]] if found["post"] else []
    build += [found["local"]] if found["local"] else []
    text = release
    if before:
        text += "-" + ".".join(before)
    if build:
        text += "+" + ".".join(build)
    return text


def mismatch(wanted: str) -> str:
    """What a program is told whose package has another version than the plugin that was found."""
    return (
        f"the plugin is version {of_package()}, and the program's package pulumi-personalize is "
        f"{wanted}. Run `pulumi-personalize install-plugin` in the program's environment, or name "
        "its pulumi-resource-personalize under `plugins:` in Pulumi.yaml"
    )
