"""What `pulumi up` shows while it runs, and what of it stays."""

from __future__ import annotations

from endpoints import Endpoint, go_by_looks
from harness import Deployment


def test_progress_is_on_the_resources_rows_one_line_per_status(
    either: Deployment, endpoint: Endpoint
) -> None:
    names = ("one", "two")
    either.trackers(
        *(
            {"resource": name, "dataset_group_arn": endpoint.group(name), "name": name}
            for name in names
        )
    )
    go_by_looks(endpoint.url)
    run = either.up()
    assert run.ok, run.text
    for name in names:
        lines = [(line, kept) for urn, line, kept in run.log_lines if urn.endswith(f"::{name}")]
        assert lines == [("CREATE PENDING", False), ("CREATE IN_PROGRESS", False)]
    assert (run.errors, run.warnings) == ([], [])
