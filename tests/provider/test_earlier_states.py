"""States of earlier versions, and those that a Pulumi SDK dropped something from."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from kinds import OWNER_TAG, Capfd, MakeProvider, Props, TagsOf, Trackers
from play import asked
from pulumi_personalize import PersonalizeError
from pulumi_personalize.provider import EventTrackerProvider
from pulumi_personalize.service.inputs import pack

CONTEXT = {"project": "shop", "stack": "dev", "resource": "web"}


def as_written_before(props: dict[str, Any]) -> dict[str, Any]:
    """Inputs or outputs as the versions before this one wrote them."""
    mark = props.get("ownershipTag", "none")
    return without(props) | {
        "__context": json.dumps(CONTEXT),
        **({} if mark == "none" else {"__mark": mark}),
    }


def without(props: dict[str, Any], *kept: str) -> dict[str, Any]:
    """What an SDK makes of a property bag that drops what the provider keeps there."""
    keys = {"resourceContext", "ownershipTag"} - {*kept}
    return {key: props[key] for key in props if key not in keys}


@pytest.fixture
def inputs(props: Props) -> dict[str, Any]:
    return props(tags={"team": "web"})


@pytest.fixture
def created(make_provider: MakeProvider, inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    made = make_provider().create(inputs)
    assert made.outs is not None
    return made.id, made.outs


Created = tuple[str, dict[str, Any]]


class TestEarlierKeys:
    def test_no_change_is_none_and_the_inputs_get_the_new_key(
        self, provider: EventTrackerProvider, inputs: dict[str, Any], created: Created
    ) -> None:
        arn, outputs = created
        checked = provider.check(as_written_before(inputs), inputs)
        assert checked.inputs == inputs
        assert provider.diff(arn, as_written_before(outputs), checked.inputs).changes is False

    @pytest.mark.parametrize("changed", [{"tags": {"team": "app"}}, {"name": "other"}])
    def test_a_change_is_not_accompanied_by_one_of_keys(
        self, provider: EventTrackerProvider, inputs: dict[str, Any], changed: Any
    ) -> None:
        olds, news = as_written_before(inputs), {**inputs, **changed}
        checked = provider.check(olds, news).inputs
        assert {key for key in {*checked, *olds} if checked.get(key) != olds.get(key)} == {*changed}

    def test_an_option_that_changes_is_shown_under_the_new_key(
        self, provider: EventTrackerProvider, props: Props, inputs: dict[str, Any]
    ) -> None:
        news = props(tags={"team": "app"}, context={"deleteBeforeReplace": True})
        assert provider.check(as_written_before(inputs), news).inputs == news

    def test_an_update_writes_the_new_keys(
        self, provider: EventTrackerProvider, inputs: dict[str, Any], created: Created
    ) -> None:
        arn, outputs = created
        news = {**inputs, "tags": {"team": "app"}}
        checked = provider.check(as_written_before(inputs), news).inputs
        updated = provider.update(arn, as_written_before(outputs), checked)
        assert updated.outs == {**outputs, "tags": {"team": "app"}}

    def test_a_refresh_leaves_them(
        self, provider: EventTrackerProvider, inputs: dict[str, Any], created: Created
    ) -> None:
        arn, outputs = created
        read = provider.read(arn, as_written_before(outputs))
        assert read.outs == as_written_before(outputs)
        assert asked(read.inputs) == as_written_before(inputs)

    def test_a_tracker_that_another_adopted_is_left(
        self, make_provider: MakeProvider, props: Props, created: Created, trackers: Trackers
    ) -> None:
        arn, outputs = created
        make_provider().create(props(adoptExisting=True, context={"stack": "prod"}))
        make_provider().delete(arn, as_written_before(outputs))
        assert trackers() == {"clicks": "ACTIVE"}

    def test_its_own_is_deleted(
        self, provider: EventTrackerProvider, created: Created, trackers: Trackers
    ) -> None:
        provider.delete(created[0], as_written_before(created[1]))
        assert trackers() == {}


#: What the versions before wrote of a resource, as text; of the last of them with what each adds.
RECORDED = [
    '{"project": "shop", "stack": "dev", "resource": "web"}',
    '{"project": "shop", "stack": "dev", "resource": "web", "organization": "acme"}',
    '{"project": "shop", "stack": "dev", "resource": "web", "named": false}',
    '{"project": "shop", "stack": "dev", "resource": "site/web", "organization": "acme", '
    '"parents": "shop:index:Site$pulumi-python:dynamic/personalize:EventTracker", '
    '"group": "output 0", "deleteBeforeReplace": true, "aliased": true, "named": false}',
]


class TestRecorded:
    """A state as it was written, key by key, and the first preview and up of this version."""

    @pytest.mark.parametrize("context", RECORDED)
    @pytest.mark.parametrize("mark", [{}, {"__mark": "0123abcd"}], ids=["unmarked", "marked"])
    def test_first_up_changes_nothing(
        self,
        provider: EventTrackerProvider,
        group: str,
        operations: Callable[[], list[str]],
        capfd: Capfd,
        context: str,
        mark: dict[str, str],
    ) -> None:
        arn = group.replace("dataset-group/shop", "event-tracker/0123abcd")
        olds = {"datasetGroupArn": group, "name": "web-1a2b3c4", "tags": {"team": "web"}}
        olds["__context"] = context
        outputs = {
            **olds,
            **mark,
            "eventTrackerArn": arn,
            "trackingId": "0f6f1b0e-0f0a-4a07-9c40-6c0f2f6a3f11",
            "status": "ACTIVE",
            "accountId": "123456789012",
            "creationDateTime": "2026-11-25T08:00:00.000Z",
            "lastUpdatedDateTime": "2026-11-25T08:01:00.000Z",
        }
        said = json.loads(context)
        named = said.pop("named", True)
        news = {"datasetGroupArn": group, "tags": {"team": "web"}, "resourceContext": pack(said)}
        news |= {"name": "web-1a2b3c4"} if named else {}
        operations()
        checked = provider.check(olds, news)
        assert checked.failures == []
        assert checked.inputs.get("name") == "web-1a2b3c4"
        assert provider.diff(arn, outputs, checked.inputs).changes is False
        # The engine keeps the outputs and takes over the inputs: nor does the second.
        again = provider.check(checked.inputs, news)
        assert again.inputs == checked.inputs
        assert provider.diff(arn, outputs, again.inputs).changes is False
        assert operations() == []
        assert capfd.readouterr().err == ""

    def test_of_no_organization_and_then_in_one(
        self, provider: EventTrackerProvider, props: Props, inputs: dict[str, Any], created: Created
    ) -> None:
        news = props(tags={"team": "web"}, context={"organization": "acme"})
        checked = provider.check(as_written_before(inputs), news)
        outputs = as_written_before(created[1])
        assert provider.diff(created[0], outputs, checked.inputs).changes is False

    def test_former_identity_is_still_rewritten(
        self, provider: EventTrackerProvider, props: Props, created: Created, tags_of: TagsOf
    ) -> None:
        arn, outputs = created
        news = props(tags={"team": "web"}, context={"stack": "renamed"})
        before = as_written_before(outputs)
        assert provider.diff(arn, before, news).changes is None
        updated = provider.update(arn, before, news)
        assert updated.outs == {**outputs, "resourceContext": news["resourceContext"]}
        assert tags_of(arn)[OWNER_TAG].endswith(":shop/renamed/web")


class TestNoMark:
    """A state that has no mark because its tracker bears none, and one that does not tell."""

    @pytest.fixture
    def unmarked(self, make_provider: MakeProvider, inputs: dict[str, Any]) -> Created:
        made = make_provider(ownership_tag=False).create(inputs)
        assert made.outs is not None
        return made.id, made.outs

    def test_state_tells_that_the_tracker_bears_none(self, unmarked: Created) -> None:
        assert unmarked[1]["ownershipTag"] == "none"

    def test_stays_so_through_update_and_refresh(
        self, provider: EventTrackerProvider, props: Props, unmarked: Created
    ) -> None:
        arn, outputs = unmarked
        updated = provider.update(arn, outputs, props(tags={"team": "app"}))
        assert updated.outs == {**outputs, "tags": {"team": "app"}}
        assert provider.read(arn, updated.outs).outs == updated.outs

    def test_tells_anothers_adoption(
        self,
        make_provider: MakeProvider,
        props: Props,
        unmarked: Created,
        trackers: Trackers,
        capfd: Capfd,
    ) -> None:
        # By a resource of the same names, as of another backend.
        make_provider().create(props(adoptExisting=True))
        capfd.readouterr()
        make_provider().delete(*unmarked)
        assert f"not deleting event tracker clicks ({unmarked[0]})" in capfd.readouterr().err
        assert trackers() == {"clicks": "ACTIVE"}

    def test_of_an_earlier_version_is_written_down_with_the_next_update(
        self, provider: EventTrackerProvider, props: Props, unmarked: Created
    ) -> None:
        arn, outputs = unmarked
        before = as_written_before(outputs)
        assert provider.diff(arn, before, props(tags={"team": "web"})).changes is False
        updated = provider.update(arn, before, props(tags={"team": "app"}))
        assert updated.outs == {**outputs, "tags": {"team": "app"}}

    def test_state_that_does_not_tell_goes_by_the_tag(
        self, provider: EventTrackerProvider, created: Created, trackers: Trackers
    ) -> None:
        arn, outputs = created
        provider.delete(arn, without(outputs, "resourceContext"))
        assert trackers() == {}

    def test_state_that_does_not_tell_leaves_what_anothers_tag_names(
        self,
        make_provider: MakeProvider,
        props: Props,
        created: Created,
        trackers: Trackers,
        capfd: Capfd,
    ) -> None:
        arn, outputs = created
        make_provider().create(props(adoptExisting=True, context={"stack": "prod"}))
        capfd.readouterr()
        make_provider().delete(arn, without(outputs, "resourceContext"))
        assert trackers() == {"clicks": "ACTIVE"}
        assert capfd.readouterr().err == (
            f"web: not deleting event tracker clicks ({arn}): its ownership tag names "
            "'shop/prod/web', and the state of this resource has none\n"
        )


class TestAllDropped:
    """A state of which an SDK has dropped all that tells whose its tracker is."""

    def test_delete_is_an_error_and_not_silence(
        self, provider: EventTrackerProvider, created: Created, trackers: Trackers
    ) -> None:
        arn, outputs = created
        with pytest.raises(PersonalizeError) as caught:
            provider.delete(arn, without(outputs))
        assert str(caught.value) == (
            f"deleting event tracker clicks ({arn}): the state does not say which resource it "
            "belongs to: a version of Pulumi's Python SDK dropped that; its ownership tag names "
            "'shop/dev/web'. Run `pulumi up` with the resource unchanged in the program, which "
            "restores it."
        )
        assert trackers() == {"clicks": "ACTIVE"}

    def test_the_next_up_restores_it(
        self, provider: EventTrackerProvider, inputs: dict[str, Any], created: Created, capfd: Capfd
    ) -> None:
        arn, outputs = created
        news = provider.check(without(inputs), inputs).inputs
        capfd.readouterr()
        # None: the engine is to compare.
        assert provider.diff(arn, without(outputs), news).changes is None
        assert capfd.readouterr().err == (
            "web: restoring what a version of Pulumi's Python SDK dropped from the state\n"
        )
        assert provider.update(arn, without(outputs), news).outs == outputs

    def test_unless_another_has_adopted_the_tracker(
        self, make_provider: MakeProvider, props: Props, inputs: dict[str, Any], created: Created
    ) -> None:
        arn, outputs = created
        make_provider().create(props(adoptExisting=True, context={"stack": "prod"}))
        updated = make_provider().update(arn, without(outputs), inputs)
        assert updated.outs is not None
        assert "ownershipTag" not in updated.outs

    def test_a_rename_knows_its_old_tracker(
        self,
        provider: EventTrackerProvider,
        props: Props,
        inputs: dict[str, Any],
        created: Created,
        trackers: Trackers,
    ) -> None:
        arn, outputs = created
        news = provider.check(without(inputs), props(name="other")).inputs
        assert provider.diff(arn, without(outputs), news).delete_before_replace
        assert provider.check({}, news).failures == []
        provider.delete(arn, without(outputs))
        assert provider.create(news).outs
        assert trackers() == {"other": "ACTIVE"}
