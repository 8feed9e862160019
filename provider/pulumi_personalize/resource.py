"""The resource that users write.

Annotations are evaluated here, once: of strings, Pulumi evaluates them anew for every resource.
"""

import json
from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi import dynamic

from .provider import EventTrackerProvider
from .service.inputs import CONTEXT

_CAMEL = {
    "dataset_group_arn": "datasetGroupArn",
    "adopt_existing": "adoptExisting",
    "tracking_id": "trackingId",
    "event_tracker_arn": "eventTrackerArn",
    "account_id": "accountId",
    "creation_date_time": "creationDateTime",
    "last_updated_date_time": "lastUpdatedDateTime",
}
#: The Python names of the state's properties, where they differ.
SNAKE = {camel: snake for snake, camel in _CAMEL.items()}


class EventTracker(dynamic.Resource, module="personalize", name="EventTracker"):
    """An event tracker of Amazon Personalize.

    It hands out the tracking id that applications send events under (PutEvents). A dataset group
    takes one event tracker. Tags change in place; a new name or dataset group replaces the tracker,
    and a replacement changes the tracking id for good. The resource's id is the tracker's ARN.

    What can't be done ends the preview or the update with the line of a `PersonalizeError`.

    Source: https://docs.aws.amazon.com/personalize/latest/dg/API_CreateEventTracker.html
    """

    dataset_group_arn: pulumi.Output[str]
    """The ARN of the dataset group that the tracker belongs to."""

    name: pulumi.Output[str]
    """The tracker's name, unique in account and region."""

    tags: pulumi.Output[dict[str, str]]
    """The tracker's tags; empty where it has none."""

    adopt_existing: pulumi.Output[bool | None]
    """Whether a tracker that the group had already could be taken over."""

    tracking_id: pulumi.Output[str]
    """What applications pass to PutEvents; known, and valid, once the tracker is ACTIVE."""

    event_tracker_arn: pulumi.Output[str]
    """The tracker's ARN."""

    status: pulumi.Output[str]
    """The tracker's status, ``ACTIVE`` after a create, and later what a refresh saw."""

    account_id: pulumi.Output[str]
    """The AWS account that owns the tracker, 12 digits."""

    creation_date_time: pulumi.Output[str]
    """When the tracker was created, as ISO 8601 in UTC."""

    last_updated_date_time: pulumi.Output[str]
    """When the tracker last changed at the service, as ISO 8601 in UTC."""

    def __init__(
        self,
        resource_name: str,
        dataset_group_arn: pulumi.Input[str],
        name: pulumi.Input[str] | None = None,
        tags: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None = None,
        adopt_existing: pulumi.Input[bool] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declares an event tracker.

        Args:
            resource_name: The resource's name in the program.
            dataset_group_arn: The ARN of an ACTIVE dataset group without an event tracker. Its
                region is the one that is called. A change replaces the tracker: the new one is
                made first.
            name: 1 to 63 letters, digits, ``-`` and ``_``, with a letter or digit first. Left out,
                it is made from ``resource_name`` and a random suffix, and kept for life. A change
                replaces the tracker: the old one is deleted first.
            tags: At most 50; keys of 1 to 128 and values of up to 256 letters, digits, spaces and
                ``_ . : / = + - @``. Keys that start with ``aws:`` are reserved.
            adopt_existing: Takes over the tracker that the group has already, instead of failing;
                of the name asked for, or of any where none is. Left out, it is ``False``.
            opts: Pulumi's resource options. Two of them do not reach a dynamic resource:
                ``import_`` (see ``adopt_existing``) and ``custom_timeouts`` (see the configuration
                ``personalize:createTimeout``).
        """
        props = {
            "dataset_group_arn": dataset_group_arn,
            "name": name,
            "tags": tags,
            "adopt_existing": adopt_existing,
        }
        self._declare(resource_name, props, opts)

    @classmethod
    def get(
        cls,
        resource_name: str,
        id: pulumi.Input[str],  # noqa: A002 - Pulumi's own name for it
        opts: pulumi.ResourceOptions | None = None,
    ) -> "EventTracker":
        """An event tracker that exists and is not managed by this program, by its ARN.

        Args:
            resource_name: The resource's name in the program.
            id: The event tracker's ARN.
            opts: Pulumi's resource options.
        """
        found = cls.__new__(cls)
        found._declare(  # noqa: SLF001 - our own
            resource_name, {}, pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(id=id))
        )
        return found

    def _declare(
        self, resource_name: str, props: dict[str, Any], opts: pulumi.ResourceOptions | None
    ) -> None:
        # Pulumi reads an output only where the property is declared, be it as None.
        outputs = dict.fromkeys((*_CAMEL, "name", "tags", "status"))
        context = _context(resource_name, props.get("dataset_group_arn"), opts)
        super().__init__(
            EventTrackerProvider(),
            resource_name,
            {**outputs, **props, CONTEXT: context},
            opts,
        )

    def translate_output_property(self, prop: str) -> str:
        """The Python name of a property of the state."""
        return SNAKE.get(prop, prop)

    def translate_input_property(self, prop: str) -> str:
        """The state's name of a Python property."""
        return _CAMEL.get(prop, prop)


def _context(
    resource_name: str, group: Any, opts: pulumi.ResourceOptions | None
) -> pulumi.Input[str]:
    """What the provider can't know by itself: Pulumi gives it no name and no options.

    As one text, because engine and SDK take their time over every single value.
    """
    opts = opts or pulumi.ResourceOptions()
    context: dict[str, Any] = {
        "project": pulumi.get_project(),
        "stack": pulumi.get_stack(),
        "resource": resource_name,
    }
    if opts.parent is not None and opts.parent.pulumi_resource_type != "pulumi:pulumi:Stack":
        context["resource"] = f"{opts.parent.pulumi_resource_name}/{resource_name}"
        context["parents"] = pulumi.Output.from_input(_types(opts.parent))
    if isinstance(group, pulumi.Output):
        context["group"] = pulumi.Output.from_input(_group_source(group))
    if opts.delete_before_replace is not None:
        context["deleteBeforeReplace"] = opts.delete_before_replace
    if opts.retain_on_delete:
        context["retainOnDelete"] = True
    if opts.aliases:
        context["aliased"] = True
    known = not any(isinstance(value, pulumi.Output) for value in context.values())
    return json.dumps(context) if known else pulumi.Output.json_dumps(context)


async def _types(parent: pulumi.Resource) -> str:
    """The types of a resource and its parents: with them, its name is unique in the stack."""
    return str(await parent.urn.future()).split("::")[2]


async def _group_source(group: pulumi.Output[Any]) -> str:
    """Names what gives a dataset group's ARN, where two of one name are sure to be one group.

    That is an output of a dataset group's resource, which can only be its own ARN, or else the
    very same output.
    """
    sources = await group.resources()
    if len(sources) == 1:
        source = next(iter(sources))
        if source.pulumi_resource_type.endswith(":DatasetGroup"):
            return str(await source.urn.future())
    if not any(group is other for other in _OTHER_OUTPUTS):
        _OTHER_OUTPUTS.append(group)
    return f"output {[group is other for other in _OTHER_OUTPUTS].index(True)}"


#: Kept, because only of a living object does its identity say anything.
_OTHER_OUTPUTS: list[pulumi.Output[Any]] = []
