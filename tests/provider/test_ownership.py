"""Whose a tracker is: lost answers, interrupted creates, adoption, and what became of it since."""

from __future__ import annotations

import functools
from typing import Any

import pytest
from kinds import OWNER_TAG
from provider.account import Account
from pulumi_personalize import CancelledError, CreateFailedError, GroupTakenError
from pulumi_personalize.service.waiter import LAG

pytestmark = pytest.mark.usefixtures("one_client")

UNFINISHED = "creating-0123abcd:shop/dev/web"
ANOTHERS = "done-0123abcd:old/dev/web"
THIRDS = "done-2:third/dev/web"


class TestLostAnswer:
    def test_own_tracker_is_recognised(self, account: Account) -> None:
        account.fault("CreateEventTracker", "close", when="after")
        made = account.create()
        assert account.trackers() == {"clicks": "ACTIVE"}
        assert account.tags(made.id)[OWNER_TAG] == f"done-{made.attempt}:shop/dev/web"

    def test_without_an_ownership_tag_adopt_existing_recovers_it(self, account: Account) -> None:
        account.fault("CreateEventTracker", "close", when="after")
        provider = account.provider(ownership_tag=False)
        with pytest.raises(GroupTakenError, match="set adopt_existing=True to adopt it") as caught:
            account.create(provider)
        assert account.arn() in str(caught.value)
        made = account.create(account.provider(ownership_tag=False), adoptExisting=True)
        assert (made.id, made.attempt) == (account.arn(), "none")

    def test_cancel_before_the_request_is_repeated(self, account: Account) -> None:
        account.fault("CreateEventTracker", "close", when="after")

        def cancel() -> None:
            raise CancelledError("cancelled")

        with pytest.raises(CancelledError, match="event tracker clicks may exist in dataset group"):
            account.create(account.provider(on_sleep=cancel))

    @pytest.mark.parametrize(("tagged", "tag"), [(True, ""), (True, ANOTHERS), (False, "")])
    def test_tracker_of_somebody_else_is_never_taken(
        self, account: Account, tagged: bool, tag: str
    ) -> None:
        # They are quicker while the request is repeated, which did not arrive.
        account.fault("CreateEventTracker", "close", about={"name": "clicks"})

        @functools.cache
        def meanwhile() -> str:
            account.control.clear_faults()
            return account.make_tracker("clicks", tag)

        with pytest.raises(GroupTakenError, match="event tracker 'clicks' "):
            account.create(account.provider(on_sleep=meanwhile, ownership_tag=tagged))
        assert account.tags(meanwhile()) == ({OWNER_TAG: tag} if tag else {})


@pytest.mark.usefixtures("by_looks")
@pytest.mark.parametrize("adopt", [False, True])
@pytest.mark.parametrize("tagged", [False, True])
def test_interrupted_create_is_resumed(account: Account, adopt: bool, tagged: bool) -> None:
    arn = account.make_tracker("clicks", UNFINISHED, stale="x")
    provider = account.provider(ownership_tag=tagged)
    made = account.create(provider, tags={"team": "web"}, adoptExisting=adopt)
    # The same attempt, which reads that lag still show.
    assert (made.id, made.attempt) == (arn, "0123abcd")
    assert account.tags(arn) == {"team": "web", OWNER_TAG: "done-0123abcd:shop/dev/web"}
    resuming, *_ = account.log_lines()
    assert resuming.startswith("web: resuming ")
    assert resuming.endswith(f" event tracker clicks ({arn}); removing its tags stale")
    # A forced replacement deletes the old resource's tracker after this create: the same one.
    account.delete(made, provider)
    assert account.trackers() == {"clicks": "ACTIVE"}


class TestAdoptExisting:
    @pytest.mark.parametrize("tag", [ANOTHERS, "creating-1:shop/dev/app", ""])
    @pytest.mark.parametrize(
        "wanted", [{"name": "theirs"}, {"name": "web-0123456", "context": {"named": False}}]
    )
    def test_tracker_is_adopted(self, account: Account, tag: str, wanted: dict[str, Any]) -> None:
        arn = account.make_tracker("theirs", tag, stale="x", team="old")
        before = account.client.describe_event_tracker(eventTrackerArn=arn)["eventTracker"]
        # However little time is left, for the wait below.
        provider = account.provider(create_timeout=1)
        made = account.create(provider, adoptExisting=True, tags={"team": "web"}, **wanted)
        assert (made.id, made.outs["name"]) == (arn, "theirs")
        assert made.outs["trackingId"] == before["trackingId"]
        assert made.outs["tags"] == {"team": "web"}
        owner_tag = f"done-{made.attempt}:shop/dev/web"
        assert account.tags(arn) == {"team": "web", OWNER_TAG: owner_tag}
        # Until it is this resource's own, it loses nothing.
        operations = account.operations()
        assert operations.index("TagResource") < operations.index("UntagResource")
        # The other's destroy reads tags that lag: only its own tag needs the wait.
        assert account.waited() == (LAG if tag else 0)
        (words,) = account.log_lines()
        assert words.endswith(f"theirs ({arn}) (adopt_existing=True); removing its tags stale")

    @pytest.mark.parametrize(
        ("owner", "is_error"),
        [(THIRDS, True), (ANOTHERS, True), ("", True), (None, False)],
    )
    def test_tag_is_read_again_after_the_wait(
        self, account: Account, owner: str | None, is_error: bool
    ) -> None:
        arn = account.make_tracker("clicks", ANOTHERS)

        def meanwhile() -> None:
            if owner is not None:
                account.tag(arn, owner=owner)

        provider = account.provider(on_sleep=meanwhile)
        if not is_error:
            assert account.create(provider, adoptExisting=True).id == arn
            return
        with pytest.raises(GroupTakenError, match="was adopted during this create"):
            account.create(provider, adoptExisting=True)
        assert account.tags(arn) == ({OWNER_TAG: owner} if owner else {})

    @pytest.mark.parametrize(
        ("tag", "since"),
        [(UNFINISHED, THIRDS), (UNFINISHED, ""), ("", THIRDS), (ANOTHERS, THIRDS), (ANOTHERS, "")],
    )
    def test_tracker_that_another_takes_over_before_it_is_active(
        self, account: Account, tag: str, since: str
    ) -> None:
        account.fault("CreateEventTracker", "stay", status="CREATE PENDING")
        arn = account.make_tracker("clicks", tag, team="web")

        def meanwhile() -> None:
            account.tag(arn, owner=since)
            account.control.release()

        reason = "by 'third/dev/web', attempt 2" if since else "(its ownership tag is gone)"
        with pytest.raises(GroupTakenError) as caught:
            account.create(account.provider(on_sleep=meanwhile), adoptExisting=True)
        line = f"was adopted during this create {reason}. Let only one resource declare it."
        assert str(caught.value).endswith(line)
        assert account.tags(arn) == {"team": "web", **({OWNER_TAG: since} if since else {})}

    @pytest.mark.usefixtures("by_looks")
    def test_tracker_that_fails_meanwhile_stays_its_owners(self, account: Account) -> None:
        account.fault("CreateEventTracker", "fail")
        account.make_tracker("clicks", ANOTHERS)
        with pytest.raises(CreateFailedError, match="Delete it, then run `pulumi up` again"):
            account.create(adoptExisting=True)
        assert account.trackers() == {"clicks": "CREATE FAILED"}

    @pytest.mark.parametrize(
        ("tagged", "tags"), [(False, {}), (True, dict.fromkeys(map(str, range(50)), "x"))]
    )
    def test_needs_an_ownership_tag_only_to_replace_one(
        self, account: Account, tagged: bool, tags: dict[str, str]
    ) -> None:
        arn = account.make_tracker("clicks")
        account.create(account.provider(ownership_tag=tagged), adoptExisting=True, tags=tags)
        assert account.tags(arn) == tags


class TestTakenOver:
    def test_tracker_that_another_stack_took_over_is_not_deleted(self, account: Account) -> None:
        old = account.create()
        new = account.create(adoptExisting=True, context={"stack": "prod"})
        assert (new.id, new.attempt == old.attempt) == (old.id, False)
        account.log_lines()
        account.delete(old)
        assert account.trackers() == {"clicks": "ACTIVE"}
        assert account.log_lines() == [
            f"web: not deleting event tracker clicks ({old.id}): its ownership tag now names "
            "'shop/prod/web', in another attempt"
        ]

    @pytest.mark.parametrize("stack", ["dev", "prod"])
    @pytest.mark.parametrize(("first", "second"), [(False, True), (True, False), (False, False)])
    def test_tracker_that_was_adopted_without_an_ownership_tag(
        self, account: Account, first: bool, second: bool, stack: str
    ) -> None:
        old = account.create(account.provider(ownership_tag=first))
        provider = account.provider(ownership_tag=second)
        new = account.create(provider, adoptExisting=True, context={"stack": stack})
        # A replacement adopts it in the same operation; of two stacks without a tag, none can know.
        if first or second or stack == "dev":
            account.delete(old, provider if stack == "dev" else None)
            assert account.trackers() == {"clicks": "ACTIVE"}
        account.delete(new)
        assert account.trackers() == {}

    def test_tracker_that_has_lost_its_tag_is_deleted(self, account: Account) -> None:
        made = account.create()
        account.tag(made.id, owner="")
        account.delete(made)
        assert account.trackers() == {}

    def test_tracker_that_is_adopted_between_two_requests(self, account: Account) -> None:
        made = account.create()
        account.fault("DeleteEventTracker", "error", code="ResourceInUseException")
        provider = account.provider(on_sleep=lambda: account.tag(made.id, owner=ANOTHERS))
        account.delete(made, provider)
        assert account.trackers() == {"clicks": "ACTIVE"}
