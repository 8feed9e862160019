"""Handles incoming personalize requests, invokes methods, returns responses."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult, BaseResponse, EmptyResult
from moto.core.utils import camelcase_to_underscores, get_service_model

from .models import PersonalizeBackend, personalize_backends
from .validation import check

if TYPE_CHECKING:
    from collections.abc import Callable

    from moto.core.common_types import TYPE_RESPONSE
    from moto.core.request import Request


class ValidatedResponse(BaseResponse):
    """A response whose request was checked against the service model first."""

    def __init__(self, service_name: str) -> None:
        super().__init__(service_name=service_name)
        self.automated_parameter_parsing = True

    def parse_parameters(self, request: Request) -> None:
        """Takes the parameters from the JSON body.

        Args:
            request: The request.

        Raises:
            InvalidInputException: They break a constraint of the service model.
        """
        operation = get_service_model(self.boto3_service_name).operation_model(self._get_action())
        self.params = json.loads(request.data or "{}")
        check(operation.input_shape, self.params)

    def _dispatch(
        self, request: Request, full_url: str | None = None, headers: Any = None
    ) -> TYPE_RESPONSE:
        try:
            return super()._dispatch(request, full_url, headers)
        except ServiceException as error:
            return self.serialized(ActionResult(error))


class PersonalizeResponse(ValidatedResponse):
    """Handler for Personalize requests and responses."""

    def __init__(self) -> None:
        super().__init__(service_name="personalize")

    @property
    def personalize_backend(self) -> PersonalizeBackend:
        """Return backend instance specific for this region."""
        return personalize_backends[self.current_account][self.region]

    def _get_action(self) -> str:
        # moto's looks for "Action=" in the body too, where a tag's value may have it.
        return str(self.headers.get("X-Amz-Target", "")).split(".")[-1]

    def create_schema(self) -> ActionResult:
        """Answers CreateSchema."""
        schema = self.personalize_backend.create_schema(
            name=self._get_param("name"),
            schema=self._get_param("schema"),
            domain=self._get_param("domain"),
        )
        return ActionResult({"schemaArn": schema.arn})

    def describe_schema(self) -> ActionResult:
        """Answers DescribeSchema."""
        schema = self.personalize_backend.describe_schema(self._get_param("schemaArn"))
        return ActionResult({"schema": schema})

    def list_schemas(self) -> ActionResult:
        """Answers ListSchemas."""
        schemas, token = self.personalize_backend.list_schemas(
            next_token=self._get_param("nextToken"),
            max_results=self._get_param("maxResults"),
        )
        return ActionResult({"schemas": schemas, "nextToken": token})

    def delete_schema(self) -> ActionResult:
        """Answers DeleteSchema."""
        self.personalize_backend.delete_schema(self._get_param("schemaArn"))
        return EmptyResult()

    def create_dataset_group(self) -> ActionResult:
        """Answers CreateDatasetGroup."""
        group = self.personalize_backend.create_dataset_group(
            name=self._get_param("name"),
            role_arn=self._get_param("roleArn"),
            kms_key_arn=self._get_param("kmsKeyArn"),
            domain=self._get_param("domain"),
            tags=self._get_param("tags") or [],
        )
        return ActionResult({"datasetGroupArn": group.arn, "domain": group.domain})

    def describe_dataset_group(self) -> ActionResult:
        """Answers DescribeDatasetGroup."""
        arn = self._get_param("datasetGroupArn")
        group = self.personalize_backend.describe_dataset_group(arn)
        return ActionResult({"datasetGroup": group})

    def list_dataset_groups(self) -> ActionResult:
        """Answers ListDatasetGroups."""
        groups, token = self.personalize_backend.list_dataset_groups(
            next_token=self._get_param("nextToken"),
            max_results=self._get_param("maxResults"),
        )
        return ActionResult({"datasetGroups": groups, "nextToken": token})

    def delete_dataset_group(self) -> ActionResult:
        """Answers DeleteDatasetGroup."""
        self.personalize_backend.delete_dataset_group(self._get_param("datasetGroupArn"))
        return EmptyResult()

    def create_dataset(self) -> ActionResult:
        """Answers CreateDataset."""
        dataset = self.personalize_backend.create_dataset(
            name=self._get_param("name"),
            schema_arn=self._get_param("schemaArn"),
            dataset_group_arn=self._get_param("datasetGroupArn"),
            dataset_type=self._get_param("datasetType"),
            tags=self._get_param("tags") or [],
        )
        return ActionResult({"datasetArn": dataset.arn})

    def describe_dataset(self) -> ActionResult:
        """Answers DescribeDataset."""
        dataset = self.personalize_backend.describe_dataset(self._get_param("datasetArn"))
        return ActionResult({"dataset": dataset})

    def list_datasets(self) -> ActionResult:
        """Answers ListDatasets."""
        datasets, token = self.personalize_backend.list_datasets(
            dataset_group_arn=self._get_param("datasetGroupArn"),
            next_token=self._get_param("nextToken"),
            max_results=self._get_param("maxResults"),
        )
        return ActionResult({"datasets": datasets, "nextToken": token})

    def delete_dataset(self) -> ActionResult:
        """Answers DeleteDataset."""
        self.personalize_backend.delete_dataset(self._get_param("datasetArn"))
        return EmptyResult()

    def create_event_tracker(self) -> ActionResult:
        """Answers CreateEventTracker."""
        tracker = self.personalize_backend.create_event_tracker(
            name=self._get_param("name"),
            dataset_group_arn=self._get_param("datasetGroupArn"),
            tags=self._get_param("tags") or [],
        )
        return ActionResult({"eventTrackerArn": tracker.arn, "trackingId": tracker.tracking_id})

    def describe_event_tracker(self) -> ActionResult:
        """Answers DescribeEventTracker."""
        arn = self._get_param("eventTrackerArn")
        tracker = self.personalize_backend.describe_event_tracker(arn)
        return ActionResult({"eventTracker": tracker})

    def list_event_trackers(self) -> ActionResult:
        """Answers ListEventTrackers."""
        trackers, token = self.personalize_backend.list_event_trackers(
            dataset_group_arn=self._get_param("datasetGroupArn"),
            next_token=self._get_param("nextToken"),
            max_results=self._get_param("maxResults"),
        )
        return ActionResult({"eventTrackers": trackers, "nextToken": token})

    def delete_event_tracker(self) -> ActionResult:
        """Answers DeleteEventTracker."""
        self.personalize_backend.delete_event_tracker(self._get_param("eventTrackerArn"))
        return EmptyResult()

    def tag_resource(self) -> ActionResult:
        """Answers TagResource."""
        self.personalize_backend.tag_resource(
            resource_arn=self._get_param("resourceArn"),
            tags=self._get_param("tags"),
        )
        return EmptyResult()

    def untag_resource(self) -> ActionResult:
        """Answers UntagResource."""
        self.personalize_backend.untag_resource(
            resource_arn=self._get_param("resourceArn"),
            tag_keys=self._get_param("tagKeys"),
        )
        return EmptyResult()

    def list_tags_for_resource(self) -> ActionResult:
        """Answers ListTagsForResource."""
        tags = self.personalize_backend.list_tags_for_resource(self._get_param("resourceArn"))
        return ActionResult({"tags": tags})


def _nothing(member: str) -> Callable[[PersonalizeResponse], ActionResult]:
    return lambda _: ActionResult({member: []})


# What is not emulated does not exist: scripts that clean up list it, too.
for _operation in get_service_model("personalize").operation_names:
    _method = camelcase_to_underscores(_operation)
    if _operation.startswith("List") and not hasattr(PersonalizeResponse, _method):
        _output: Any = get_service_model("personalize").operation_model(_operation).output_shape
        setattr(PersonalizeResponse, _method, _nothing(next(iter(_output.members))))
