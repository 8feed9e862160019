"""The resource that users write."""

from collections.abc import Iterable, Mapping
from typing import Any, overload

import pulumi
from pulumi import dynamic

from .arguments import EventTrackerArgs, check_options, take
from .program import refuse, stack_configuration
from .provider import TYPE, EventTrackerProvider
from .service.inputs import CONTEXT, NATIVE_TYPE, Resource
from .settings import has_fixed_names


@pulumi.input_type
class _Props(dict[str, Any]):
    """The properties, with the names of the state where they differ.

    As an input type, because Pulumi leaves the keys of its mappings alone: the resource's own
    translate methods would be put to tags, too, and make ``accountId`` of one named ``account_id``.
    """

    # Untyped: Pulumi checks types with a traceback, and the check does it in one line.
    dataset_group_arn: pulumi.Output = pulumi.property("datasetGroupArn")  # type: ignore[type-arg]
    adopt_existing: pulumi.Output = pulumi.property("adoptExisting")  # type: ignore[type-arg]
    tags_all: pulumi.Output = pulumi.property("tagsAll")  # type: ignore[type-arg]

    def __init__(self, props: Mapping[str, Any]) -> None:
        dict.__init__(self, props)


class EventTracker(dynamic.Resource, module="personalize", name="EventTracker"):
    """An event tracker of Amazon Personalize.

    It provides the tracking ID that applications pass to PutEvents. A dataset group can have only
    one event tracker. Tags are updated in place; a new name or dataset group replaces the event
    tracker and its tracking ID. The resource's ID is the event tracker's ARN.

    Errors are one line each: see `PersonalizeError`.

    Source: https://docs.aws.amazon.com/personalize/latest/dg/API_CreateEventTracker.html
    """

    _type, _other_type = TYPE, NATIVE_TYPE

    @property
    @pulumi.getter(name="datasetGroupArn")
    def dataset_group_arn(self) -> pulumi.Output[str]:
        """The ARN of the dataset group that the tracker belongs to."""
        return self._output("dataset_group_arn")

    @property
    @pulumi.getter
    def name(self) -> pulumi.Output[str]:
        """The tracker's name."""
        return self._output("name")

    @property
    @pulumi.getter
    def tags(self) -> pulumi.Output[dict[str, str]]:
        """The tags set on this resource."""
        return self._output("tags")

    @property
    @pulumi.getter(name="tagsAll")
    def tags_all(self) -> pulumi.Output[dict[str, str]]:
        """All tags, including those of ``personalize:defaultTags``."""
        # Without default tags, the state has only `tags`.
        every = pulumi.Output.all(self._output("tags_all"), self.tags)
        return every.apply(lambda tags: tags[1] if tags[0] is None else tags[0])

    @property
    @pulumi.getter(name="adoptExisting")
    def adopt_existing(self) -> pulumi.Output[bool | None]:
        """Whether to adopt the event tracker that the dataset group already has."""
        return self._output("adopt_existing")

    @property
    @pulumi.getter(name="trackingId")
    def tracking_id(self) -> pulumi.Output[str]:
        """The ID that applications pass to PutEvents; valid once the event tracker is ACTIVE."""
        return self._output("tracking_id")

    @property
    @pulumi.getter(name="eventTrackerArn")
    def event_tracker_arn(self) -> pulumi.Output[str]:
        """The tracker's ARN."""
        return self._output("event_tracker_arn")

    @property
    @pulumi.getter
    def status(self) -> pulumi.Output[str]:
        """The status, as of the last create or refresh."""
        return self._output("status")

    @property
    @pulumi.getter(name="accountId")
    def account_id(self) -> pulumi.Output[str]:
        """The AWS account that owns the tracker, 12 digits."""
        return self._output("account_id")

    @property
    @pulumi.getter(name="creationDateTime")
    def creation_date_time(self) -> pulumi.Output[str]:
        """When the tracker was created, as ISO 8601 in UTC."""
        return self._output("creation_date_time")

    @property
    @pulumi.getter(name="lastUpdatedDateTime")
    def last_updated_date_time(self) -> pulumi.Output[str]:
        """When the tracker last changed at the service, as ISO 8601 in UTC."""
        return self._output("last_updated_date_time")

    @overload
    def __init__(
        self,
        resource_name: str,
        dataset_group_arn: pulumi.Input[str],
        name: pulumi.Input[str] | None = None,
        tags: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None = None,
        adopt_existing: pulumi.Input[bool] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None: ...
    @overload
    def __init__(
        self,
        resource_name: str,
        args: EventTrackerArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None: ...
    @overload
    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        *,
        dataset_group_arn: pulumi.Input[str],
        name: pulumi.Input[str] | None = None,
        tags: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None = None,
        adopt_existing: pulumi.Input[bool] | None = None,
    ) -> None: ...
    def __init__(self, resource_name: str, *given: Any, **named: Any) -> None:  # noqa: D417
        """Declares an event tracker.

        The arguments may come in one as `EventTrackerArgs`, too, and the options second.

        Args:
            resource_name: The resource's name in the program.
            dataset_group_arn: The ARN of an ACTIVE dataset group without an event tracker, and with
                an Item interactions dataset. Its region is the one that is called. A change
                replaces the tracker: the new one is created first.
            name: 1 to 63 letters, digits, ``-`` and ``_``, with a letter or digit first. Left out,
                it is derived from resource and dataset group, and kept for life. A change
                replaces the tracker: the old one is deleted first.
            tags: At most 50, the default ones of ``personalize:defaultTags`` included; keys of 1
                to 128 and values of up to 256 letters, digits, spaces and ``_ . : / = + - @``. Keys
                and values that start with ``aws:`` are reserved.
            adopt_existing: Whether to adopt the event tracker that the group already has. If a name
                is set, only an event tracker of that name is adopted. Defaults to ``False``.
            opts: Pulumi's resource options. Two of them do not reach a dynamic resource:
                ``import_`` (see ``adopt_existing``) is refused, and ``custom_timeouts`` (see the
                configuration ``personalize:createTimeout``) is a warning.

        Raises:
            InputError: Tag keys, options or ``deleted_with`` can't be used.
        """
        args, opts = take(resource_name, given, named)
        check_options(resource_name, opts)
        tags = args.tags
        if isinstance(tags, Mapping):
            _check_tag_keys(tags, resource_name)
        props = {
            **vars(args),
            # The check merges the default tags into it; secret values have to be secret here, too.
            "tags_all": None if tags is None or _is_plain(tags) else tags,
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
        check_options(resource_name, opts)
        found = cls.__new__(cls)
        found._declare(  # noqa: SLF001 - our own
            resource_name, {}, pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(id=id))
        )
        return found

    def _declare(
        self, resource_name: str, props: dict[str, Any], opts: pulumi.ResourceOptions | None
    ) -> None:
        # Pulumi reads an output only if the property is declared, even as None.
        outputs = dict.fromkeys(_OUTPUTS)
        if "tags" in ((opts and opts.additional_secret_outputs) or ()):
            more = pulumi.ResourceOptions(additional_secret_outputs=["tags_all"])
            opts = pulumi.ResourceOptions.merge(opts, more)
        context = _context(resource_name, self._type, props.get("dataset_group_arn"), opts)
        if opts and opts.deleted_with:
            _check_deleted_with(resource_name, opts.deleted_with)
        # Keeps the resource when a program switches from the other class.
        other: pulumi.Alias | str = _urn(self._other_type, resource_name)
        if _parent(opts):
            other = pulumi.Alias(type_=self._other_type)  # takes Pulumi three times as long
        opts = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(aliases=[other]))
        self._register(resource_name, _Props({**outputs, **props, CONTEXT: context}), opts)

    def _register(
        self, resource_name: str, props: _Props, opts: pulumi.ResourceOptions | None
    ) -> None:
        # Overridden by the native provider's class, which has both options.
        if opts and opts.import_:
            refuse(
                resource_name,
                "the dynamic provider does not support import_",
                "Set adopt_existing=True, or use pulumi_personalize.native.EventTracker",
            )
        if opts and opts.custom_timeouts:
            pulumi.log.warn(
                f"event tracker {resource_name}: custom_timeouts has no effect with the dynamic "
                "provider (instead: personalize:createTimeout and personalize:deleteTimeout, or "
                "pulumi_personalize.native.EventTracker)"
            )
        super().__init__(EventTrackerProvider(), resource_name, props, opts)

    def _output(self, name: str) -> pulumi.Output[Any]:
        output: pulumi.Output[Any] = pulumi.get(self, name)
        return output


_OUTPUTS = [name for name, value in vars(EventTracker).items() if isinstance(value, property)]


def _is_plain(tags: Any) -> bool:
    return isinstance(tags, Mapping) and all(isinstance(text, str) for text in tags.values())


def _check_tag_keys(keys: Iterable[Any], resource_name: str) -> None:
    # Pulumi cannot pass such a mapping on to the check.
    for key in keys:
        if not isinstance(key, str):
            refuse(resource_name, f"tag keys must be strings, not {key!r}", f'Write "{key}"')


def _check_deleted_with(resource_name: str, other: pulumi.Resource) -> None:
    option = f"deleted_with={other.pulumi_resource_name}"
    if other.pulumi_resource_type.endswith(":DatasetGroup"):
        refuse(
            resource_name,
            f"{option} would leave it undeleted on destroy, and Personalize deletes no dataset "
            "group that has an event tracker",
            "Remove deleted_with",
        )
    pulumi.log.warn(
        f"event tracker {resource_name}: with {option}, a destroy of both does not delete the "
        f"event tracker; unless the deletion of {other.pulumi_resource_name} does, it stays"
    )


def _context(
    resource_name: str, kind: str, group: Any, opts: pulumi.ResourceOptions | None
) -> pulumi.Input[str]:
    """The resource's URN and options, which Pulumi does not pass to a dynamic provider."""
    opts = opts or pulumi.ResourceOptions()
    has_fixed_name = has_fixed_names(stack_configuration(), kind)
    resource = Resource(
        delete_before_replace=has_fixed_name or opts.delete_before_replace,
        has_fixed_name=has_fixed_name,
        retain_on_delete=bool(opts.retain_on_delete),
        secret_outputs=bool(opts.additional_secret_outputs),
    )
    urn, parent = _urn(kind, resource_name), _parent(opts)
    if parent is None and not isinstance(group, pulumi.Output):
        # Without an output, which costs a program of many trackers time.
        return resource._replace(urn=urn).context

    async def context() -> str:
        source = await _group_source(group) if isinstance(group, pulumi.Output) else ""
        own_urn = urn
        if parent is not None:
            parents = str(await parent.urn.future()).rpartition("::")[0]
            own_urn = f"{parents}${kind}::{resource_name}"
        return resource._replace(urn=own_urn, group=source).context

    output: pulumi.Output[str] = pulumi.Output.from_input(context())
    return output


def _parent(opts: pulumi.ResourceOptions | None) -> pulumi.Resource | None:
    """The parent in a resource's URN, which leaves out the stack."""
    parent = opts.parent if opts else None
    is_stack = parent and parent.pulumi_resource_type == "pulumi:pulumi:Stack"
    return None if is_stack else parent


def _urn(kind: str, resource_name: str) -> str:
    """The URN of a resource without a parent."""
    return f"urn:pulumi:{pulumi.get_stack()}::{pulumi.get_project()}::{kind}::{resource_name}"


async def _group_source(group: pulumi.Output[Any]) -> str:
    """The URN of the dataset group whose only ARN this is; empty if it comes from elsewhere."""
    sources = await group.resources()
    if len(sources) == 1:
        source = next(iter(sources))
        if source.pulumi_resource_type.endswith(":DatasetGroup"):
            return str(await source.urn.future())
    return ""
