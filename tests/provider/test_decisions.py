"""What the preview says and what the update then does, in generated situations of a group."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from fake_engine import FakeEngine, Program, State, situations
from kinds import CODES
from provider.account import Account
from pulumi_personalize import GroupTakenError

pytestmark = pytest.mark.usefixtures("one_client")


#: How the update comes to create a tracker in the group.
HOW = ["new", "renamed", "moved", "forced"]
DELETING = ["DELETE PENDING", "DELETE IN_PROGRESS"]
STATUSES = ["CREATE PENDING", "CREATE IN_PROGRESS", "ACTIVE", "CREATE FAILED", *DELETING]
#: The ownership tag of the group's tracker.
TAGS = {
    "untagged": "",
    "own-unfinished": "creating-1:shop/dev/web",
    "own-finished": "done-1:shop/dev/web",
    "others": "done-1:other/dev/web",
    "siblings": "done-1:shop/dev/app",
    "siblings-unfinished": "creating-1:shop/dev/app",
}
#: The name that the program asks for; the group's tracker is called "there".
NAMES = {"any": None, "same": "there", "other": "wanted"}
OPTIONS: dict[str, dict[str, bool]] = {
    "plain": {},
    "first": {"delete_before_replace": True},
    "retained": {"retain_on_delete": True},
    "first-retained": {"delete_before_replace": True, "retain_on_delete": True},
}
#: What became of the ownership tag of the resource's own tracker since the last update.
SINCE = {"own": None, "untagged": "", "adopted": "done-2:other/dev/web"}


def remedies(refusal: str) -> list[str]:
    """What a refusal advises to do."""
    patterns = {
        "another group": "se another dataset group",
        "again": "run `pulumi up` again once it is ACTIVE",
        "delete": r"delete (that tracker|it)\b",
        "adopt": "adopt_existing=True|only a tracker named",
        "first": "set delete_before_replace=True",
        "not retained": "remove retain_on_delete=True",
    }
    return [remedy for remedy, pattern in patterns.items() if re.search(pattern, refusal)]


def same(refused: str, foreseen: str) -> bool:
    """Whether two refusals are the same; a check's reason does not name the group."""

    def told(line: str) -> str:
        return line[line.find("already has") :] if "already has" in line else line

    return told(refused) == told(foreseen)


def adopting(refusal: str, program: Program) -> Program:
    """The program with everything that a refusal advises to set for an adoption."""
    name = re.search(r"name='([^']+)'", refusal)
    tags = 49 if "at most 49 tags" in refusal else program.tags
    return replace(program, adopt=True, name=name[1] if name else program.name, tags=tags)


#: The program, the state, the ARN of the group's tracker, and whether to force a replacement.
Arrange = Callable[..., tuple[Program, State, str, bool]]


@pytest.fixture
def arrange(fake_engine: FakeEngine, account: Account) -> Arrange:
    """Arranges a situation at an empty endpoint."""

    def arrange(how: str, status: str, tag: str, name: str, **inputs: Any) -> Any:
        group, state, wanted = account.make_group("shop"), State(), NAMES[name]
        if how == "moved":
            # A move together with a change of `retain_on_delete` is refused.
            program = Program(
                account.make_group("former"), "was", options=inputs.get("options", {})
            )
            state = fake_engine.up(program).state
        elif how != "new":
            # Others have deleted its tracker, and the group has another one since.
            state = fake_engine.up(Program(group, "was" if how == "renamed" else wanted)).state
            account.client.delete_event_tracker(eventTrackerArn=state.id)
        if how == "renamed":
            wanted = wanted or "there"
        existing = account.put(status, TAGS[tag])
        return Program(group, wanted, **inputs), state, existing, how == "forced"

    return arrange


BEFORE = situations(
    HOW, STATUSES, TAGS, NAMES, [None, True], OPTIONS, together=[(0, 2, 4), (1, 2, 4), (0, 2, 5)]
)


@pytest.mark.parametrize("case", BEFORE)
def test_update_does_what_the_preview_says(
    fake_engine: FakeEngine, arrange: Arrange, account: Account, case: Any
) -> None:
    how, status, tag, name, adopt, options = case
    program, state, existing, forced = arrange(
        how, status, tag, name, adopt=adopt, options=OPTIONS[options]
    )
    before = account.trackers()
    foreseen = fake_engine.preview(program, state, forced=forced)
    assert foreseen == fake_engine.preview(program, state, forced=forced), "it changes nothing"
    done = fake_engine.up(program, state, forced=forced)
    after = account.trackers()
    words = "".join(foreseen.words)
    if foreseen.refusal:
        assert same(done.refusal, foreseen.refusal)
        assert done.words == foreseen.words == ()
        assert after.keys() == before.keys()
        assert remedies(foreseen.refusal) or "retain_on_delete=True prevents" in foreseen.refusal
    elif "will be refused" in words:
        # A lost state is indistinguishable from a forced replacement: the words say both.
        assert done.refusal.startswith(f"dataset group {program.group} already has ")
        if status != "CREATE FAILED":
            assert fake_engine.up(adopting(words, program)).id == existing
    elif "if state was lost" in words:
        assert words.endswith("adopting it (adopt_existing=True)")
        assert (done.refusal, done.id) == ("", existing)
    else:
        assert done.refusal == ""
        assert done.words == foreseen.words or words.startswith(done.words[1])
        kept = any(line.startswith(("resuming", "adopting")) for line in done.words)
        assert (done.id == existing) is kept
        # Under that option, more reads come first, with which a deletion goes on.
        is_gone = status.startswith("DELETE") and how == "renamed" and "retained" in options
        waits = any(line.startswith(("deleting", "waiting")) for line in done.words)
        assert kept or waits or is_gone
        assert existing in "".join(done.words) or is_gone
        keeps_old = how == "moved" and "retained" in options
        assert after.pop("was", None) == ("ACTIVE" if keeps_old else None)
        assert list(after.values()) == ["ACTIVE"]
        assert program.name in (None, *after)


REFUSED = situations(HOW, STATUSES[:4], TAGS, NAMES, [None, True], [1, 50], together=[(2, 3, 4)])


@pytest.mark.parametrize("case", REFUSED)
def test_does_what_it_says(
    fake_engine: FakeEngine, arrange: Arrange, account: Account, case: Any
) -> None:
    """Each remedy that a refusal advises, followed to the letter, alone."""
    how, status, tag, name, adopt, tags = case
    program, state, existing, forced = arrange(how, status, tag, name, adopt=adopt, tags=tags)
    refusal = fake_engine.preview(program, state, forced=forced).refusal
    for number, remedy in enumerate(remedies(refusal)):
        if number:
            account.control.reset()
            program, state, existing, _ = arrange(how, status, tag, name, adopt=adopt, tags=tags)
        if remedy == "another group":
            other = None if "and name" in refusal else program.name
            program = replace(program, group=account.make_group("free"), name=other)
        elif remedy == "again":
            # Whatever else prevents the adoption is named then.
            account.control.release()
            program = replace(program, name="there", tags=1)
        elif remedy == "delete":
            account.control.release()
            account.client.delete_event_tracker(eventTrackerArn=existing)
        elif remedy == "adopt":
            if "adopt it once it is ACTIVE" in refusal:
                account.control.release()
            program = adopting(refusal, program)
        else:
            # It is about a forced replacement of the group's tracker: see TestReplaced.
            continue
        # Another group replaces by itself.
        done = fake_engine.up(program, state, forced=forced and remedy != "another group")
        assert done.refusal == ""
        assert (done.id == existing) is (remedy in ("adopt", "again"))


class TestRace:
    """The preview saw a free group, and another tracker came first."""

    @pytest.mark.parametrize(
        "case", situations(HOW, CODES, [STATUSES[1], "ACTIVE", DELETING[1]], TAGS, [None, True])
    )
    def test_what_is_there_decides_whatever_the_code(
        self, fake_engine: FakeEngine, account: Account, case: Any
    ) -> None:
        how, code, status, tag, adopt = case
        group, state, existing = account.group, State(), ""
        if how != "new":
            former = account.make_group("former") if how == "moved" else group
            state = fake_engine.up(Program(former, "was")).state
        name = {"renamed": "wanted", "forced": "was"}.get(how)
        options = OPTIONS["first" if how == "forced" else "plain"]
        program = Program(group, name, adopt, options=options)

        def meanwhile() -> None:
            nonlocal existing
            existing = account.put(status, TAGS[tag])
            account.fault("CreateEventTracker", "recode", code=code, times=None)

        done = fake_engine.up(program, state, forced=how == "forced", meanwhile=meanwhile)
        account.control.clear_faults()
        foreseen, words = fake_engine.preview(program, done.state), "".join(done.words)
        if done.refusal and "will be refused" in "".join(foreseen.words):
            # A lost state is indistinguishable from a forced replacement: the words say both.
            assert (how, tag) == ("forced", "own-finished")
        elif done.refusal:
            assert same(done.refusal, foreseen.refusal)
        elif status in DELETING:
            assert done.id != existing
            assert "waiting for " in words
        elif done.id == existing:
            assert "resuming" in words or "adopting" in words
        else:
            # Its own, unfinished, and of a name that is not wanted.
            assert tag == "own-unfinished"
            assert "deleting" in words


class TestReplaced:
    """An update that replaces the resource's own tracker."""

    @pytest.fixture
    def existing(self, fake_engine: FakeEngine, account: Account) -> State:
        return fake_engine.up(Program(account.group, "there")).state

    @pytest.mark.parametrize("case", situations(SINCE, OPTIONS, [None, True], together=[(0, 1)]))
    @pytest.mark.parametrize("forced", [True, False], ids=["forced", "renamed"])
    def test_does_what_the_preview_says(
        self, fake_engine: FakeEngine, existing: State, account: Account, case: Any, forced: bool
    ) -> None:
        since, options, adopt = case
        if forced:
            # Of an option that changes in the same step, `--replace` tells nothing.
            before = Program(account.group, "there", options=OPTIONS[options])
            existing = fake_engine.up(before, existing).state
        if since != "own":
            account.tag(existing.id, owner=SINCE[since] or "")
        name = "there" if forced else "new"
        program = Program(account.group, name, adopt, options=OPTIONS[options])
        foreseen = fake_engine.preview(program, existing, forced=forced)
        done = fake_engine.up(program, existing, forced=forced)
        assert same(done.refusal, foreseen.refusal)
        words, prevented = "".join(foreseen.words), "retained" in options
        if not forced:
            assert bool(foreseen.refusal) is (prevented or since == "adopted")
            assert ("retain_on_delete=True prevents" in foreseen.refusal) is prevented
        elif not foreseen.refusal:
            # Check learns of no replacement: without a tag it cannot know the tracker for its own.
            replaced = options == "first" and since != "adopted"
            assert (done.id != existing.id) is replaced
            assert words.startswith("replacing" if replaced and since == "own" else "adopting")
            assert ("it is deleted first" in words) is (replaced and since == "untagged")
        renamed = not forced and not done.refusal
        assert account.trackers() == {"new" if renamed else "there": "ACTIVE"}
        if done.refusal and since == "own":
            # The advice, followed.
            assert remedies(foreseen.refusal) or "prevents" in foreseen.refusal
            followed = replace(program, options=OPTIONS["first" if forced else "plain"])
            separate = fake_engine.up(followed, existing).state if forced else existing
            again = fake_engine.up(followed, separate, forced=forced)
            assert (again.refusal, again.id == existing.id) == ("", False)

    def test_rename_whose_deletion_was_omitted(
        self, fake_engine: FakeEngine, existing: State, account: Account
    ) -> None:
        # By retain_on_delete of a parent or a transform, which the provider does not learn of.
        program = Program(account.group, "new")
        provider = fake_engine.new_provider()
        plan = fake_engine.plan(provider, program, existing)
        with pytest.raises(GroupTakenError, match="This resource created it") as caught:
            provider.create(plan.inputs)
        assert account.trackers() == {"there": "ACTIVE"}
        assert fake_engine.up(adopting(str(caught.value), program)).id == existing.id
