"""Gives an application the tracking id of another stack's event tracker.

The other stack is one of ../existing-group, or any that exports `trackingId` and `eventTrackerArn`
(`pulumi stack ls --all` lists the names of all stacks). Where a replacement changes the tracking id
over there, the next `pulumi up` here passes it on.

To run it:

    pulumi stack init dev
    pulumi config set producer organization/existing-group/dev
    pulumi up
    python app/send_events.py < app/events.jsonl
"""

import pulumi

from app_settings import AppSettings

config = pulumi.Config()
producer = pulumi.StackReference("producer", config.require("producer"))


def output_of_producer(name: str) -> pulumi.Output[str]:
    """An output that has to be there; `require_output` would show a traceback where it is not."""

    def check(value: str | None) -> str:
        if value is None:
            raise pulumi.RunError(
                f"stack {config.require('producer')} has no output {name}: run `pulumi up` there, "
                "or name another stack with `pulumi config set producer ORGANIZATION/PROJECT/STACK`"
            )
        return value

    return producer.get_output(name).apply(check)


settings = AppSettings(
    "settings",
    {
        "trackingId": output_of_producer("trackingId"),
        # Events go to the tracker's region, the fourth part of its ARN.
        "region": output_of_producer("eventTrackerArn").apply(lambda arn: arn.split(":")[3]),
        "eventsEndpointUrl": pulumi.Config("personalize").get("eventsEndpointUrl"),
    },
)

pulumi.export("trackingId", settings.values["trackingId"])
