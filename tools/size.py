"""Prints how large the project is, and what a create enters and calls: `python tools/size.py`."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from types import FrameType
from typing import Any

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "provider" / "pulumi_personalize"


def lines(*paths: Path) -> int:
    """The lines of some files."""
    return sum(len(path.read_text(encoding="utf-8").splitlines()) for path in paths)


def modules(folder: Path) -> list[Path]:
    """The modules below a folder, without the local endpoint's."""
    found = folder.rglob("*.py")
    return [path for path in found if "local" not in path.relative_to(PACKAGE).parts]


def tracked(*patterns: str) -> list[Path]:
    """The files that git tracks."""
    listed = subprocess.run(
        ["git", "ls-files", *patterns], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [ROOT / name for name in listed.stdout.splitlines()]


class Profile:
    """The package's files that calls enter, until a first CreateEventTracker."""

    def __init__(self) -> None:
        self.files: list[str] = []
        self.is_over = False

    def __call__(self, frame: FrameType, event: str, _argument: Any) -> None:
        """Notes the file of a call."""
        if self.is_over or event != "call":
            return
        if frame.f_code.co_name == "_make_api_call":
            self.is_over = frame.f_locals.get("operation_name") == "CreateEventTracker"
        file = Path(frame.f_code.co_filename)
        if PACKAGE in file.parents and "local" not in file.parts:
            name = str(file.relative_to(PACKAGE))
            if self.files[-1:] != [name]:
                self.files.append(name)


def profile_create() -> tuple[Profile, Counter[str], Counter[str]]:
    """A create's profile, and the calls of an up with preview and of a delete."""
    import boto3
    from pulumi_personalize.local import ControlClient, LocalEndpoint, make_dataset_group
    from pulumi_personalize.provider import EventTrackerProvider
    from pulumi_personalize.service.waiter import Clock
    from pulumi_personalize.session import new_session

    profile = Profile()
    os.environ |= {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    with LocalEndpoint() as endpoint:
        control = ControlClient(endpoint.url)
        client = boto3.client(
            "personalize",
            endpoint_url=endpoint.url,
            region_name="us-east-1",
        )
        group = make_dataset_group(client, "size")
        control.pace(5, ["personalize::event_tracker"])
        control.clear_calls()
        props = {
            "datasetGroupArn": group,
            "resourceContext": "urn:pulumi:dev::shop::personalize:index:EventTracker::clicks",
        }

        def provider() -> EventTrackerProvider:
            made = EventTrackerProvider()
            config = {"personalize:endpointUrl": endpoint.url}
            made._session = new_session(config, clock=Clock())
            return made

        provider().check({}, props)
        update = provider()
        checked = update.check({}, props).inputs
        sys.setprofile(profile)
        created = update.create(checked)
        sys.setprofile(None)
        up = Counter(call["operation"] for call in control.calls())
        control.clear_calls()
        provider().delete(created.id, created.outs or {})
        delete = Counter(call["operation"] for call in control.calls())
    return profile, up, delete


def main() -> None:
    """Prints the table."""
    package, service, native = (
        modules(folder) for folder in (PACKAGE, PACKAGE / "service", PACKAGE / "native")
    )
    docs = tracked("README.md", "docs/*.md")
    words = sum(len(path.read_text(encoding="utf-8").split()) for path in docs)
    reliability = (ROOT / "docs/reference/reliability.md").read_text(encoding="utf-8")
    limits = re.findall(r"^- ", reliability.partition("## Limits")[2], re.MULTILINE)
    profile, up, delete = profile_create()
    files = set(profile.files)
    rows: list[tuple[str, object]] = [
        (
            "package without local/: lines; modules",
            f"{lines(*package)}; {len(package)}",
        ),
        ("service/: lines; modules", f"{lines(*service)}; {len(service)}"),
        ("native/: lines; modules", f"{lines(*native)}; {len(native)}"),
        ("longest module", max((lines(path), path.name) for path in package)),
        (
            "a create's files; moves between them",
            f"{len(files)}; {len(profile.files) - 1}",
        ),
        ("calls of an up with preview", f"{up.total()}: {dict(up)}"),
        ("calls of a delete", f"{delete.total()}: {dict(delete)}"),
        ("tests: lines", lines(*tracked("tests/*.py"))),
        ("README and docs: words", words),
        ("limits", len(limits)),
    ]
    for what, size in rows:
        print(f"{what:30} {size}")
    print("a create enters:", " > ".join(profile.files))


if __name__ == "__main__":
    main()
