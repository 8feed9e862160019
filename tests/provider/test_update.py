"""Update: tags in place, whatever they were."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from kinds import OWNER_TAG, Props, TagsOf
from mypy_boto3_personalize import PersonalizeClient
from mypy_boto3_personalize.type_defs import TagTypeDef
from pulumi_personalize import AccessDeniedError, EventTrackerNotFoundError, ServiceError
from pulumi_personalize.local import ControlClient
from pulumi_personalize.provider import EventTrackerProvider


def many(count: int, prefix: str = "key", text: str = "x") -> dict[str, str]:
    return {f"{prefix}{number}": text for number in range(count)}


class TestUpdate:
    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ({}, {"team": "web"}),
            ({"team": "web"}, {}),
            ({"team": "web"}, {"team": "app"}),
            ({"team": "web"}, {"owner": "web"}),
            ({"a": "1", "b": "2"}, {"b": "3", "c": "4"}),
            ({"a": "1"}, {"a": ""}),
            (many(49), many(49, "other")),
            (many(50), many(50, "other")),
            (many(50), many(50, text="y")),
            (many(10), many(50)),
            (many(50), {}),
        ],
        ids=lambda tags: f"{len(tags)}",
    )
    def test_update_tag_updatable(
        self,
        provider: EventTrackerProvider,
        props: Props,
        tags_of: TagsOf,
        before: dict[str, str],
        after: dict[str, str],
    ) -> None:
        created = provider.create(props(tags=before))
        assert created.outs is not None
        result = provider.update(created.id, created.outs, props(tags=after))
        found = tags_of(created.id)
        mark = found.pop(OWNER_TAG, None)
        assert found == after
        assert result.outs is not None
        # The mark yields its place to the user's tags, and does not come back.
        yields = len(before) == 50 or len(after) == 50
        attempt = "none" if yields else created.outs["ownershipTag"]
        assert result.outs == {**created.outs, "tags": after, "ownershipTag": attempt}
        assert (mark is None) is yields

    def test_update_gives_all_outputs(self, provider: EventTrackerProvider, props: Props) -> None:
        created = provider.create(props())
        assert created.outs is not None
        news = props(tags={"team": "web"}, adoptExisting=True)
        result = provider.update(created.id, created.outs, news)
        assert result.outs == {**created.outs, "tags": {"team": "web"}, "adoptExisting": True}

    def test_update_keeps_the_mark(
        self, provider: EventTrackerProvider, props: Props, tags_of: TagsOf
    ) -> None:
        created = provider.create(props())
        assert created.outs is not None
        mark = tags_of(created.id)[OWNER_TAG]
        result = provider.update(created.id, created.outs, props(tags={"team": "web"}))
        assert tags_of(created.id) == {"team": "web", OWNER_TAG: mark}
        assert result.outs is not None
        assert result.outs["ownershipTag"] == created.outs["ownershipTag"]

    def test_update_does_only_what_the_preview_names(
        self,
        provider: EventTrackerProvider,
        props: Props,
        tags_of: TagsOf,
        personalize: PersonalizeClient,
    ) -> None:
        created = provider.create(props(tags={"a": "1", "team": "web"}))
        assert created.outs is not None
        mark = tags_of(created.id)[OWNER_TAG]
        theirs: list[TagTypeDef] = [
            {"tagKey": "bot", "tagValue": "1"},
            {"tagKey": "team", "tagValue": "x"},
        ]
        personalize.tag_resource(resourceArn=created.id, tags=theirs)
        updated = provider.update(created.id, created.outs, props(tags={"a": "2", "team": "web"}))
        assert tags_of(created.id) == {"a": "2", "team": "x", "bot": "1", OWNER_TAG: mark}
        assert updated.outs is not None
        assert updated.outs["tags"] == {"a": "2", "team": "web"}
        # A refresh shows it as drift, which the next update removes.
        read = provider.read(created.id, updated.outs)
        assert read.outs is not None
        assert read.outs["tags"] == {"a": "2", "team": "x", "bot": "1"}
        provider.update(created.id, read.outs, props(tags={"a": "2", "team": "web"}))
        assert tags_of(created.id) == {"a": "2", "team": "web", OWNER_TAG: mark}

    @pytest.mark.parametrize("operation", ["TagResource", "DescribeEventTracker"])
    def test_update_that_fails_says_how_to_see_what_was_set(
        self,
        provider: EventTrackerProvider,
        props: Props,
        tags_of: TagsOf,
        control: ControlClient,
        operation: str,
    ) -> None:
        created = provider.create(props(tags={"a": "1"}))
        assert created.outs is not None
        control.fault(operation, "error", code="AccessDeniedException")
        with pytest.raises(AccessDeniedError) as caught:
            provider.update(created.id, created.outs, props(tags={"a": "2"}))
        assert str(caught.value).endswith("`pulumi refresh` shows which tags are set.")
        assert tags_of(created.id)["a"] == ("1" if operation == "TagResource" else "2")
        # Every call can be repeated.
        provider.update(created.id, created.outs, props(tags={"a": "2"}))
        assert tags_of(created.id)["a"] == "2"

    @pytest.mark.parametrize("from_before_there_were_default_tags", [False, True])
    def test_update_goes_by_the_merged_tags(
        self,
        make_provider: Callable[..., EventTrackerProvider],
        props: Props,
        tags_of: TagsOf,
        personalize: PersonalizeClient,
        from_before_there_were_default_tags: bool,
    ) -> None:
        defaults = {} if from_before_there_were_default_tags else {"env": "dev", "cost": "1"}
        before = make_provider(default_tags=defaults)
        created = before.create(before.check({}, props(tags={"team": "web"})).inputs)
        assert created.outs is not None
        assert ("tagsAll" in created.outs) is not from_before_there_were_default_tags
        theirs: list[TagTypeDef] = [{"tagKey": "bot", "tagValue": "1"}]
        personalize.tag_resource(resourceArn=created.id, tags=theirs)
        after = make_provider(default_tags={"env": "prod"})
        news = after.check(props(tags={"team": "web"}), props(tags={"team": "web"})).inputs
        assert after.diff(created.id, created.outs, news).changes is None
        updated = after.update(created.id, created.outs, news)
        mark = f"done-{created.outs['ownershipTag']}:shop/dev/web"
        wanted = {"env": "prod", "team": "web"}
        assert tags_of(created.id) == {**wanted, "bot": "1", OWNER_TAG: mark}
        assert updated.outs == {**created.outs, "tags": {"team": "web"}, "tagsAll": wanted}
        # A refresh shows it as drift, which the next update removes.
        read = after.read(created.id, updated.outs)
        assert read.outs is not None
        assert read.outs["tags"] == {"team": "web", "bot": "1"}
        assert read.outs["tagsAll"] == {**wanted, "bot": "1"}
        assert after.diff(created.id, read.outs, news).changes is None
        after.update(created.id, read.outs, news)
        assert tags_of(created.id) == {**wanted, OWNER_TAG: mark}

    def test_update_names_the_tags_that_leave_no_room(
        self, provider: EventTrackerProvider, props: Props, personalize: PersonalizeClient
    ) -> None:
        created = provider.create(props(tags={"a": "1"}))
        assert created.outs is not None
        theirs: list[TagTypeDef] = [{"tagKey": key, "tagValue": "x"} for key in many(48, "theirs-")]
        personalize.tag_resource(resourceArn=created.id, tags=theirs)
        with pytest.raises(ServiceError) as caught:
            provider.update(created.id, created.outs, props(tags={"a": "1", "b": "2"}))
        assert "Tags set outside of this program leave no room: theirs-0, theirs-1, " in str(
            caught.value
        )
        assert OWNER_TAG not in str(caught.value)

    @pytest.mark.parametrize("attempt", ["own", "anothers"])
    def test_update_rewrites_the_mark_of_a_former_identity(
        self,
        provider: EventTrackerProvider,
        props: Props,
        tags_of: TagsOf,
        personalize: PersonalizeClient,
        attempt: str,
    ) -> None:
        created = provider.create(props())
        assert created.outs is not None
        if attempt == "anothers":
            theirs: list[TagTypeDef] = [{"tagKey": OWNER_TAG, "tagValue": "done-2:other/dev/web"}]
            personalize.tag_resource(resourceArn=created.id, tags=theirs)
        news = props(context={"stack": "renamed"})
        difference = provider.diff(created.id, created.outs, news)
        assert difference.changes is None
        updated = provider.update(created.id, created.outs, news)
        assert updated.outs is not None
        mark = f"done-{created.outs['ownershipTag']}:shop/renamed/web"
        assert tags_of(created.id) == {
            OWNER_TAG: mark if attempt == "own" else "done-2:other/dev/web"
        }
        assert provider.diff(created.id, updated.outs, news).changes is False

    def test_update_of_nothing_changes_nothing(
        self, provider: EventTrackerProvider, props: Props, operations: Callable[[], list[str]]
    ) -> None:
        created = provider.create(props(tags={"team": "web"}))
        assert created.outs is not None
        operations()
        result = provider.update(created.id, created.outs, props(tags={"team": "web"}))
        assert result.outs == created.outs
        assert operations() == ["DescribeEventTracker"]

    def test_update_that_was_cut_short_can_be_made_again(
        self, provider: EventTrackerProvider, props: Props, tags_of: TagsOf, control: ControlClient
    ) -> None:
        created = provider.create(props(tags={"old": "1"}))
        assert created.outs is not None
        control.fault("TagResource", "error", code="AccessDeniedException")
        with pytest.raises(Exception, match="personalize:TagResource"):
            provider.update(created.id, created.outs, props(tags={"new": "2"}))
        assert "old" not in tags_of(created.id)
        provider.update(created.id, created.outs, props(tags={"new": "2"}))
        assert tags_of(created.id).keys() == {"new", OWNER_TAG}

    @pytest.mark.parametrize("going", [False, True])
    def test_update_without_create(
        self,
        provider: EventTrackerProvider,
        props: Props,
        control: ControlClient,
        personalize: PersonalizeClient,
        going: bool,
    ) -> None:
        created = provider.create(props())
        assert created.outs is not None
        if going:
            control.fault("DeleteEventTracker", "stay")
            personalize.delete_event_tracker(eventTrackerArn=created.id)
        else:
            control.forget(created.id)
        with pytest.raises(EventTrackerNotFoundError) as caught:
            provider.update(created.id, created.outs, props(tags={"team": "web"}))
        assert str(caught.value) == (
            f"updating event tracker {created.id}: no longer exists. "
            "Run `pulumi refresh`, then `pulumi up` to recreate it."
        )
