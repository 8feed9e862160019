"""Event trackers that other programs own, or nobody: looked up by their dataset groups.

To run it:

    pulumi stack init dev
    pulumi config set datasetGroupArn arn:aws:personalize:eu-west-1:123456789012:dataset-group/shop
    pulumi config set otherStack organization/existing-group/dev
    pulumi up
"""

import pulumi
from pulumi_personalize import get_event_tracker, get_event_tracker_output

config = pulumi.Config()

# An ARN that is known: the tracker is there at once, so the program can go by it.
tracker = get_event_tracker(config.require("datasetGroupArn"))
if tracker.status != "ACTIVE":
    raise pulumi.RunError(f"{tracker.event_tracker_arn} is {tracker.status}: wait for ACTIVE")
pulumi.export("trackingId", tracker.tracking_id)

# An ARN that is an output, here of the stack of ../existing-group: so is the tracker.
stack = pulumi.StackReference("other", config.require("otherStack"))


def check(arn: str | None) -> str:
    """What has to be there; `require_output` would show a traceback where it is not."""
    if arn is None:
        raise pulumi.RunError(
            f"stack {config.require('otherStack')} has no output datasetGroupArn: run `pulumi up` "
            "there, or name another stack with "
            "`pulumi config set otherStack ORGANIZATION/PROJECT/STACK`"
        )
    return arn


other = get_event_tracker_output(stack.get_output("datasetGroupArn").apply(check))
pulumi.export("trackingIdOfStack", other.tracking_id)
