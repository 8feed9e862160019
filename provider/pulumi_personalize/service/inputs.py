"""What a user may ask for: a property bag taken apart, with every fault in it found at once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from . import arns, names, tags

DATASET_GROUP_ARN = "datasetGroupArn"
NAME = "name"
TAGS = "tags"
ADOPT_EXISTING = "adoptExisting"
#: What the front end tells of the resource, and what it keeps of a create: the attempt that the
#: ownership mark tells. Pulumi's engine takes keys that start so for its own, mostly.
CONTEXT = "__context"
MARK = "__mark"
#: Whether the tracker is kept though its create has not come to its end.
UNFINISHED = "__unfinished"


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
        organization: Pulumi Cloud's organization; empty elsewhere.
        parents: Its parents' types, as in ``shop:index:Site$shop:index:Search``; empty at the top.
        delete_before_replace: The program's own option; ``None`` where it says nothing.
        retain_on_delete: The program's own option.
        aliased: Whether the program tells of former names.
        group: Names what gives a dataset group's ARN that is not known yet; empty where it can't
            be told.
        named: Whether the program asks for a name; if not, the name is one that a check made up.
        bare: Whether nothing but the resource's address is known, so that any option may be set.
        marked: Of an imported tracker: the owner that its mark names, in place of all the above.
    """

    project: str = ""
    stack: str = ""
    resource: str = ""
    organization: str = ""
    parents: str = ""
    delete_before_replace: bool | None = None
    retain_on_delete: bool = False
    aliased: bool = False
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
    def owner(self) -> str:
        """The resource as an ownership mark names it, like no other of its stack."""
        return self.marked or self._called(self.organization)

    def is_called(self, owner: str) -> bool:
        """Whether an ownership mark names this resource; marks once named no organization."""
        return owner in (self.owner, self._called(""))

    def _called(self, organization: str) -> str:
        # A tag takes no $.
        parents = f"{self.parents.replace('$', '/')}::" if self.parents else ""
        project = f"{organization}/{self.project}" if organization else self.project
        return tags.owner_of(project, self.stack, parents + self.resource)

    @classmethod
    def of(cls, bag: Mapping[str, Any]) -> Context:
        """The context in a property bag; an empty one where it holds none."""
        given = bag.get(CONTEXT)
        if not isinstance(given, Mapping):
            return cls()
        before = given.get("deleteBeforeReplace")
        keys = ("project", "stack", "resource", "organization", "parents", "group")
        texts = {key: given.get(key) for key in keys}
        return cls(
            # What is not known yet says nothing.
            **{key: text if isinstance(text, str) else "" for key, text in texts.items()},
            delete_before_replace=before if isinstance(before, bool) else None,
            retain_on_delete=given.get("retainOnDelete") is True,
            aliased=given.get("aliased") is True,
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
        tags: The user's tags; ``None`` while any of them is unknown.
        adopt_existing: Whether a tracker that the group has already may be adopted; ``None``
            while unknown.
        context: What the front end knows of the resource.
    """

    dataset_group_arn: str | None
    name: str | None
    name_unknown: bool = False
    tags: Mapping[str, str] | None = tags.NONE
    adopt_existing: bool | None = False
    context: Context = Context()

    @property
    def requested_name(self) -> str | None:
        """The name that the program asks for; ``None`` where any will do."""
        return self.name if self.context.named else None


def parse(bag: Mapping[str, Any]) -> tuple[Inputs, list[Problem]]:
    """Takes a property bag apart.

    Args:
        bag: Keys in camelCase; values that are not known yet are `UNKNOWN`.

    Returns:
        The inputs, and everything that is wrong with them.
    """
    problems: list[Problem] = []
    name = bag.get(NAME)
    inputs = Inputs(
        dataset_group_arn=_group(bag.get(DATASET_GROUP_ARN), problems),
        name=_name(name, problems),
        # One that is derived waits for its dataset group; nobody asked for it.
        name_unknown=name is UNKNOWN and Context.of(bag).named,
        tags=_tags(bag.get(TAGS), problems),
        adopt_existing=_flag(bag.get(ADOPT_EXISTING), problems),
        context=Context.of(bag),
    )
    known = (DATASET_GROUP_ARN, NAME, TAGS, ADOPT_EXISTING)
    problems.extend(
        Problem(key, f"is not an input; known are {', '.join(known)}")
        for key in bag
        if key not in known and not key.startswith("__")
    )
    return inputs, problems


def _group(value: Any, problems: list[Problem]) -> str | None:
    if value is UNKNOWN:
        return None
    reason = None
    if value is None:
        reason = "the ARN of a dataset group is required"
    elif not isinstance(value, str):
        reason = f"the ARN of a dataset group is a text, not {_kind(value)}"
    elif len(value) > arns.MAX_LENGTH:
        reason = f"an ARN has at most {arns.MAX_LENGTH} characters, this one {len(value)}"
    else:
        arn = arns.parse(value)
        if arn is None or arn.service != "personalize" or arn.kind != "dataset-group":
            reason = (
                "is not the ARN of a dataset group, "
                "as in arn:aws:personalize:us-east-1:123456789012:dataset-group/NAME"
            )
        elif not arn.region or not arn.account:
            reason = "the ARN of a dataset group names its region and account"
    if reason:
        problems.append(Problem(DATASET_GROUP_ARN, reason))
        return None
    return str(value)


def _name(value: Any, problems: list[Problem]) -> str | None:
    if value is None or value is UNKNOWN:
        return None
    if not isinstance(value, str):
        problems.append(Problem(NAME, f"a name is a text, not {_kind(value)}"))
        return None
    if reason := names.problem_of(value):
        problems.append(Problem(NAME, reason))
    return value


def _flag(value: Any, problems: list[Problem]) -> bool | None:
    if value is UNKNOWN:
        return None
    if value is None or isinstance(value, bool):
        return value is True
    problems.append(Problem(ADOPT_EXISTING, f"is true or false, not {_kind(value)}"))
    return False


def _tags(value: Any, problems: list[Problem]) -> dict[str, str] | None:
    if value is UNKNOWN:
        return None
    if value is None:
        return {}
    # A path of its own: the engine prints the value of a property, be it secret, but not of this.
    path = f"{TAGS}[]"
    if not isinstance(value, Mapping):
        problems.append(Problem(path, f"tags are a mapping, not {_kind(value)}"))
        return {}
    if len(value) > tags.MAX_TAGS:
        reason = f"a tracker takes at most {tags.MAX_TAGS} tags, these are {len(value)}"
        problems.append(Problem(path, reason))
    for key, text in value.items():
        if problem := _tag_problem(key, text):
            problems.append(Problem(f"{TAGS}[{json.dumps(str(key), ensure_ascii=False)}]", problem))
    unknown = any(text is UNKNOWN for text in value.values())
    return None if unknown else {str(key): str(text) for key, text in value.items()}


def _tag_problem(key: Any, text: Any) -> str | None:
    if not isinstance(key, str):
        return f"a tag's key is a text, not {_kind(key)}"
    if reason := tags.problem_of_key(key):
        return reason
    if text is UNKNOWN:
        return None
    if not isinstance(text, str):
        return f"a tag's value is a text, not {_kind(text)}"
    return tags.problem_of_value(text)


def _kind(value: Any) -> str:
    words = {bool: "a truth value", int: "a number", float: "a number", str: "a text"}
    words |= {list: "a list", dict: "a mapping", type(None): "null"}
    return words.get(type(value), type(value).__name__)
