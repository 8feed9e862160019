"""The preview's word against what the update then does, for every situation of a group.

The engine is played as it is known to act: see `play.Play`. The real one is in `tests/e2e`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from kinds import OWNER_TAG, Trackers
from mypy_boto3_personalize import PersonalizeClient
from play import Play, Program, State, product
from pulumi_personalize import GroupTakenError
from pulumi_personalize.local import ControlClient

pytestmark = pytest.mark.usefixtures("one_client")

STATUSES = [
    "CREATE PENDING",
    "CREATE IN_PROGRESS",
    "ACTIVE",
    "CREATE FAILED",
    "DELETE PENDING",
    "DELETE IN_PROGRESS",
]
MARKS = {
    "unmarked": "",
    "own-unfinished": "creating-1:shop/dev/web",
    "own-finished": "done-1:shop/dev/web",
    "others": "done-1:other/dev/web",
    "siblings": "done-1:shop/dev/app",
    "siblings-unfinished": "creating-1:shop/dev/app",
}
NAMES = {"any": None, "same": "there", "other": "wanted"}
#: What became of the mark of a resource's own tracker since its state was written.
SINCE = {"own": None, "unmarked": "", "adopted": "done-2:other/dev/web"}
OPTIONS: dict[str, dict[str, bool]] = {
    "plain": {},
    "first": {"deleteBeforeReplace": True},
    "retained": {"retainOnDelete": True},
    "first-retained": {"deleteBeforeReplace": True, "retainOnDelete": True},
}
#: The codes that a refusal may come with, whatever its cause.
CODES = [
    "ResourceAlreadyExistsException",
    "ResourceInUseException",
    "LimitExceededException",
    "InvalidInputException",
    "ResourceNotFoundException",
    "SomethingNewException",
]

NOT_KEPT = ["plain", "first"]
REPLACED = ["renamed", "moved", "forced"]
RACING = ["CREATE IN_PROGRESS", "ACTIVE", "DELETE IN_PROGRESS"]


def remedies(refusal: str) -> list[str]:
    """What a refusal tells to do, one by one."""
    told = []
    if "se another dataset group" in refusal:
        told.append("another group")
    if re.search(r"delete (that tracker|it)\b", refusal):
        told.append("delete")
    if "adopt_existing=True" in refusal or "only a tracker named" in refusal:
        told.append("adopt")
    if "delete_before_replace=True" in refusal:
        told.append("first")
    if "remove retain_on_delete=True" in refusal and "first" not in told:
        told.append("not retained")
    return told


def set_by(refusal: str, program: Program) -> Program:
    """The program with all set that a refusal tells to set for an adoption."""
    name = re.search(r"name='([^']+)'", refusal)
    return replace(
        program,
        adopt=True,
        name=name[1] if name else program.name,
        tags=49 if "at most 49 tags" in refusal else program.tags,
    )


@dataclass(frozen=True)
class Situation:
    """What there is before an update.

    Attributes:
        program: What it asks for.
        state: What the stack's state has.
        there: The ARN of the tracker that the dataset group has.
        forced: Whether the update replaces whatever the program says.
    """

    program: Program
    state: State
    there: str
    forced: bool = False


@pytest.fixture
def arrange(
    play: Play,
    put: Callable[..., str],
    make_group: Callable[[str], str],
    personalize: PersonalizeClient,
) -> Callable[..., Situation]:
    """Arranges a situation, at an endpoint that is empty."""

    def arrange(how: str, status: str, mark: str, name: str, **asked: Any) -> Situation:
        group, state = make_group("shop"), State()
        wanted = NAMES[name]
        if how == "moved":
            state = play.up(Program(make_group("former"), "was")).state
        elif how != "new":
            # Its tracker was deleted by others, and its group has another one since.
            state = play.up(Program(group, "was" if how == "renamed" else wanted)).state
            personalize.delete_event_tracker(eventTrackerArn=state.id)
        if how == "renamed":
            # A name that is taken out renames nothing.
            wanted = wanted or "there"
        there = put(status, MARKS[mark], "there", group)
        return Situation(Program(group, wanted, **asked), state, there, how == "forced")

    return arrange


@pytest.mark.parametrize(
    ("how", "status", "mark", "name", "adopt", "options"),
    [
        *product(["new"], STATUSES, MARKS, NAMES, [None, True], OPTIONS, sampled=True),
        *product(
            ["renamed"], STATUSES, MARKS, ["same", "other"], [None, True], NOT_KEPT, sampled=True
        ),
        *product(["moved", "forced"], STATUSES, MARKS, NAMES, [None, True], OPTIONS, sampled=True),
    ],
)
def test_update_does_what_the_preview_says(
    play: Play,
    arrange: Callable[..., Situation],
    trackers: Trackers,
    how: str,
    status: str,
    mark: str,
    name: str,
    adopt: bool | None,
    options: str,
) -> None:
    now = arrange(how, status, mark, name, adopt=adopt, options=OPTIONS[options])
    before = trackers()
    foreseen = play.preview(now.program, now.state, forced=now.forced)
    again = play.preview(now.program, now.state, forced=now.forced)
    assert foreseen == again, "a look changes nothing"
    done = play.up(now.program, now.state, forced=now.forced)
    left = trackers()
    if foreseen.refusal:
        assert done.refusal == foreseen.refusal
        assert done.words == foreseen.words == ()
        assert left == before
        assert remedies(foreseen.refusal)
        return
    words = "".join(foreseen.words)
    if "will be refused" in words:
        # Lost state cannot be told from a forced replacement: the words say both.
        assert done.refusal.startswith(f"dataset group {now.program.group} already has ")
        if status != "CREATE FAILED":
            assert play.up(set_by(foreseen.words[0], now.program)).id == now.there
        return
    assert done.refusal == ""
    if "if state was lost" in words:
        assert words.endswith("adopting it (adopt_existing=True)")
        assert done.id == now.there
        return
    assert done.words == foreseen.words or foreseen.words[0].startswith(done.words[1])
    kept = any(line.startswith(("resuming", "adopting")) for line in done.words)
    assert (done.id == now.there) is kept
    gone = any(line.startswith(("deleting", "waiting")) for line in done.words)
    assert kept or gone
    assert now.there in "".join(done.words)
    kept_old = how == "moved" and now.program.options.get("retainOnDelete")
    assert left.pop("was", None) == ("ACTIVE" if kept_old else None)
    assert list(left.values()) == ["ACTIVE"]


class TestAdvice:
    """Each thing that a refusal tells to do, followed to the letter, by itself."""

    @pytest.mark.parametrize(
        ("how", "status", "mark", "name", "adopt", "tags"),
        [
            *product(["new"], STATUSES[:4], MARKS, NAMES, [None, True], [1, 50], sampled=True),
            *product(REPLACED, STATUSES[1:4], MARKS, NAMES, [None, True], [1], sampled=True),
        ],
    )
    def test_does_what_it_says(
        self,
        play: Play,
        arrange: Callable[..., Situation],
        make_group: Callable[[str], str],
        control: ControlClient,
        personalize: PersonalizeClient,
        how: str,
        status: str,
        mark: str,
        name: str,
        adopt: bool | None,
        tags: int,
    ) -> None:
        def situation() -> Situation:
            return arrange(how, status, mark, name, adopt=adopt, tags=tags)

        now = situation()
        refusal = play.preview(now.program, now.state, forced=now.forced).refusal
        for number, remedy in enumerate(remedies(refusal)):
            if number:
                # What the remedy before it did is undone.
                control.reset()
                now = situation()
            program, forced = now.program, now.forced
            if remedy == "another group":
                other = None if "and name" in refusal else program.name
                program = replace(program, group=make_group("free"), name=other)
                # Another group replaces by itself.
                forced = False
            elif remedy == "delete":
                control.release()
                personalize.delete_event_tracker(eventTrackerArn=now.there)
            elif remedy == "adopt":
                program = set_by(refusal, program)
            else:
                assert remedy == "first"
                # For a forced replacement of the tracker that is there: see `TestReplaced`.
                continue
            done = play.up(program, now.state, forced=forced)
            assert done.refusal == ""
            assert (done.id == now.there) is (remedy == "adopt")


class TestRace:
    """The preview saw room, and somebody was quicker: the refusal's code says nothing."""

    @pytest.mark.parametrize(
        ("how", "code", "status", "mark", "adopt"),
        [
            *product(["new"], CODES, RACING, MARKS, [None, True], sampled=True),
            *product(REPLACED, CODES, RACING, MARKS, [None], sampled=True),
        ],
    )
    def test_what_is_there_decides_whatever_the_code(
        self,
        play: Play,
        put: Callable[..., str],
        make_group: Callable[[str], str],
        control: ControlClient,
        how: str,
        code: str,
        status: str,
        mark: str,
        adopt: bool | None,
    ) -> None:
        group, state = make_group("shop"), State()
        if how != "new":
            former = make_group("former") if how == "moved" else group
            state = play.up(Program(former, "was")).state
        name = {"new": None, "moved": None, "renamed": "wanted", "forced": "was"}[how]
        options = OPTIONS["first" if how == "forced" else "plain"]
        program = Program(group, name, adopt, options=options)
        there: list[str] = []

        def meanwhile() -> None:
            there.append(put(status, MARKS[mark], "there", group))
            control.fault("CreateEventTracker", "recode", code=code, times=None)

        done = play.up(program, state, forced=how == "forced", meanwhile=meanwhile)
        control.clear_faults()
        foreseen = play.preview(program, done.state)
        if done.refusal and "will be refused" in "".join(foreseen.words):
            # Lost state cannot be told from a forced replacement: the words say both.
            assert (how, mark) == ("forced", "own-finished")
        elif done.refusal:
            assert done.refusal == foreseen.refusal
        elif status == "DELETE IN_PROGRESS":
            assert done.id != there[0]
            assert [line for line in done.words if line.startswith("waiting for ")]
        elif done.id == there[0]:
            assert [line for line in done.words if line.startswith(("resuming", "adopting"))]
        else:
            # Ours, unfinished, and of another name than the check has made up, or is asked for.
            assert mark == "own-unfinished"


class TestReplaced:
    """A resource that has a tracker, and an update that replaces it."""

    def test_back_to_a_group_whose_tracker_could_not_be_deleted(
        self,
        play: Play,
        existing: State,
        control: ControlClient,
        make_group: Callable[[str], str],
        trackers: Trackers,
        group: str,
    ) -> None:
        there, back = Program(make_group("other"), "elsewhere"), Program(group, "there")
        control.fault("DeleteEventTracker", "error", code="AccessDeniedException", times=None)
        moved = play.up(there, existing)
        assert "AccessDeniedException" in moved.refusal
        assert moved.state.old == existing
        refused = play.preview(back, moved.state)
        assert f"run `pulumi up` once with dataset_group_arn='{there.group}'" in refused.refusal
        # The way out, followed: the engine begins with what is still to be deleted.
        control.clear_faults()
        finished = play.finish(moved.state)
        assert trackers() == {"elsewhere": "ACTIVE"}
        assert play.up(there, finished).words == ()
        done = play.up(back, finished)
        assert done.refusal == ""
        assert trackers() == {"there": "ACTIVE"}

    @pytest.fixture
    def existing(self, play: Play, group: str) -> State:
        made = play.up(Program(group, "there"))
        assert made.refusal == ""
        return made.state

    @pytest.fixture
    def since(self, personalize: PersonalizeClient, existing: State) -> Callable[[str], None]:
        def remark(since: str) -> None:
            mark = SINCE[since]
            if mark is None:
                return
            personalize.untag_resource(resourceArn=existing.id, tagKeys=[OWNER_TAG])
            if mark:
                personalize.tag_resource(
                    resourceArn=existing.id, tags=[{"tagKey": OWNER_TAG, "tagValue": mark}]
                )

        return remark

    @pytest.mark.parametrize(
        ("since_then", "options", "adopt"), product(SINCE, OPTIONS, [None, True])
    )
    def test_forced_replacement_does_what_the_preview_says(
        self,
        play: Play,
        existing: State,
        since: Callable[[str], None],
        trackers: Trackers,
        group: str,
        since_then: str,
        options: str,
        adopt: bool | None,
    ) -> None:
        since(since_then)
        program = Program(group, "there", adopt, options=OPTIONS[options])
        foreseen = play.preview(program, existing, forced=True)
        done = play.up(program, existing, forced=True)
        assert done.refusal == foreseen.refusal
        if not foreseen.refusal:
            said = "".join(foreseen.words)
            first = options == "first"
            if since_then == "own" and first:
                assert "replacing" in said
                assert done.id != existing.id
            elif first and since_then == "unmarked":
                assert "where this is a replacement of it, it is deleted first" in said
                assert done.id != existing.id
            else:
                assert said.startswith("adopting existing")
                assert done.id == existing.id
            assert trackers() == {"there": "ACTIVE"}
            return
        assert trackers() == {"there": "ACTIVE"}
        if since_then == "own":
            assert {"first", "not retained"} & set(remedies(foreseen.refusal))
            followed = replace(program, options=OPTIONS["first"])
            again = play.up(followed, existing, forced=True)
            assert (again.refusal, again.id == existing.id) == ("", False)
            assert trackers() == {"there": "ACTIVE"}

    @pytest.mark.parametrize(
        ("since_then", "options", "adopt"), product(SINCE, OPTIONS, [None, True])
    )
    def test_renamed_tracker_that_changed_since_is_treated_as_the_preview_says(
        self,
        play: Play,
        existing: State,
        since: Callable[[str], None],
        trackers: Trackers,
        group: str,
        since_then: str,
        options: str,
        adopt: bool | None,
    ) -> None:
        since(since_then)
        program = Program(group, "new", adopt, options=OPTIONS[options])
        foreseen = play.preview(program, existing)
        done = play.up(program, existing)
        assert done.refusal == foreseen.refusal
        if "retained" in options:
            assert "retain_on_delete=True prevents" in foreseen.refusal
            followed = play.up(replace(program, options={}), existing)
            assert (followed.refusal == "") is (since_then != "adopted")
        elif since_then == "adopted":
            assert "adopts only" in foreseen.refusal if adopt else "to adopt it" in foreseen.refusal
            assert trackers() == {"there": "ACTIVE"}
        else:
            assert foreseen.refusal == ""
            assert done.words == foreseen.words == ()
            assert trackers() == {"new": "ACTIVE"}

    def test_forced_with_another_name_is_told_to_delete_first(
        self, play: Play, existing: State, group: str, trackers: Trackers
    ) -> None:
        program = Program(group, "new")
        refusal = play.preview(program, existing, forced=True).refusal
        assert "retain_on_delete" not in refusal
        assert "set delete_before_replace=True" in refusal
        followed = replace(program, options=OPTIONS["first"])
        assert play.up(followed, existing, forced=True).refusal == ""
        assert trackers() == {"new": "ACTIVE"}

    def test_rename_whose_deletion_was_left_out(
        self, play: Play, existing: State, group: str, trackers: Trackers
    ) -> None:
        # By a retain_on_delete of a parent or a transform, of which the provider is told nothing.
        program = Program(group, "new")
        provider = play.new_provider()
        plan = play.plan(provider, program, existing)
        assert plan.told.refusal == ""
        with pytest.raises(GroupTakenError) as caught:
            provider.create(plan.inputs)
        assert str(caught.value).endswith(
            "It was to be deleted first, and retain_on_delete, which a parent or a transform may "
            "set, kept it: set adopt_existing=True and name='there' to keep it, or delete it to "
            "create the new one."
        )
        assert trackers() == {"there": "ACTIVE"}
        assert play.up(set_by(str(caught.value), program)).id == existing.id
