"""A stack for each account and region, all updated by one command: `python fleet.py`."""

import sys

import pulumi
import pulumi.automation as auto
from pulumi_personalize import EventTracker

GROUPS = {
    "prod-eu": "arn:aws:personalize:eu-west-1:123456789012:dataset-group/shop",
    "prod-us": "arn:aws:personalize:us-east-1:123456789012:dataset-group/shop",
}


def program() -> None:
    """The program of all of these stacks."""
    tracker = EventTracker("clicks", dataset_group_arn=pulumi.Config().require("datasetGroupArn"))
    pulumi.export("trackingId", tracker.tracking_id)


def main() -> None:
    """Updates each stack."""
    # The provider is to run in this virtual environment, also where it is not first on PATH.
    options = auto.LocalWorkspaceOptions(env_vars={"PULUMI_PYTHON_CMD": sys.executable})
    for name, group in GROUPS.items():
        stack = auto.create_or_select_stack(name, "shop", program, opts=options)
        stack.set_config("datasetGroupArn", auto.ConfigValue(group))
        run = stack.up(on_output=print)
        print(f"{name}: {run.outputs['trackingId'].value}")


if __name__ == "__main__":
    main()
