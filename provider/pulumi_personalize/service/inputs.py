"""What a user may ask for: a property bag taken apart, with every fault in it found at once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode

from . import arns, names, tags

DATASET_GROUP_ARN = "datasetGroupArn"
NAME = "name"
TAGS = "tags"
#: The default tags, and those above over them; only where there are default ones.
TAGS_ALL = "tagsAll"
ADOPT_EXISTING = "adoptExisting"
#: What the front end tells of the resource, and what it keeps of a create: the attempt that the
#: ownership tag tells, empty for none. Not with ``__`` before them: Pulumi takes such keys for its
#: own, and not all of its versions hand them on.
CONTEXT = "resourceContext"
OWNERSHIP_TAG = "ownershipTag"
#: Whether the tracker is kept though its create has not come to its end.
UNFINISHED = "unfinished"


def pack(context: Mapping[str, Any]) -> str:
    """A context as one text, as in ``project=shop&stack=dev&resource=web``.

    A text, because front ends take their time over every single value; and not JSON, of which
    Pulumi's display makes many lines.
    """
    texts = {key: _unlike_json(value) for key, value in context.items()}
    return urlencode(texts, safe="/:$@,")


def unpack(text: str) -> dict[str, Any]:
    """The way back from `pack`; JSON, as earlier versions wrote it, is understood too."""
    if text.startswith("{"):
        return dict(json.loads(text))
    pairs = parse_qsl(text, keep_blank_values=True)
    return {key: _json_or_text(value) for key, value in pairs}


def _unlike_json(value: Any) -> str:
    plain = isinstance(value, str) and _json_or_text(value) is value
    return str(value) if plain else json.dumps(value)


def _json_or_text(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


class Problem(NamedTuple):
    """Something wrong with one property.

    Attributes:
        property: The property's name, or its path as in ``tags["team"]``.
        reason: What is wrong, and what would be right.
    """

    property: str
    reason: str


class Unknown:
    """A value that is not known yet, as at preview."""


UNKNOWN = Unknown()


class Context(NamedTuple):
    """What the front end knows of the resource besides its inputs.

    Attributes:
        project: The project that declares the resource.
        stack: The stack that it is part of.
        resource: Its name, with its parent's before it; for messages.
        parent: Its parent's name; empty at the top.
        organization: Pulumi Cloud's organization; empty elsewhere.
        parents: Its parents' types, as in ``shop:index:Site$shop:index:Search``; empty at the top.
        delete_before_replace: The program's own option; ``None`` where it says nothing.
        retain_on_delete: The program's own option.
        aliased: Whether the program tells of former names.
        secret_outputs: Whether the program makes secrets of outputs.
        group: Names what gives a dataset group's ARN that is not known yet; empty where it can't
            be told.
        named: Whether the program asks for a name; if not, the name is one that a check made up.
        bare: Whether nothing but the resource's address is known, so that any option may be set.
        marked: Of an imported tracker: the owner that its mark names, in place of all the above.
    """

    project: str = ""
    stack: str = ""
    resource: str = ""
    parent: str = ""
    organization: str = ""
    parents: str = ""
    delete_before_replace: bool | None = None
    retain_on_delete: bool = False
    aliased: bool = False
    secret_outputs: bool = False
    group: str = ""
    named: bool = True
    bare: bool = False
    marked: str = ""

    @property
    def is_known(self) -> bool:
        """Whether it tells whose the resource is."""
        return bool(self.resource or self.marked)

    @property
    def deletes_first(self) -> bool:
        """Whether the program has a replacement delete the old tracker, and before the new one."""
        return self.delete_before_replace is True and not self.retain_on_delete

    @property
    def name(self) -> str:
        """The resource's own name; empty where it can't be told from its parent's."""
        own = self.resource.removeprefix(f"{self.parent}/") if self.parent else self.resource
        return own if bool(self.parents) == bool(self.parent) else ""

    @property
    def owner(self) -> str:
        """The resource as an ownership tag names it, like no other of its stack."""
        return self.marked or self._called(self.organization)

    def is_called(self, owner: str) -> bool:
        """Whether an ownership tag names this resource; tags once named no organization."""
        return owner in (self.owner, self._called(""))

    @property
    def in_stack(self) -> str:
        """The resource, like no other of its stack."""
        # A tag takes no $.
        parents = f"{self.parents.replace('$', '/')}::" if self.parents else ""
        return parents + self.resource

    def _called(self, organization: str) -> str:
        project = f"{organization}/{self.project}" if organization else self.project
        return tags.owner_of(project, self.stack, self.in_stack)

    @classmethod
    def of(cls, props: Mapping[str, Any]) -> Context:
        """The context in a property bag; an empty one where it holds none."""
        given = props.get(CONTEXT)
        if not isinstance(given, Mapping):
            return cls()
        before = given.get("deleteBeforeReplace")
        keys = ("project", "stack", "resource", "parent", "organization", "parents", "group")
        texts = {key: given.get(key) for key in keys}
        return cls(
            # What is not known yet says nothing.
            **{key: text if isinstance(text, str) else "" for key, text in texts.items()},
            delete_before_replace=before if isinstance(before, bool) else None,
            retain_on_delete=given.get("retainOnDelete") is True,
            aliased=given.get("aliased") is True,
            secret_outputs=given.get("secretOutputs") is True,
            named=given.get("named") is not False,
            bare=given.get("bare") is True,
            marked=str(given.get("marked") or ""),
        )


class Inputs(NamedTuple):
    """The inputs of one event tracker, as far as they are known.

    Attributes:
        dataset_group_arn: The dataset group; ``None`` while unknown.
        name: The name asked for; ``None`` where none was, or while it is unknown.
        name_unknown: Whether a name is asked for that is not known yet.
        default_tags: The configuration's tags, without those that the resource has its own of.
        tags: The user's tags; ``None`` while any of them is unknown.
        adopt_existing: Whether a tracker that the group has already may be adopted; ``None``
            while unknown.
        context: What the front end knows of the resource.
    """

    dataset_group_arn: str | None
    name: str | None
    name_unknown: bool = False
    default_tags: Mapping[str, str] = tags.NONE
    tags: Mapping[str, str] | None = tags.NONE
    adopt_existing: bool | None = False
    context: Context = Context()

    @property
    def all_tags(self) -> Mapping[str, str] | None:
        """All tags that a tracker is to have, but our mark; ``None`` while any is unknown."""
        return None if self.tags is None else {**self.default_tags, **self.tags}

    @property
    def requested_name(self) -> str | None:
        """The name that the program asks for; ``None`` where any will do."""
        return self.name if self.context.named else None


def with_default_tags(props: Mapping[str, Any], defaults: Mapping[str, str]) -> dict[str, Any]:
    """A property bag with all tags that the tracker is to have, where there are default ones."""
    own = props.get(TAGS)
    every = {**defaults, **own} if isinstance(own, Mapping) else own or {**defaults}
    rest = {key: value for key, value in props.items() if key != TAGS_ALL}
    return {**rest, TAGS_ALL: every} if defaults else rest


def state_tags(state: Mapping[str, Any]) -> dict[str, str]:
    """All tags that a state tells of; one without default tags has its own."""
    return dict(state.get(TAGS_ALL, state.get(TAGS)) or {})


def parse(props: Mapping[str, Any]) -> tuple[Inputs, list[Problem]]:
    """Takes a property bag apart.

    Args:
        props: Keys in camelCase; values that are not known yet are `UNKNOWN`.

    Returns:
        The inputs, and everything that is wrong with them.
    """
    problems: list[Problem] = []
    name = props.get(NAME)
    defaults = _default_tags(props)
    inputs = Inputs(
        dataset_group_arn=_group(props.get(DATASET_GROUP_ARN), problems),
        name=_name(name, problems),
        # One that is derived waits for its dataset group; nobody asked for it.
        name_unknown=name is UNKNOWN and Context.of(props).named,
        tags=_tags(props.get(TAGS), defaults, problems),
        adopt_existing=_flag(props.get(ADOPT_EXISTING), problems),
        context=Context.of(props),
        default_tags=defaults,
    )
    known = (DATASET_GROUP_ARN, NAME, TAGS, ADOPT_EXISTING)
    problems.extend(
        Problem(key, f"unknown property; expected one of {', '.join(known)}")
        for key in props
        if key not in (*known, TAGS_ALL, CONTEXT) and not key.startswith("__")
    )
    return inputs, problems


def _group(value: Any, problems: list[Problem]) -> str | None:
    if value is UNKNOWN:
        return None
    reason = None
    if value is None:
        reason = "a dataset group ARN is required"
    elif not isinstance(value, str):
        reason = f"must be a string (a dataset group ARN), not {_kind(value)}"
    elif len(value) > arns.MAX_LENGTH:
        reason = f"the ARN is {len(value)} characters long; the maximum is {arns.MAX_LENGTH}"
    else:
        arn = arns.parse(value)
        if arn is None or arn.service != "personalize" or arn.kind != "dataset-group":
            reason = (
                "must be a dataset group ARN, for example "
                "arn:aws:personalize:us-east-1:123456789012:dataset-group/NAME"
            )
        elif not arn.region or not arn.account:
            reason = "the dataset group ARN must include a region and an account ID"
    if reason:
        problems.append(Problem(DATASET_GROUP_ARN, reason))
        return None
    return str(value)


def _name(value: Any, problems: list[Problem]) -> str | None:
    if value is None or value is UNKNOWN:
        return None
    if not isinstance(value, str):
        problems.append(Problem(NAME, f"must be a string, not {_kind(value)}"))
        return None
    if reason := names.problem_of(value):
        problems.append(Problem(NAME, reason))
    return value


def _flag(value: Any, problems: list[Problem]) -> bool | None:
    if value is UNKNOWN:
        return None
    if value is None or isinstance(value, bool):
        return value is True
    problems.append(Problem(ADOPT_EXISTING, f"must be a boolean, not {_kind(value)}"))
    return False


def _default_tags(props: Mapping[str, Any]) -> dict[str, str]:
    own, every = props.get(TAGS), props.get(TAGS_ALL)
    if not isinstance(every, Mapping) or not (own is None or isinstance(own, Mapping)):
        return {}
    return {key: text for key, text in every.items() if key not in (own or {})}


def _tags(
    value: Any, defaults: Mapping[str, str], problems: list[Problem]
) -> dict[str, str] | None:
    if value is UNKNOWN:
        return None
    value = {} if value is None else value
    # A path of its own: the engine prints the value of a property, be it secret, but not of this.
    path = f"{TAGS}[]"
    if not isinstance(value, Mapping):
        problems.append(Problem(path, f"must be a map of strings, not {_kind(value)}"))
        return {}
    if (count := len({**defaults, **value})) > tags.MAX_TAGS:
        with_them = f", {len(defaults)} of them default tags" if defaults else ""
        reason = f"too many tags: {count}{with_them} (maximum {tags.MAX_TAGS})"
        problems.append(Problem(path, reason))
    for key, text in value.items():
        if problem := _tag_problem(key, text):
            problems.append(Problem(f"{TAGS}[{json.dumps(str(key), ensure_ascii=False)}]", problem))
    unknown = any(text is UNKNOWN for text in value.values())
    return None if unknown else {str(key): str(text) for key, text in value.items()}


def _tag_problem(key: Any, text: Any) -> str | None:
    if not isinstance(key, str):
        return f"tag keys must be strings, not {_kind(key)}"
    if reason := tags.problem_of_key(key):
        return reason
    if text is UNKNOWN:
        return None
    if not isinstance(text, str):
        return f"must be a string, not {_kind(text)}"
    return tags.problem_of_value(text)


def _kind(value: Any) -> str:
    words = {bool: "a boolean", int: "a number", float: "a number", str: "a string"}
    words |= {list: "a list", dict: "a map", type(None): "null"}
    return words.get(type(value), type(value).__name__)
