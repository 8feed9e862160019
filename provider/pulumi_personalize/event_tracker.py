"""The resource that users write."""

from collections.abc import Iterable, Mapping
from typing import Any, overload

import pulumi
from pulumi import dynamic

from .arguments import EventTrackerArgs, take
from .errors import InputError
from .program import Program, raise_in_one_line
from .provider import EventTrackerProvider
from .service.inputs import CONTEXT, pack

#: A resource that the native provider served is the same one.
_ALIAS = pulumi.ResourceOptions(aliases=[pulumi.Alias(type_="personalize:index:EventTracker")])


@pulumi.input_type
class _Props(dict[str, Any]):
    """The properties, with the names of the state where they differ.

    As an input type, because Pulumi leaves the keys of its mappings alone: the resource's own
    translate methods would be put to tags, too, and make ``accountId`` of one named ``account_id``.
    """

    # Bare: of these, Pulumi compares no types, which it does by a traceback. Our check does.
    dataset_group_arn: pulumi.Output = pulumi.property("datasetGroupArn")  # type: ignore[type-arg]
    adopt_existing: pulumi.Output = pulumi.property("adoptExisting")  # type: ignore[type-arg]
    tags_all: pulumi.Output = pulumi.property("tagsAll")  # type: ignore[type-arg]

    def __init__(self, props: Mapping[str, Any]) -> None:
        dict.__init__(self, props)


class EventTracker(dynamic.Resource, module="personalize", name="EventTracker"):
    """An event tracker of Amazon Personalize.

    It hands out the tracking id that applications send events under (PutEvents). A dataset group
    takes one event tracker. Tags change in place; a new name or dataset group replaces the tracker,
    and a replacement changes the tracking id for good. The resource's id is the tracker's ARN.

    What can't be done ends the preview or the update with the line of a `PersonalizeError`.

    Source: https://docs.aws.amazon.com/personalize/latest/dg/API_CreateEventTracker.html
    """

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
        """The tracker's own tags; empty where it has none."""
        return self._output("tags")

    @property
    @pulumi.getter(name="tagsAll")
    def tags_all(self) -> pulumi.Output[dict[str, str]]:
        """All tags of the tracker, those of ``personalize:defaultTags`` among them."""
        # Without default tags, the state has none of these.
        every = pulumi.Output.all(self._output("tags_all"), self.tags)
        return every.apply(lambda tags: tags[1] if tags[0] is None else tags[0])

    @property
    @pulumi.getter(name="adoptExisting")
    def adopt_existing(self) -> pulumi.Output[bool | None]:
        """Whether a tracker that the group had already could be adopted."""
        return self._output("adopt_existing")

    @property
    @pulumi.getter(name="trackingId")
    def tracking_id(self) -> pulumi.Output[str]:
        """What applications pass to PutEvents; known, and valid, once the tracker is ACTIVE."""
        return self._output("tracking_id")

    @property
    @pulumi.getter(name="eventTrackerArn")
    def event_tracker_arn(self) -> pulumi.Output[str]:
        """The tracker's ARN."""
        return self._output("event_tracker_arn")

    @property
    @pulumi.getter
    def status(self) -> pulumi.Output[str]:
        """The tracker's status, ``ACTIVE`` after a create, and later what a refresh saw."""
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
            adopt_existing: Adopts the tracker that the group has already, instead of failing;
                of the name asked for, or of any where none is. Left out, it is ``False``.
            opts: Pulumi's resource options. Two of them do not reach a dynamic resource:
                ``import_`` (see ``adopt_existing``) and ``custom_timeouts`` (see the configuration
                ``personalize:createTimeout``).
        """
        args, opts = take(resource_name, given, named)
        tags = args.tags
        if isinstance(tags, Mapping):
            _insist_on_texts(tags, resource_name)
        props = {
            **vars(args),
            # For the check to put in the default tags; what may be secret has to be so here, too.
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
        found = cls.__new__(cls)
        found._declare(  # noqa: SLF001 - our own
            resource_name, {}, pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(id=id))
        )
        return found

    def _declare(
        self, resource_name: str, props: dict[str, Any], opts: pulumi.ResourceOptions | None
    ) -> None:
        # Pulumi reads an output only where the property is declared, be it as None.
        outputs = dict.fromkeys(_OUTPUTS)
        if "tags" in ((opts and opts.additional_secret_outputs) or ()):
            more = pulumi.ResourceOptions(additional_secret_outputs=["tags_all"])
            opts = pulumi.ResourceOptions.merge(opts, more)
        group = props.get("dataset_group_arn")
        context = _context(resource_name, group, opts)
        if opts and opts.deleted_with:
            _insist_on_a_deletion(resource_name, opts.deleted_with)
        if group is not None:
            # An input, so that a second tracker of a group does not even reach the engine.
            props["dataset_group_arn"] = Program.current().claim(self, resource_name, group)
        self._register(resource_name, _Props({**outputs, **props, CONTEXT: context}), opts)

    def _register(
        self, resource_name: str, props: _Props, opts: pulumi.ResourceOptions | None
    ) -> None:
        # The class of the native provider registers otherwise, and the rest is the same.
        opts = pulumi.ResourceOptions.merge(opts, _ALIAS)
        super().__init__(EventTrackerProvider(), resource_name, props, opts)

    def _output(self, name: str) -> pulumi.Output[Any]:
        output: pulumi.Output[Any] = pulumi.get(self, name)
        return output


_OUTPUTS = [name for name, value in vars(EventTracker).items() if isinstance(value, property)]


def _is_plain(tags: Any) -> bool:
    return isinstance(tags, Mapping) and all(isinstance(text, str) for text in tags.values())


def _insist_on_texts(keys: Iterable[Any], resource_name: str) -> None:
    # The check would say so, too, but Pulumi can't hand it such a mapping.
    for key in keys:
        if not isinstance(key, str):
            raise_in_one_line(
                InputError(
                    f"tag keys must be strings, not {key!r}",
                    operation="declaring",
                    resource=f"event tracker {resource_name}",
                    advice=f'Write "{key}"',
                )
            )


def _insist_on_a_deletion(resource_name: str, other: pulumi.Resource) -> None:
    option = f"deleted_with={other.pulumi_resource_name}"
    if other.pulumi_resource_type.endswith(":DatasetGroup"):
        raise_in_one_line(
            InputError(
                f"{option} would leave it undeleted on destroy, and Personalize deletes no dataset "
                "group that has an event tracker",
                operation="declaring",
                resource=f"event tracker {resource_name}",
                advice="Remove deleted_with",
            )
        )
    pulumi.log.warn(
        f"event tracker {resource_name}: with {option}, a destroy of both does not delete the "
        f"event tracker; unless the deletion of {other.pulumi_resource_name} does, it stays"
    )


def _context(
    resource_name: str, group: Any, opts: pulumi.ResourceOptions | None
) -> pulumi.Input[str]:
    """What the provider can't know by itself: Pulumi gives it no name and no options."""
    opts = opts or pulumi.ResourceOptions()
    context: dict[str, Any] = {
        "project": pulumi.get_project(),
        "stack": pulumi.get_stack(),
        "resource": resource_name,
    }
    # On every backend but Pulumi Cloud it is this word; in unit tests, nothing.
    if (organization := pulumi.get_organization()) not in (None, "organization"):
        context["organization"] = organization
    if opts.parent is not None and opts.parent.pulumi_resource_type != "pulumi:pulumi:Stack":
        context["resource"] = f"{opts.parent.pulumi_resource_name}/{resource_name}"
        context["parent"] = opts.parent.pulumi_resource_name
        context["parents"] = pulumi.Output.from_input(_types(opts.parent))
    if isinstance(group, pulumi.Output):
        context["group"] = pulumi.Output.from_input(_group_source(group))
    if opts.delete_before_replace is not None:
        context["deleteBeforeReplace"] = opts.delete_before_replace
    if opts.retain_on_delete:
        context["retainOnDelete"] = True
    if opts.aliases:
        context["aliased"] = True
    if opts.additional_secret_outputs:
        context["secretOutputs"] = True
    known = not any(isinstance(value, pulumi.Output) for value in context.values())
    return pack(context) if known else pulumi.Output.all(**context).apply(pack)


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
    return f"output {Program.current().number(group)}"
