"""The preview's word against what the update then does, for every situation of a group.

The engine is played as it is known to act: see `play.Play`. The real one is in `tests/e2e`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from mypy_boto3_personalize import PersonalizeClient
from play import Play, Program, State, product
from pulumi_personalize import GroupTakenError
from pulumi_personalize.local import ControlClient

pytestmark = pytest.mark.usefixtures("one_client")

OWNER_TAG = "pulumi-personalize:owner"
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


class TestNew:
    @pytest.mark.parametrize(
        ("status", "mark", "name", "adopt", "options"),
        product(STATUSES, MARKS, NAMES, [None, True], ["plain", "first"]),
    )
    def test_update_does_what_the_preview_says(
        self,
        play: Play,
        put: Callable[[str, str], str],
        trackers: Callable[[], dict[str, str]],
        group: str,
        status: str,
        mark: str,
        name: str,
        adopt: bool | None,
        options: str,
    ) -> None:
        there = put(status, MARKS[mark])
        program = Program(group, NAMES[name], adopt, options=OPTIONS[options])
        foreseen = play.preview(program)
        assert foreseen == play.preview(program), "a look changes nothing"
        done = play.up(program)
        if foreseen.refusal:
            assert done.refusal == foreseen.refusal
            assert done.words == foreseen.words == ()
            assert trackers() == {"there": status}
            assert remedies(foreseen.refusal)
            return
        if "will be refused" in "".join(foreseen.words):
            # Lost state cannot be told from a forced replacement: the words say both.
            assert done.refusal.startswith(f"dataset group {group} already has event tracker")
            if status != "CREATE FAILED":
                recovered = play.up(set_by(foreseen.words[0], program))
                assert recovered.id == there
            return
        assert done.refusal == ""
        if "if state was lost" in "".join(foreseen.words):
            assert foreseen.words[0].endswith("adopting it (adopt_existing=True)")
            assert done.id == there
            return
        assert done.words == foreseen.words or foreseen.words[0].startswith(done.words[1])
        kept = any(line.startswith(("resuming", "adopting")) for line in done.words)
        assert (done.id == there) is kept
        assert list(trackers().values()) == ["ACTIVE"]
        gone = any(line.startswith(("deleting", "waiting")) for line in done.words)
        assert kept or gone
        assert there in "".join(done.words)

    @pytest.mark.parametrize(
        ("status", "mark", "name", "tags"),
        product(STATUSES[:4], MARKS, NAMES, [1, 50]),
    )
    def test_advice_does_what_it_says(
        self,
        play: Play,
        put: Callable[..., str],
        make_group: Callable[[str], str],
        control: ControlClient,
        personalize: PersonalizeClient,
        group: str,
        status: str,
        mark: str,
        name: str,
        tags: int,
    ) -> None:
        there = put(status, MARKS[mark])
        program = Program(group, NAMES[name], tags=tags)
        refusal = play.preview(program).refusal
        for number, remedy in enumerate(remedies(refusal)):
            if number:
                # What the remedy before it did is undone.
                control.reset()
                group = make_group("shop")
                there = put(status, MARKS[mark], group=group)
                program = Program(group, NAMES[name], tags=tags)
            if remedy == "another group":
                other = None if "and name" in refusal else program.name
                done = play.up(replace(program, group=make_group("free"), name=other))
                assert done.id != there
            elif remedy == "delete":
                control.release()
                personalize.delete_event_tracker(eventTrackerArn=there)
                done = play.up(program)
                assert done.id != there
            elif remedy == "adopt":
                done = play.up(set_by(refusal, program))
                assert done.id == there
            else:
                assert remedy == "first"
                # For a forced replacement only: see TestForced.
                continue
            assert done.refusal == ""


class TestRace:
    """The preview saw room, and somebody was quicker: the refusal's code says nothing."""

    @pytest.mark.parametrize(
        ("code", "status", "mark", "adopt"),
        product(CODES, ["CREATE IN_PROGRESS", "ACTIVE", "DELETE IN_PROGRESS"], MARKS, [None, True]),
    )
    def test_what_is_there_decides_whatever_the_code(
        self,
        play: Play,
        put: Callable[..., str],
        control: ControlClient,
        group: str,
        code: str,
        status: str,
        mark: str,
        adopt: bool | None,
    ) -> None:
        program = Program(group, adopt=adopt)
        there: list[str] = []

        def meanwhile() -> None:
            there.append(put(status, MARKS[mark], "there"))
            control.fault("CreateEventTracker", "recode", code=code, times=None)

        done = play.up(program, meanwhile=meanwhile)
        control.clear_faults()
        foreseen = play.preview(replace(program, name=None))
        if done.refusal:
            assert done.refusal == foreseen.refusal
        elif status == "DELETE IN_PROGRESS":
            assert done.id != there[0]
            assert [line for line in done.words if line.startswith("waiting for ")]
        elif done.id == there[0]:
            assert [line for line in done.words if line.startswith(("resuming", "adopting"))]
        else:
            # Ours, unfinished, and of another name than the check has made up.
            assert mark == "own-unfinished"


class TestReplaced:
    """A resource that has a tracker, and an update that replaces it."""

    def test_back_to_a_group_whose_tracker_could_not_be_deleted(
        self,
        play: Play,
        existing: State,
        control: ControlClient,
        make_group: Callable[[str], str],
        trackers: Callable[[], dict[str, str]],
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
    def test_forced(
        self,
        play: Play,
        existing: State,
        since: Callable[[str], None],
        trackers: Callable[[], dict[str, str]],
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
    def test_renamed(
        self,
        play: Play,
        existing: State,
        since: Callable[[str], None],
        trackers: Callable[[], dict[str, str]],
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
        self, play: Play, existing: State, group: str, trackers: Callable[[], dict[str, str]]
    ) -> None:
        program = Program(group, "new")
        refusal = play.preview(program, existing, forced=True).refusal
        assert "retain_on_delete" not in refusal
        assert "to force a replacement, set delete_before_replace=True" in refusal
        followed = replace(program, options=OPTIONS["first"])
        assert play.up(followed, existing, forced=True).refusal == ""
        assert trackers() == {"new": "ACTIVE"}

    def test_rename_whose_deletion_was_left_out(
        self, play: Play, existing: State, group: str, trackers: Callable[[], dict[str, str]]
    ) -> None:
        # By a retain_on_delete of a parent or a transform, of which the provider is told nothing.
        program = Program(group, "new")
        provider = play.new_provider()
        plan = play.plan(provider, program, existing)
        assert plan.told.refusal == ""
        with pytest.raises(GroupTakenError) as caught:
            provider.create(plan.inputs)
        assert "retain_on_delete, which a parent or a transform may set, kept it" in str(
            caught.value
        )
        assert trackers() == {"there": "ACTIVE"}
        assert play.up(set_by(str(caught.value), program)).id == existing.id

    @pytest.mark.parametrize(
        ("status", "mark", "name", "adopt", "options"),
        product(STATUSES, MARKS, NAMES, [None, True], ["plain", "first", "retained"]),
    )
    def test_moved(
        self,
        play: Play,
        existing: State,
        put: Callable[..., str],
        make_group: Callable[[str], str],
        personalize: PersonalizeClient,
        status: str,
        mark: str,
        name: str,
        adopt: bool | None,
        options: str,
    ) -> None:
        other = make_group("other")
        there = put(status, MARKS[mark], "elsewhere", other)
        names = {None: None, "there": "elsewhere", "wanted": "wanted"}
        program = Program(other, names[NAMES[name]], adopt, options=OPTIONS[options])
        foreseen = play.preview(program, existing)
        done = play.up(program, existing)
        assert done.refusal == foreseen.refusal
        left = {
            one["eventTrackerArn"] for one in personalize.list_event_trackers()["eventTrackers"]
        }
        if foreseen.refusal:
            assert left == {existing.id, there}
            return
        assert done.words == foreseen.words
        kept = any(line.startswith(("resuming", "adopting")) for line in foreseen.words)
        assert (done.id == there) is kept
        assert left == {done.id} | ({existing.id} if options == "retained" else set())
