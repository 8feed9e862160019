"""The component: where the clicks of a department of the shop go."""

import pulumi
from pulumi_personalize import EventTracker, get_event_tracker


class Clickstream(pulumi.ComponentResource):
    """An event tracker with the tags that we give to all, or the one that a dataset group has."""

    tracking_id: pulumi.Output[str]
    """What the shop sends its clicks under."""

    def __init__(
        self,
        name: str,
        dataset_group_arn: str,
        shared: bool = False,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declares a clickstream.

        Args:
            name: The department.
            dataset_group_arn: The dataset group that the clicks are for.
            shared: Whether another team owns the group's event tracker.
            opts: Pulumi's resource options.
        """
        super().__init__("shop:index:Clickstream", name, None, opts)
        if shared:
            found = get_event_tracker(dataset_group_arn)
            self.tracking_id = pulumi.Output.from_input(found.tracking_id)
        else:
            tracker = EventTracker(
                name,
                dataset_group_arn=dataset_group_arn,
                tags={"department": name, "environment": pulumi.get_stack()},
                opts=pulumi.ResourceOptions(parent=self),
            )
            self.tracking_id = tracker.tracking_id
        self.register_outputs({"trackingId": self.tracking_id})
