"""Event trackers in several accounts, each by a role of its account."""

import pulumi
from pulumi_personalize import EventTracker

for group in pulumi.Config().require_object("datasetGroups"):
    account = group.split(":")[4]
    provider = pulumi.ProviderResource(
        "pulumi-python",
        account,
        {
            "personalize:assumeRole": {"roleArn": f"arn:aws:iam::{account}:role/deploy"},
            "personalize:allowedAccountIds": [account],
        },
    )
    tracker = EventTracker(
        f"clicks-{account}",
        dataset_group_arn=group,
        opts=pulumi.ResourceOptions(provider=provider),
    )
    pulumi.export(account, tracker.tracking_id)
