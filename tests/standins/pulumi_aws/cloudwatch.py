"""Stands in for `pulumi_aws.cloudwatch`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

from ._resource import Resource


class MetricAlarm(Resource):
    """Stands in for `pulumi_aws.cloudwatch.MetricAlarm`."""

    token = "aws:cloudwatch/metricAlarm:MetricAlarm"
    outputs = ("arn",)
    arn: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        *,
        comparison_operator: pulumi.Input[str] | None = None,
        evaluation_periods: pulumi.Input[int] | None = None,
        metric_name: pulumi.Input[str] | None = None,
        namespace: pulumi.Input[str] | None = None,
        dimensions: pulumi.Input[Mapping[str, Any]] | None = None,
        period: pulumi.Input[int] | None = None,
        statistic: pulumi.Input[str] | None = None,
        threshold: pulumi.Input[float] | None = None,
        treat_missing_data: pulumi.Input[str] | None = None,
        alarm_actions: pulumi.Input[Sequence[str]] | None = None,
    ) -> None:
        """Declares it."""
        props = {
            "comparison_operator": comparison_operator,
            "evaluation_periods": evaluation_periods,
            "metric_name": metric_name,
            "namespace": namespace,
            "dimensions": dimensions,
            "period": period,
            "statistic": statistic,
            "threshold": threshold,
            "treat_missing_data": treat_missing_data,
            "alarm_actions": alarm_actions,
        }
        super().__init__(resource_name, opts, props)
