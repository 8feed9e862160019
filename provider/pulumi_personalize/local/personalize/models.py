"""PersonalizeBackend class with methods for supported APIs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

from moto.core.base_backend import BackendDict, BaseBackend
from moto.core.common_models import BaseModel
from moto.core.utils import utcnow
from moto.moto_api import state_manager
from moto.moto_api._internal import mock_random
from moto.utilities.tagging_service import TaggingService

from . import lifecycle
from .exceptions import (
    InvalidInputException,
    LimitExceededException,
    ResourceAlreadyExistsException,
    ResourceInUseException,
    ResourceNotFoundException,
    TooManyTagKeysException,
)
from .lifecycle import Lifecycle
from .rules import Rules
from .utils import MAX_TAGS, check_avro_record, check_tags, page

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

INTERACTIONS = "INTERACTIONS"
"""The type of the dataset that events go to."""

DATASET_TYPES = (INTERACTIONS, "ITEMS", "USERS", "ACTIONS", "ACTION_INTERACTIONS")
"""https://docs.aws.amazon.com/personalize/latest/dg/API_CreateDataset.html, in any case."""


@dataclass(eq=False)
class Resource(BaseModel):
    """What all resources have.

    Attributes:
        arn: The Amazon Resource Name.
        name: The name that the user gave it.
        creation_date_time: When it was created (UTC, without a time zone).
    """

    arn: str
    name: str
    creation_date_time: datetime


@dataclass(eq=False)
class Schema(Resource):
    """https://docs.aws.amazon.com/personalize/latest/dg/API_DatasetSchema.html."""

    schema: str
    domain: str | None

    @property
    def last_updated_date_time(self) -> datetime:
        """A schema never changes."""
        return self.creation_date_time


@dataclass(eq=False)
class StatefulResource(Resource, Lifecycle):
    """A resource that takes time to create and to delete."""

    def __post_init__(self) -> None:
        Lifecycle.__init__(self, self.creation_date_time)


@dataclass(eq=False)
class DatasetGroup(StatefulResource):
    """https://docs.aws.amazon.com/personalize/latest/dg/API_DatasetGroup.html."""

    MODEL_NAME: ClassVar[str] = "personalize::dataset_group"
    DELETION: ClassVar[tuple[str, ...]] = (lifecycle.DELETE_PENDING,)

    role_arn: str | None
    kms_key_arn: str | None
    domain: str | None

    @property
    def failure_reason(self) -> str | None:
        """Why the creation failed; None unless it did."""
        return "Internal failure." if self.status == lifecycle.CREATE_FAILED else None


@dataclass(eq=False)
class Dataset(StatefulResource):
    """https://docs.aws.amazon.com/personalize/latest/dg/API_Dataset.html."""

    MODEL_NAME: ClassVar[str] = "personalize::dataset"

    dataset_group_arn: str
    dataset_type: str
    schema_arn: str


@dataclass(eq=False)
class EventTracker(StatefulResource):
    """https://docs.aws.amazon.com/personalize/latest/dg/API_EventTracker.html."""

    MODEL_NAME: ClassVar[str] = "personalize::event_tracker"

    account_id: str
    tracking_id: str
    dataset_group_arn: str


MODEL_NAMES = tuple(model.MODEL_NAME for model in (DatasetGroup, Dataset, EventTracker))
"""What moto's state manager knows the models by."""

for model_name in MODEL_NAMES:
    state_manager.register_default_transition(model_name, {"progression": "immediate"})

R = TypeVar("R", bound=Resource)
S = TypeVar("S", bound=StatefulResource)


class PersonalizeBackend(BaseBackend):
    """Implementation of Personalize APIs.

    Attributes:
        RESOURCE_LIMIT: How many resources of each type an account may have in a region. More
            than at AWS (https://docs.aws.amazon.com/personalize/latest/dg/limits.html: 5 dataset
            groups), where it can be raised.
        rules: The rules in force, for all accounts and regions.
    """

    RESOURCE_LIMIT: ClassVar[int] = 500
    rules: ClassVar[Rules] = Rules()

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.schemas: dict[str, Schema] = {}
        self.dataset_groups: dict[str, DatasetGroup] = {}
        self.datasets: dict[str, Dataset] = {}
        self.event_trackers: dict[str, EventTracker] = {}
        self.tagger = TaggingService("tags", "tagKey", "tagValue")

    def stateful(self) -> dict[str, StatefulResource]:
        """Returns all resources that have a state, and may have tags, by ARN."""
        return {**self.dataset_groups, **self.datasets, **self.event_trackers}

    def settle(self) -> None:
        """Brings all resources to the state they have by now, and drops those that are gone."""
        for arn, resource in self.stateful().items():
            if resource.settle() == lifecycle.GONE:
                for resources in (self.dataset_groups, self.datasets, self.event_trackers):
                    cast("dict[str, Any]", resources).pop(arn, None)
                self.tagger.delete_all_tags_for_resource(arn)

    def create_schema(self, name: str, schema: str, domain: str | None) -> Schema:
        """Makes a schema; `schema` is the JSON of an Avro record."""
        check_avro_record(schema)
        arn = self._arn("schema", name)
        self._check_room(self.schemas, arn)
        self.schemas[arn] = Schema(arn, name, utcnow(), schema, domain)
        return self.schemas[arn]

    def describe_schema(self, schema_arn: str) -> Schema:
        """Returns a schema."""
        return self._find(self.schemas, schema_arn)

    def list_schemas(
        self, next_token: str | None, max_results: int | None
    ) -> tuple[list[Schema], str | None]:
        """Returns a page of all schemas (see `utils.page`)."""
        return page(self.schemas.values(), "schemas", next_token, max_results)

    def delete_schema(self, schema_arn: str) -> None:
        """Deletes a schema at once, unless a dataset uses it."""
        self._find(self.schemas, schema_arn)
        _refuse_while_used(
            schema_arn, [one for one in self.datasets.values() if one.schema_arn == schema_arn]
        )
        del self.schemas[schema_arn]

    def create_dataset_group(
        self,
        name: str,
        role_arn: str | None,
        kms_key_arn: str | None,
        domain: str | None,
        tags: list[dict[str, str]],
    ) -> DatasetGroup:
        """Starts the creation of a dataset group."""
        check_tags(tags)
        if role_arn and not kms_key_arn:
            raise InvalidInputException("roleArn is only valid together with kmsKeyArn.")
        arn = self._arn("dataset-group", name)
        self._check_room(self.dataset_groups, arn)
        group = DatasetGroup(arn, name, utcnow(), role_arn, kms_key_arn, domain)
        return self._add(self.dataset_groups, group, tags)

    def describe_dataset_group(self, dataset_group_arn: str) -> DatasetGroup:
        """Returns a dataset group, after it advanced if its progression is manual."""
        return self._describe(self.dataset_groups, dataset_group_arn)

    def list_dataset_groups(
        self, next_token: str | None, max_results: int | None
    ) -> tuple[list[DatasetGroup], str | None]:
        """Returns a page of all dataset groups (see `utils.page`)."""
        self.settle()
        return page(self.dataset_groups.values(), "dataset groups", next_token, max_results)

    def delete_dataset_group(self, dataset_group_arn: str) -> None:
        """Starts the deletion of a dataset group, which must be empty."""
        group = self._find(self.dataset_groups, dataset_group_arn)
        inside: list[Dataset | EventTracker] = [
            *self.datasets.values(),
            *self.event_trackers.values(),
        ]
        _refuse_while_used(group.arn, [one for one in inside if one.dataset_group_arn == group.arn])
        _start_deletion(group)

    def create_dataset(
        self,
        name: str,
        schema_arn: str,
        dataset_group_arn: str,
        dataset_type: str,
        tags: list[dict[str, str]],
    ) -> Dataset:
        """Starts the creation of a dataset; `dataset_type` is one of `DATASET_TYPES`."""
        check_tags(tags)
        dataset_type = dataset_type.upper()
        if dataset_type not in DATASET_TYPES:
            raise InvalidInputException(
                f"The dataset type must be one of {', '.join(DATASET_TYPES)}."
            )
        group = self._active_group(dataset_group_arn)
        self._find(self.schemas, schema_arn)
        arn = self._arn("dataset", f"{group.name}/{dataset_type}")
        self._check_room(self.datasets, arn)
        dataset = Dataset(arn, name, utcnow(), group.arn, dataset_type, schema_arn)
        return self._add(self.datasets, dataset, tags)

    def describe_dataset(self, dataset_arn: str) -> Dataset:
        """Returns a dataset, after it advanced if its progression is manual."""
        return self._describe(self.datasets, dataset_arn)

    def list_datasets(
        self, dataset_group_arn: str | None, next_token: str | None, max_results: int | None
    ) -> tuple[list[Dataset], str | None]:
        """Returns a page of the datasets of one dataset group or of all (None)."""
        self.settle()
        chosen = _in_group(self.datasets.values(), dataset_group_arn)
        return page(chosen, f"datasets of {dataset_group_arn}", next_token, max_results)

    def delete_dataset(self, dataset_arn: str) -> None:
        """Starts the deletion of a dataset, which an event tracker must not send events to."""
        dataset = self._find(self.datasets, dataset_arn)
        if dataset.dataset_type == INTERACTIONS:
            trackers = _in_group(self.event_trackers.values(), dataset.dataset_group_arn)
            _refuse_while_used(dataset.arn, trackers)
        _start_deletion(dataset)

    def create_event_tracker(
        self, name: str, dataset_group_arn: str, tags: list[dict[str, str]]
    ) -> EventTracker:
        """Starts the creation of an event tracker; a dataset group can have one."""
        check_tags(tags)
        group = self._active_group(dataset_group_arn)
        for other in self.event_trackers.values():
            if other.dataset_group_arn == group.arn:
                raise ResourceAlreadyExistsException(
                    f"Event tracker already exists for dataset group {group.arn}: {other.arn}."
                )
            if other.name == name and self.rules.unique_names:
                raise ResourceAlreadyExistsException(
                    f"Another resource with Arn {other.arn} already exists."
                )
        if self.rules.interactions_dataset and not self._takes_events(group):
            raise InvalidInputException(
                f"Dataset group {group.arn} does not have an Interactions dataset. Create one "
                "before you create an event tracker."
            )
        arn = self._arn("event-tracker", mock_random.get_random_hex(8))
        self._check_room(self.event_trackers, arn)
        tracker = EventTracker(
            arn, name, utcnow(), self.account_id, str(mock_random.uuid4()), group.arn
        )
        return self._add(self.event_trackers, tracker, tags)

    def describe_event_tracker(self, event_tracker_arn: str) -> EventTracker:
        """Returns an event tracker, after it advanced if progression is manual."""
        return self._describe(self.event_trackers, event_tracker_arn)

    def list_event_trackers(
        self, dataset_group_arn: str | None, next_token: str | None, max_results: int | None
    ) -> tuple[list[EventTracker], str | None]:
        """Returns a page of the trackers of one dataset group or of all (None)."""
        self.settle()
        chosen = _in_group(self.event_trackers.values(), dataset_group_arn)
        if not self.rules.list_shows_going:
            chosen = [one for one in chosen if one.status not in one.DELETION]
        return page(chosen, f"event trackers of {dataset_group_arn}", next_token, max_results)

    def delete_event_tracker(self, event_tracker_arn: str) -> None:
        """Starts the deletion of an event tracker."""
        _start_deletion(self._find(self.event_trackers, event_tracker_arn))

    def tag_resource(self, resource_arn: str, tags: list[dict[str, str]]) -> None:
        """Adds tags, dicts of tagKey and tagValue, to a resource in any state."""
        self._find(self.stateful(), resource_arn)
        check_tags(tags, self.tagger.get_tag_dict_for_resource(resource_arn))
        self.tagger.tag_resource(resource_arn, tags)

    def untag_resource(self, resource_arn: str, tag_keys: list[str]) -> None:
        """Removes tags by their keys from a resource in any state."""
        self._find(self.stateful(), resource_arn)
        if len(tag_keys) > MAX_TAGS:
            raise TooManyTagKeysException(f"At most {MAX_TAGS} tag keys may be given.")
        self.tagger.untag_resource_using_names(resource_arn, tag_keys)

    def list_tags_for_resource(self, resource_arn: str) -> list[dict[str, str]]:
        """Returns the tags, dicts of tagKey and tagValue, of a resource."""
        self._find(self.stateful(), resource_arn)
        return self.tagger.list_tags_for_resource(resource_arn)["tags"]

    def _arn(self, kind: str, identifier: str) -> str:
        return (
            f"arn:{self.partition}:personalize:{self.region_name}:{self.account_id}:"
            f"{kind}/{identifier}"
        )

    def _find(self, resources: dict[str, R], arn: str) -> R:
        self.settle()
        if arn not in resources:
            raise ResourceNotFoundException(arn)
        return resources[arn]

    def _describe(self, resources: dict[str, S], arn: str) -> S:
        self._find(resources, arn).advance()
        return self._find(resources, arn)

    def _active_group(self, arn: str) -> DatasetGroup:
        group = self._find(self.dataset_groups, arn)
        if group.status == lifecycle.CREATE_FAILED:
            raise InvalidInputException(f"Resource Arn {arn} is in {group.status} state.")
        if group.status != lifecycle.ACTIVE:
            raise ResourceInUseException(f"Resource Arn {arn} is in {group.status} state.")
        return group

    def _takes_events(self, group: DatasetGroup) -> bool:
        return any(
            one.dataset_type == INTERACTIONS
            and one.status not in {lifecycle.CREATE_FAILED, *one.DELETION}
            for one in _in_group(self.datasets.values(), group.arn)
        )

    def _check_room(self, resources: dict[str, Any], arn: str) -> None:
        self.settle()
        if arn in resources:
            raise ResourceAlreadyExistsException(f"Another resource with Arn {arn} already exists.")
        if len(resources) >= self.RESOURCE_LIMIT:
            statuses = [getattr(one, "status", lifecycle.ACTIVE) for one in resources.values()]
            reason = "in ACTIVE state. Please delete some and try again"
            if lifecycle.ACTIVE not in statuses:
                reason = "with PENDING or IN_PROGRESS status"
            raise LimitExceededException(f"More than {self.RESOURCE_LIMIT} resources {reason}")

    def _add(self, resources: dict[str, S], resource: S, tags: list[dict[str, str]]) -> S:
        resources[resource.arn] = resource
        self.tagger.tag_resource(resource.arn, tags)
        return resource


def _in_group(resources: Iterable[Any], dataset_group_arn: str | None) -> list[Any]:
    return [one for one in resources if dataset_group_arn in {None, one.dataset_group_arn}]


def _start_deletion(resource: StatefulResource) -> None:
    if resource.status not in {lifecycle.ACTIVE, lifecycle.CREATE_FAILED}:
        raise ResourceInUseException(f"Resource Arn {resource.arn} is in {resource.status} state.")
    resource.status = lifecycle.DELETE_PENDING


def _refuse_while_used(arn: str, users: list[Any]) -> None:
    if users:
        raise ResourceInUseException(f"Resource Arn {arn} is in use by {users[0].arn}.")


personalize_backends = BackendDict(PersonalizeBackend, "personalize")
