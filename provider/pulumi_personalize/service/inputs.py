"""The inputs of an event tracker, and the Pulumi resource that declares it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode

from . import names, tags

DATASET_GROUP_ARN = "datasetGroupArn"
NAME = "name"
TAGS = "tags"
#: The tags merged with the default tags; present only if there are default tags.
TAGS_ALL = "tagsAll"
ADOPT_EXISTING = "adoptExisting"
#: The resource: see `Resource`. Not ``__``-prefixed: Pulumi reserves such keys.
CONTEXT = "resourceContext"
#: The attempt in the ownership tag, or `NO_ATTEMPT`.
OWNERSHIP_TAG = "ownershipTag"
NO_ATTEMPT = "none"
#: Whether the state keeps the tracker though its create has not completed.
UNFINISHED = "unfinished"

#: The type of the native provider's resource.
NATIVE_TYPE = "personalize:index:EventTracker"

_URN = "urn:pulumi:"
_FLAGS = {"true": True, "false": False}
_TEXTS: dict[Any, str] = {flag: text for text, flag in _FLAGS.items()}


class Problem(NamedTuple):
    """What is wrong with a property, or with a part of it, as in ``tags["team"]``."""

    property: str
    reason: str


class Unknown:
    """The type of `UNKNOWN`."""


#: A value that is not known yet, as at preview.
UNKNOWN = Unknown()


def pack(urn: str, options: Mapping[str, str]) -> str:
    """Joins a URN and options into one text, as in ``retain_on_delete=true urn:pulumi:…``.

    One text, because Pulumi is slow per property.
    """
    return f"{urlencode(options)} {urn}".strip()


def unpack(text: str) -> tuple[str, dict[str, str]]:
    """Splits a text that `pack` made into URN and options."""
    options, separator, urn = text.partition(_URN)
    return separator + urn, dict(parse_qsl(options.strip(), keep_blank_values=True))


class Resource(NamedTuple):
    """The Pulumi resource that declares an event tracker.

    Attributes:
        urn: Its URN, ``urn:pulumi:STACK::PROJECT::PARENTS$TYPE::NAME``; empty if not known.
        delete_before_replace: The program's option; ``None`` if it sets none. True with a
            ``has_fixed_name``, whatever the program says.
        has_fixed_name: Whether the configuration ``pulumi:autonaming`` has nothing random for it,
            so that Pulumi deletes first.
        retain_on_delete: The program's option.
        secret_outputs: Whether the program makes any of the outputs secret.
        group: The URN of a dataset group whose ARN is not known yet.
        named: Whether the program asks for a name; if not, the check has derived one.
        options_known: Whether the program passes its options on; only Python's do.
        previous_owner: For an import, the other resource that the ownership tag names.
    """

    urn: str = ""
    delete_before_replace: bool | None = None
    has_fixed_name: bool = False
    retain_on_delete: bool = False
    secret_outputs: bool = False
    group: str = ""
    named: bool = True
    options_known: bool = True
    previous_owner: str = ""

    @classmethod
    def of(cls, props: Mapping[str, Any]) -> Resource:
        """The resource of a property bag; empty if the bag does not name it."""
        text = props.get(CONTEXT)
        urn, options = unpack(text) if isinstance(text, str) else ("", {})
        known = {key: _FLAGS.get(text, text) for key, text in options.items()}
        fields: dict[str, Any] = {key: known[key] for key in cls._fields if key in known}
        return cls(**{**fields, "urn": urn})

    @property
    def context(self) -> str:
        """The resource as `CONTEXT` holds it: its URN, and the options that are not the default."""
        values = {key: getattr(self, key) for key in self._fields if key != "urn"}
        options = {
            key: value for key, value in values.items() if value != self._field_defaults[key]
        }
        return pack(self.urn, {key: _TEXTS.get(value, value) for key, value in options.items()})

    @property
    def _parts(self) -> list[str]:
        """Stack, project, types and name."""
        parts = self.urn.removeprefix(_URN).split("::", 3)
        return parts if len(parts) == 4 else [""] * 4

    @property
    def name(self) -> str:
        """Its name in the program."""
        return self._parts[3]

    @property
    def stack(self) -> str:
        """Its stack's name."""
        return self._parts[0]

    @property
    def path(self) -> str:
        """Its parents' types and its name, unique in the stack."""
        _, _, types, name = self._parts
        parents = types.rpartition("$")[0].replace("$", "/")
        return f"{parents}::{name}" if parents else name

    @property
    def is_importable(self) -> bool:
        """Whether its provider, the native one, supports an import."""
        _, _, types, _ = self._parts
        return types.rpartition("$")[2] == NATIVE_TYPE

    @property
    def stack_prefix(self) -> str:
        """What the owners of one stack's resources begin with."""
        stack, project, _, _ = self._parts
        return f"{project}/{stack}/"

    @property
    def owner(self) -> str:
        """The resource in an ownership tag: project, stack and path."""
        return self.previous_owner or tags.owner_of(f"{self.stack_prefix}{self.path}")

    @property
    def deletes_first(self) -> bool:
        """Whether a replacement deletes the old event tracker before it creates the new one."""
        return self.delete_before_replace is True and not self.retain_on_delete

    def spelled(self, key: str) -> str:
        """An input or option as the program's language spells it, as in ``adopt_existing``."""
        return names.snake(key) if self.options_known else key

    def setting(self, key: str, value: object) -> str:
        """What the program writes for a value, as in ``adopt_existing=True``."""
        if self.options_known:
            return f"{names.snake(key)}={value!r}"
        return f"{key}: {json.dumps(value)}"


class Inputs(NamedTuple):
    """The inputs of one event tracker, as far as they are known.

    Attributes:
        dataset_group_arn: The dataset group; ``None`` while unknown.
        name: The name; ``None`` if there is none yet, or while it is unknown.
        name_unknown: Whether the program asks for a name that is not known yet.
        default_tags: The configuration's tags, without those that the resource overrides.
        tags: The user's tags; ``None`` while any of them is unknown.
        adopt_existing: Whether the group's existing tracker may be adopted; ``None`` while
            unknown.
        resource: The resource that declares it.
    """

    dataset_group_arn: str | None
    name: str | None
    name_unknown: bool = False
    default_tags: Mapping[str, str] = tags.NONE
    tags: Mapping[str, str] | None = tags.NONE
    adopt_existing: bool | None = False
    resource: Resource = Resource()

    @property
    def all_tags(self) -> Mapping[str, str] | None:
        """All tags but the ownership tag; ``None`` while any is unknown."""
        return None if self.tags is None else {**self.default_tags, **self.tags}

    @property
    def requested_name(self) -> str | None:
        """The name that the program asks for; ``None`` if any will do."""
        return self.name if self.resource.named else None

    def accepts_name(self, name: str) -> bool:
        """Whether the program asks for this name, or for none."""
        return self.requested_name in (None, name)


def with_default_tags(props: Mapping[str, Any], defaults: Mapping[str, str]) -> dict[str, Any]:
    """Adds `TAGS_ALL` to a property bag if there are default tags."""
    own = props.get(TAGS)
    merged = {**defaults, **own} if isinstance(own, Mapping) else own or {**defaults}
    rest = {key: value for key, value in props.items() if key != TAGS_ALL}
    return {**rest, TAGS_ALL: merged} if defaults else rest


def state_tags(state: Mapping[str, Any]) -> dict[str, str]:
    """All tags in a state, the default tags included."""
    return dict(state.get(TAGS_ALL, state.get(TAGS)) or {})


def parse(props: Mapping[str, Any]) -> tuple[Inputs, list[Problem]]:
    """Parses a property bag into inputs and everything that is wrong with them."""
    problems: list[Problem] = []

    def read(key: str, problem_of: Callable[[Any], str | None]) -> Any:
        value = props.get(key)
        if value is None or value is UNKNOWN:
            return None
        # A path, because the engine would print the value: Pulumi's page-long text.
        if reason := _problem_of_output(value):
            problems.append(Problem(f"{key}[]", reason))
            return None
        if reason := problem_of(value):
            problems.append(Problem(key, reason))
            return None
        return value

    if props.get(DATASET_GROUP_ARN) is None:
        problems.append(Problem(DATASET_GROUP_ARN, "a dataset group ARN is required"))
    resource, defaults = Resource.of(props), _default_tags(props)
    adopt_existing = read(ADOPT_EXISTING, _problem_of_flag)
    inputs = Inputs(
        dataset_group_arn=read(DATASET_GROUP_ARN, _problem_of_group),
        name=read(NAME, names.problem_of),
        # A derived name is unknown as long as the group is; the program does not ask for it.
        name_unknown=props.get(NAME) is UNKNOWN and resource.named,
        default_tags=defaults,
        tags=_tags(props.get(TAGS), defaults, problems),
        adopt_existing=None if props.get(ADOPT_EXISTING) is UNKNOWN else bool(adopt_existing),
        resource=resource,
    )
    known = (DATASET_GROUP_ARN, NAME, TAGS, ADOPT_EXISTING)
    problems.extend(
        Problem(key, f"unknown property; expected one of {', '.join(known)}")
        for key in props
        if key not in (*known, TAGS_ALL, CONTEXT) and not key.startswith("__")
    )
    return inputs, problems


def _problem_of_group(value: object) -> str | None:
    arn = names.parse_arn(value) if isinstance(value, str) else None
    if arn and arn.kind == "dataset-group":
        return None
    example = "arn:aws:personalize:us-east-1:123456789012:dataset-group/NAME"
    return f"must be a dataset group ARN, for example {example}"


def _problem_of_flag(value: object) -> str | None:
    return None if isinstance(value, bool) else "must be a boolean"


def _problem_of_output(value: object) -> str | None:
    """What is wrong with a value that Python made of an Output, as an f-string does."""
    if not isinstance(value, str) or "Calling __str__ on an Output" not in value:
        return None
    return "is an Output in a string: use pulumi.Output.format(...), or its method apply"


def _default_tags(props: Mapping[str, Any]) -> dict[str, str]:
    own, merged = props.get(TAGS), props.get(TAGS_ALL)
    if not isinstance(merged, Mapping) or not (own is None or isinstance(own, Mapping)):
        return {}
    return {key: text for key, text in merged.items() if key not in (own or {})}


def _tags(
    value: Any, defaults: Mapping[str, str], problems: list[Problem]
) -> dict[str, str] | None:
    if value is UNKNOWN:
        return None
    value = {} if value is None else value
    # A path, because the engine would print the value of a property, even if it is secret.
    path = f"{TAGS}[]"
    if not isinstance(value, Mapping):
        problems.append(Problem(path, "must be a map of strings"))
        return {}
    if (count := len({**defaults, **value})) > tags.MAX_TAGS:
        with_them = f", {len(defaults)} of them default tags" if defaults else ""
        reason = f"too many tags: {count}{with_them} (maximum {tags.MAX_TAGS})"
        problems.append(Problem(path, reason))
    for key, text in value.items():
        if problem := _problem_of_output(key):
            problems.append(Problem(path, f"a key {problem}"))
            continue
        problem = tags.problem_of_key(key)
        if not problem and text is not UNKNOWN:
            problem = _problem_of_output(text) or tags.problem_of_value(text)
        if problem:
            problems.append(Problem(f"{TAGS}[{json.dumps(key, ensure_ascii=False)}]", problem))
    is_unknown = any(text is UNKNOWN for text in value.values())
    return None if is_unknown else {key: str(text) for key, text in value.items()}
