"""Each order in which users of Pulumi write arguments; mypy, which reads this, holds the types."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING

import pulumi
import pytest
from kinds import GROUP
from pulumi_personalize import EventTracker, EventTrackerArgs, InputError, native
from pulumi_personalize.arguments import take

OPTS = pulumi.ResourceOptions(protect=True)
ARGS = EventTrackerArgs(dataset_group_arn=GROUP, name="clicks", tags={"a": "1"})

if TYPE_CHECKING:
    EventTracker("t", GROUP, "clicks", {"a": "1"}, True, OPTS)
    EventTracker("t", dataset_group_arn=GROUP, name="clicks", opts=OPTS)
    EventTracker("t", ARGS, OPTS)
    EventTracker("t", args=ARGS, opts=OPTS)
    EventTracker("t", OPTS, dataset_group_arn=GROUP, tags={"a": pulumi.Output.from_input("1")})
    EventTracker("t", None, dataset_group_arn=GROUP)
    native.EventTracker("t", OPTS, dataset_group_arn=GROUP)
    native.EventTracker("t", ARGS, OPTS)
    EventTracker("t", GROUP, OPTS)  # type: ignore[call-overload]
    EventTracker("t", OPTS)  # type: ignore[call-overload]
    EventTracker("t", OPTS, dataset_group_arn=GROUP, nome="x")  # type: ignore[call-overload]
    native.EventTracker("t", GROUP, OPTS)  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ((GROUP, "clicks", {"a": "1"}, None, OPTS), {}),
        ((GROUP,), {"name": "clicks", "tags": {"a": "1"}, "opts": OPTS}),
        ((), {"dataset_group_arn": GROUP, "name": "clicks", "tags": {"a": "1"}, "opts": OPTS}),
        ((ARGS, OPTS), {}),
        ((ARGS,), {"opts": OPTS}),
        ((), {"args": ARGS, "opts": OPTS}),
        ((OPTS,), {"dataset_group_arn": GROUP, "name": "clicks", "tags": {"a": "1"}}),
    ],
)
def test_they_come_to_the_same(given: tuple[object, ...], named: dict[str, object]) -> None:
    assert take("t", given, named) == (ARGS, OPTS)


def test_second_argument_may_be_no_options() -> None:
    assert take("t", (None,), {"dataset_group_arn": GROUP}) == (
        EventTrackerArgs(dataset_group_arn=GROUP),
        None,
    )


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ((), {}),
        ((GROUP,), {"nome": "x"}),
        ((GROUP,), {"dataset_group_arn": GROUP}),
        ((OPTS,), {}),
        ((ARGS, OPTS, OPTS), {}),
        ((ARGS,), {"name": "x"}),
    ],
)
def test_arguments_that_do_not_fit_are_a_type_error(
    given: tuple[object, ...], named: dict[str, object]
) -> None:
    with pytest.raises(TypeError, match=r"^EventTracker"):
        take("t", given, named)


def test_options_in_the_place_of_an_input() -> None:
    with pytest.raises(InputError) as caught:
        take("t", (GROUP, OPTS), {})
    assert str(caught.value) == (
        "declaring event tracker t: name must not be ResourceOptions. Pass them as opts=…."
    )
    # In one line, too.
    assert isinstance(caught.value, pulumi.RunError)


@pytest.mark.parametrize("module", ["pulumi_personalize", "pulumi_personalize.native"])
def test_of_both_classes(module: str) -> None:
    program = textwrap.dedent(
        f"""
        import pulumi
        from pulumi_personalize import EventTrackerArgs
        from {module} import EventTracker

        class Mocks(pulumi.runtime.Mocks):
            def call(self, args):
                return {{}}

            def new_resource(self, args):
                return args.name, args.inputs

        pulumi.runtime.set_mocks(Mocks())

        @pulumi.runtime.test
        def check():
            opts = pulumi.ResourceOptions(protect=True)
            trackers = [
                EventTracker("a", "{GROUP}-a", "clicks", opts=opts),
                EventTracker("b", opts, dataset_group_arn="{GROUP}-b", name="clicks"),
                EventTracker("c", EventTrackerArgs(dataset_group_arn="{GROUP}-c", name="clicks")),
            ]
            return pulumi.Output.all(*[tracker.name for tracker in trackers]).apply(print)

        check()
        """
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert run.stdout == "['clicks', 'clicks', 'clicks']\n"
