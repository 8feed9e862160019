"""Import, and `get`, which reach one method and write nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from kinds import OWNER_TAG, Capfd, Props, TagsOf, Trackers
from native.adapter import URN, NativeProvider
from pulumi_personalize import (
    GroupTakenError,
    InputError,
)


class TestImport:
    def test_of_a_tracker_without_a_mark(
        self,
        provider: NativeProvider,
        put: Callable[..., str],
        group: str,
        tags_of: TagsOf,
        trackers: Trackers,
    ) -> None:
        arn = put("ACTIVE", "")
        found = provider.take_in(arn)
        assert found.inputs == {"datasetGroupArn": group, "name": "there", "tags": {"team": "web"}}
        assert found.outs is not None
        assert found.outs["trackingId"]
        assert found.inputs is not None
        checked = provider.check(found.inputs, {"datasetGroupArn": group, "tags": {"team": "web"}})
        assert provider.diff(arn, found.outs, checked.inputs).changes is False
        assert tags_of(arn) == {"team": "web"}
        provider.delete(arn, found.outs)
        assert trackers() == {}

    def test_of_our_own(
        self,
        provider: NativeProvider,
        put: Callable[..., str],
        props: Props,
        capfd: Capfd,
        trackers: Trackers,
    ) -> None:
        arn = put("ACTIVE", "done-1234:shop/dev/web")
        found = provider.take_in(arn).outs
        assert found is not None
        assert found["ownershipTag"] == "1234"
        assert capfd.readouterr().err == ""
        news = props(name="there", tags={"team": "web"})
        assert provider.diff(arn, found, news).changes is False
        provider.delete(arn, found)
        assert trackers() == {}

    def test_of_anothers_warns_and_the_next_update_takes_it_over(
        self,
        provider: NativeProvider,
        put: Callable[..., str],
        props: Props,
        capfd: Capfd,
        tags_of: TagsOf,
        trackers: Trackers,
    ) -> None:
        arn = put("ACTIVE", "done-1234:proja/a/clicks")
        found = provider.take_in(arn).outs
        assert found is not None
        told = capfd.readouterr().err
        assert f"event tracker there ({arn})" in told
        assert "ownership tag of 'proja/a/clicks'" in told
        assert tags_of(arn)[OWNER_TAG] == "done-1234:proja/a/clicks"
        news = props(name="there", tags={"team": "web"})
        difference = provider.differ(arn, found, news)
        assert set(difference.detailedDiff) == {"ownership"}
        assert "proja/a/clicks is now shop/dev/web" in capfd.readouterr().err
        updated = provider.update(arn, found, news).outs
        assert updated is not None
        mark = tags_of(arn)[OWNER_TAG]
        assert mark == f"done-{updated['ownershipTag']}:shop/dev/web"
        assert updated["ownershipTag"] != "1234"
        # It can be made again, had its answer been lost.
        assert provider.update(arn, found, news).outs == updated
        assert provider.diff(arn, updated, news).changes is False
        provider.delete(arn, {"name": "there", "ownershipTag": "1234"})
        assert trackers() == {"there": "ACTIVE"}
        assert f"not deleting event tracker there ({arn})" in capfd.readouterr().err

    def test_of_anothers_by_a_get_of_another_language_says_that_it_changes_nothing(
        self, provider: NativeProvider, put: Callable[..., str], capfd: Capfd, tags_of: TagsOf
    ) -> None:
        # The engine asks the same of both.
        arn = put("ACTIVE", "done-1234:proja/a/clicks")
        before = tags_of(arn)
        assert provider.take_in(arn).id == arn
        assert "only read (get) changes nothing" in capfd.readouterr().err
        assert tags_of(arn) == before

    def test_whether_there_is_one(
        self, provider: NativeProvider, put: Callable[..., str], capfd: Capfd
    ) -> None:
        arn = put("ACTIVE", "done-1234:proja/a/clicks")
        urn = f"{URN.removesuffix('web')}__exists__1"
        there = provider.take_in(arn, urn)
        assert there.id == arn
        assert there.outs
        gone = provider.take_in(arn[:-1] + "x", urn)
        assert (gone.id, gone.outs) == ("", {})
        assert capfd.readouterr().err == ""

    def test_of_anothers_that_is_destroyed_at_once(
        self,
        provider: NativeProvider,
        put: Callable[..., str],
        capfd: Capfd,
        trackers: Trackers,
    ) -> None:
        arn = put("ACTIVE", "done-1234:proja/a/clicks")
        found = provider.take_in(arn).outs
        assert found is not None
        capfd.readouterr()
        provider.delete(arn, found)
        assert trackers() == {}
        assert "imported with the ownership tag of 'proja/a/clicks'" in capfd.readouterr().err

    def test_of_what_another_has_not_finished(
        self, provider: NativeProvider, put: Callable[..., str]
    ) -> None:
        arn = put("CREATE IN_PROGRESS", "creating-1234:proja/a/clicks")
        with pytest.raises(GroupTakenError, match="'proja/a/clicks' has begun it and not finished"):
            provider.take_in(arn)

    def test_of_an_arn_that_is_no_event_trackers(self, provider: NativeProvider) -> None:
        with pytest.raises(InputError, match="arn:aws:s3:::bucket"):
            provider.take_in("arn:aws:s3:::bucket")

    def test_get_takes_no_mark_and_says_nothing(
        self,
        provider: NativeProvider,
        put: Callable[..., str],
        capfd: Capfd,
        operations: Callable[[], list[str]],
    ) -> None:
        arn = put("ACTIVE", "done-1234:proja/a/clicks")
        operations()
        found = provider.read(arn, {}).outs
        assert found is not None
        assert found["trackingId"]
        assert "ownershipTag" not in found
        assert capfd.readouterr().err == ""
        assert set(operations()) == {"DescribeEventTracker", "ListTagsForResource"}
