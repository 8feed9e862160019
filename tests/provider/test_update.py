"""Update: tags in place, whatever they were."""

from __future__ import annotations

import pytest
from kinds import OWNER_TAG
from provider.account import Account, Made
from pulumi_personalize import AccessDeniedError, EventTrackerNotFoundError, GroupTakenError

pytestmark = pytest.mark.usefixtures("one_client")


def many(count: int, prefix: str = "key", text: str = "x") -> dict[str, str]:
    return {f"{prefix}{number}": text for number in range(count)}


class TestUpdate:
    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ({}, {"team": "web"}),
            ({"team": "web"}, {}),
            ({"a": "1", "b": "2"}, {"b": "3", "c": "4"}),
            ({"a": "1"}, {"a": ""}),
            (many(49), many(49, "other")),
            (many(49), {**many(48), "renamed": "x"}),
            (many(50), many(50, "other")),
            (many(50), many(50, text="y")),
            (many(10), many(50)),
            (many(50), {}),
        ],
        ids=lambda tags: f"{len(tags)}",
    )
    def test_tags_change_in_place(
        self, account: Account, before: dict[str, str], after: dict[str, str]
    ) -> None:
        made = account.create(tags=before)
        updated = account.update(made, tags=after)
        found = account.tags(made.id)
        owner_tag = found.pop(OWNER_TAG, None)
        assert found == after
        # The ownership tag gives way to the user's tags, and does not come back.
        attempt = "none" if 50 in (len(before), len(after)) else made.attempt
        expected = None if attempt == "none" else f"done-{attempt}:shop/dev/web"
        assert owner_tag == expected
        assert updated.outs == {**made.outs, "tags": after, "ownershipTag": attempt}

    def test_update_returns_all_outputs(self, account: Account) -> None:
        made = account.create()
        account.operations()
        updated = account.update(made, adoptExisting=True)
        assert updated.outs == {**made.outs, "adoptExisting": True}
        # Nothing changes in AWS.
        assert account.operations() == ["DescribeEventTracker", "ListTagsForResource"]

    def test_update_does_only_what_the_preview_names(self, account: Account) -> None:
        made = account.create(tags={"a": "1", "team": "web"})
        own = {OWNER_TAG: account.tags(made.id)[OWNER_TAG]}
        account.tag(made.id, bot="1", team="x")
        updated = account.update(made, tags={"a": "2", "team": "web"})
        assert account.tags(made.id) == {"a": "2", "team": "x", "bot": "1", **own}
        assert updated.outs["tags"] == {"a": "2", "team": "web"}
        # A refresh shows the drift, and the next update repairs it.
        read = account.read(updated)
        assert read.outs["tags"] == {"a": "2", "team": "x", "bot": "1"}
        account.update(Made(made.id, read.outs), tags={"a": "2", "team": "web"})
        assert account.tags(made.id) == {"a": "2", "team": "web", **own}

    def test_update_that_was_cut_short_can_be_made_again(self, account: Account) -> None:
        made = account.create(tags={"old": "1"})
        account.fault("UntagResource", "error", code="AccessDeniedException")
        with pytest.raises(AccessDeniedError, match="`pulumi refresh` shows which tags are set"):
            account.update(made, tags={"new": "2"})
        assert "new" in account.tags(made.id)
        account.update(made, tags={"new": "2"})
        assert account.tags(made.id).keys() == {"new", OWNER_TAG}

    @pytest.mark.parametrize("had_defaults", [True, False])
    def test_update_uses_the_merged_tags(self, account: Account, had_defaults: bool) -> None:
        defaults = {"env": "dev", "cost": "1"} if had_defaults else {}
        provider = account.provider(default_tags=defaults)
        props = account.props(tags={"team": "web"})
        made = account.create(provider, **provider.check({}, props).inputs)
        assert ("tagsAll" in made.outs) is had_defaults
        account.tag(made.id, bot="1")
        provider = account.provider(default_tags={"env": "prod"})
        news = provider.check(props, props).inputs
        assert provider.diff(made.id, made.outs, news).changes is None
        updated = account.update(made, provider, **news)
        wanted = {"env": "prod", "team": "web"}
        own = {OWNER_TAG: f"done-{made.attempt}:shop/dev/web"}
        assert account.tags(made.id) == {**wanted, "bot": "1", **own}
        assert updated.outs == {**made.outs, "tags": {"team": "web"}, "tagsAll": wanted}
        read = account.read(updated, provider)
        assert read.outs["tagsAll"] == {**wanted, "bot": "1"}
        account.update(Made(made.id, read.outs), provider, **news)
        assert account.tags(made.id) == {**wanted, **own}

    def test_tag_that_a_policy_adds_after_the_check(self, account: Account) -> None:
        provider = account.provider(default_tags={"env": "dev"})
        checked = provider.check({}, account.props(tags={"app": "web"})).inputs
        news = {**checked, "tags": {"app": "web", "team": "ads"}}
        made = account.create(provider, **news)
        assert made.outs["tagsAll"] == {"env": "dev", "app": "web", "team": "ads"}
        assert provider.diff(made.id, made.outs, news).changes is False
        more = {**checked, "tags": {"app": "web", "team": "shop"}}
        updated = account.update(made, provider, **more)
        assert updated.outs["tagsAll"] == {"env": "dev", "app": "web", "team": "shop"}
        assert account.tags(made.id).items() >= updated.outs["tagsAll"].items()

    def test_update_leaves_a_tracker_alone_that_another_has_adopted(self, account: Account) -> None:
        made = account.create(tags={"old": "1"})
        account.tag(made.id, owner="done-2:other/dev/web")
        before = account.tags(made.id)
        with pytest.raises(GroupTakenError, match="'other/dev/web' has adopted it"):
            account.update(made, tags={"new": "2"})
        assert account.tags(made.id) == before

    @pytest.mark.parametrize("owner", [None, ""])
    def test_update_rewrites_the_ownership_tag_after_a_rename(
        self, account: Account, owner: str | None
    ) -> None:
        made = account.create()
        if owner is not None:
            account.tag(made.id, owner=owner)
        news = account.props(context={"stack": "renamed"})
        provider = account.provider()
        assert provider.diff(made.id, made.outs, news).changes is None
        updated = account.update(made, provider, **news, context={"stack": "renamed"})
        assert account.tags(made.id) == {OWNER_TAG: f"done-{made.attempt}:shop/renamed/web"}
        assert updated.attempt == made.attempt
        assert provider.diff(made.id, updated.outs, news).changes is False

    @pytest.mark.parametrize("status", ["", "DELETE PENDING"])
    @pytest.mark.parametrize("tags", [{}, {"team": "web"}])
    def test_update_without_create(
        self, account: Account, status: str, tags: dict[str, str]
    ) -> None:
        made = account.create(tags=tags)
        if status:
            account.fault("DeleteEventTracker", "stay", status=status)
            account.client.delete_event_tracker(eventTrackerArn=made.id)
        else:
            account.control.forget(made.id)
        old = Made(made.id, {**made.outs, "creationDateTime": "2020-01-01T00:00:00.000Z"})
        with pytest.raises(EventTrackerNotFoundError, match=f"^updating .*{made.id}\\): no longer"):
            account.update(old, tags={"new": "1"} if tags else {}, adoptExisting=True)

    def test_update_of_a_recently_created_tracker_that_is_not_found(self, account: Account) -> None:
        made = account.create()
        account.fault("DescribeEventTracker", "error", code="ResourceNotFoundException")
        assert account.update(made, tags={"team": "web"}).outs["tags"] == {"team": "web"}
