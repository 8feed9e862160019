"""Stands in for pulumi-aws and pulumi-aws-native, as far as the documentation's programs use them.

The real packages are 220 MB. Where they are installed, tests/setup/test_snippets.py takes these;
names and types were taken from 7.51.1 and 1.84.0.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pulumi


def _of(texts: str, **others: Any) -> dict[str, Any]:
    """The types of arguments, of which some are strings."""
    return {**dict.fromkeys(texts.split(), str), **others}


_ALARM = "metric_name namespace statistic comparison_operator treat_missing_data"
_TASK = "family container_definitions network_mode cpu memory execution_role_arn task_role_arn"

#: The resources by module and name: the types of their arguments, and the outputs.
AWS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "cloudwatch.MetricAlarm": (
        _of(
            _ALARM,
            threshold=float | int,
            evaluation_periods=int,
            period=int,
            dimensions=dict,
            alarm_actions=list,
        ),
        ["arn"],
    ),
    "cognito.IdentityPool": (
        _of("identity_pool_name", allow_unauthenticated_identities=bool),
        ["arn"],
    ),
    "cognito.IdentityPoolRoleAttachment": (_of("identity_pool_id", roles=dict), []),
    "ecs.TaskDefinition": (_of(_TASK, requires_compatibilities=list), ["arn"]),
    "iam.Role": (_of("assume_role_policy"), ["arn"]),
    "iam.RolePolicy": (_of("role policy"), []),
    "lambda_.Function": (
        _of("role runtime handler", code=pulumi.Archive, environment=dict),
        ["arn"],
    ),
    "secretsmanager.Secret": (_of("name"), ["arn"]),
    "secretsmanager.SecretVersion": (_of("secret_id secret_string"), ["arn"]),
    "ssm.Parameter": (_of("type value name"), ["arn"]),
}
NATIVE: dict[str, tuple[dict[str, Any], list[str]]] = {
    "personalize.Schema": (_of("name schema"), ["schema_arn"]),
    "personalize.DatasetGroup": (_of("name"), ["dataset_group_arn"]),
    "personalize.Dataset": (_of("name dataset_group_arn dataset_type schema_arn"), ["dataset_arn"]),
    "personalize.EventTracker": (
        _of("dataset_group_arn name", tags=list),
        ["tracking_id", "event_tracker_arn"],
    ),
}


def token(path: str) -> str:
    """The type of a resource, as `aws:iam/role:Role` of `iam.Role`."""
    module, _, name = path.partition(".")
    if path in NATIVE:
        return f"aws-native:{module}:{name}"
    return f"aws:{module.rstrip('_')}/{name[0].lower()}{name[1:]}:{name}"


def module(name: str) -> Any:
    """A module of resources, as `iam`."""

    def maker(path: str) -> Any:
        return lambda name, /, opts=None, **props: _Resource(path, name, opts, props)

    paths = [path for path in AWS | NATIVE if path.startswith(f"{name}.")]
    return SimpleNamespace(**{path.partition(".")[2]: maker(path) for path in paths})


class _Resource(pulumi.CustomResource):
    """A resource with the real one's type and names in the state."""

    def __init__(
        self, path: str, name: str, opts: pulumi.ResourceOptions | None, props: dict[str, Any]
    ) -> None:
        takes, gives = (AWS | NATIVE)[path]
        for argument, value in props.items():
            if not isinstance(value, (takes[argument], pulumi.Output)):
                raise TypeError(f"{path}: {argument} is {value!r}")
        self._names = {_camel(name): name for name in (*props, *gives)}
        super().__init__(token(path), name, dict.fromkeys(gives) | props, opts)

    def translate_input_property(self, prop: str) -> str:
        """The name in the state of one of ours."""
        return _camel(prop) if prop in self._names.values() else prop

    def translate_output_property(self, prop: str) -> str:
        """The name here of one in the state."""
        return self._names.get(prop, prop)


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.title() for word in rest)
