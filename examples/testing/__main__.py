"""Clickstreams of a shop's departments, made of a component that has unit tests beside it.

To run the tests, which need neither the Pulumi CLI nor AWS:

    pytest

To run the program:

    pulumi stack init dev
    pulumi config set --path datasetGroups.movies \
        arn:aws:personalize:eu-west-1:123456789012:dataset-group/movies
    pulumi up
"""

import pulumi
from clickstream import Clickstream

for department, group in pulumi.Config().require_object("datasetGroups").items():
    stream = Clickstream(department, dataset_group_arn=group)
    pulumi.export(department, stream.tracking_id)
