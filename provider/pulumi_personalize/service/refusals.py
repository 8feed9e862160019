"""What a refused CreateEventTracker means: what the group has decides, and only then the code.

Nobody has published the code for each cause, so that any may stand for any.
"""

from __future__ import annotations

from collections.abc import Callable

from .. import errors
from . import dataset_group, taken_name
from .finder import Finder
from .inputs import Inputs
from .model import (
    ALREADY_EXISTS,
    CREATING,
    IN_USE,
    LIMIT_EXCEEDED,
    NOT_FOUND,
    TOO_MANY_TAG_KEYS,
    TOO_MANY_TAGS,
    DatasetGroup,
    EventTracker,
)
from .ownership import Decision, Replaced, Verdict
from .waiter import LAG, Limit, Wait

#: Refusals that say nothing of the group: they stay what they are.
_STAYING = (
    errors.AccessDeniedError,
    errors.CredentialsError,
    errors.TransientError,
    errors.UnreachableError,
)
_STAYING_CODES = (
    TOO_MANY_TAGS,
    TOO_MANY_TAG_KEYS,
    "SerializationException",
    "ValidationException",
)

Decide = Callable[[list[EventTracker]], Decision]


class Refusals:
    """Judges the refusals of one create.

    Args:
        inputs: What is wanted.
        replaced: The tracker that the create replaces.
        finder: Looks for trackers.
        wait: The create's wait.
        limit: Its time limit, for the advice where that was too short.
    """

    def __init__(
        self, inputs: Inputs, replaced: Replaced | None, finder: Finder, wait: Wait, limit: Limit
    ) -> None:
        self._inputs = inputs
        self._replaced = replaced
        self._finder = finder
        self._wait = wait
        self._limit = limit
        self._group = inputs.dataset_group_arn or ""
        self._label = f"event tracker {inputs.name}"
        self._since: dict[str, float] = {}

    def forget(self) -> None:
        """Forgets what was refused before: since then, what was in the way went."""
        self._since.clear()

    def judge(self, refusal: errors.ServiceError, decide: Decide | None) -> list[EventTracker]:
        """What the group has after a refusal; where that is nothing, lets time pass.

        Args:
            refusal: What CreateEventTracker was refused with.
            decide: Where an answer was lost, says what to do about the trackers of the group.

        Returns:
            The trackers of the group; none where it is to be asked for again.

        Raises:
            PersonalizeError: There is none, and the refusal is final.
        """
        stays = isinstance(refusal, _STAYING) or refusal.code in _STAYING_CODES
        if stays and not decide:
            raise refusal
        since = self._since.setdefault(refusal.code, self._wait.now)
        recent = self._wait.now < since + LAG and not self._wait.is_over
        group: DatasetGroup | None = None
        try:
            found = self._look(lost=decide is not None)
            if stays:
                ours = decide and found and decide(found).verdict is Verdict.RESUME
                found = found if ours else []
            else:
                found = found or self._named_elsewhere(refusal)
                if not found and not (recent and self._may_trail(refusal)):
                    group = self._finder.group(self._group, self._wait.deadline)
        except errors.ServiceError as failure:
            beside = f"A look at the dataset group failed, too ({failure.code}: {failure.message})"
            raise refusal.with_note(beside) from failure
        if found:
            return found
        if stays:
            raise refusal
        if group:
            self._insist_on_room(refusal, group, recent=recent)
        in_use = refusal.code == IN_USE
        self._wait.tell(self._label, "dataset group in use" if in_use else "asking again")
        self._wait.rest(since)
        return []

    def _look(self, *, lost: bool) -> list[EventTracker]:
        found = self._finder.look(self._group, self._wait)
        if lost and not found:
            # The list may trail what our call did.
            found, _ = self._wait.within(LAG).until(
                lambda: self._finder.look(self._group, self._wait), done=bool, state=str
            )
        return found

    def _named_elsewhere(self, refusal: errors.ServiceError) -> list[EventTracker]:
        """The tracker of this group that bears the name, though the group's list lacks it.

        Raises:
            NameTakenError: Another group's tracker bears it.
        """
        if refusal.code != ALREADY_EXISTS:
            return []
        for listed in self._finder.listed(self._group, self._wait.deadline, everywhere=True):
            if listed.name == self._inputs.name:
                other = self._finder.in_full(listed, self._wait)
                if other and other.dataset_group_arn == self._group:
                    return [other]
                if other and other.dataset_group_arn:
                    raise taken_name.name_taken(
                        other, self._replaced, self._inputs.context, refusal
                    )
        return []

    def _may_trail(self, refusal: errors.ServiceError) -> bool:
        """Whether a refusal may be about a tracker that the list does not show yet, or no more."""
        about_another = refusal.code in (ALREADY_EXISTS, LIMIT_EXCEEDED)
        return about_another or self._finder.was_deleted(self._group)

    def _insist_on_room(
        self, refusal: errors.ServiceError, group: DatasetGroup, *, recent: bool
    ) -> None:
        """Makes sure that a group without a tracker may take one later, though it refused now.

        Raises:
            DatasetGroupError: What keeps it from that.
            ServiceError: It is not known what does.
            WaitTimeoutError: It was not ready for one in time.
        """
        in_the_making = group.status in CREATING
        notes = [taken_name.perhaps_kept_name(self._inputs, self._replaced)]
        if not in_the_making:
            if problem := dataset_group.problem_of(group):
                raise problem from refusal
            if group.has_interactions is False:
                error = dataset_group.without_interactions(self._group, self._label, refusal)
                raise error from refusal
            if group.has_interactions is None:
                notes.append(dataset_group.perhaps_without_interactions(self._group))
            if refusal.code == NOT_FOUND and recent:
                return
            if refusal.code != IN_USE:
                raise refusal.with_note(*notes)
        if self._wait.is_over:
            state = group.status if in_the_making else "in use"
            raise errors.WaitTimeoutError(
                f"dataset group {self._group} is still {state} after {self._wait.waited:.0f} s: "
                f"{refusal.message}",
                operation="creating",
                resource=self._label,
                code=refusal.code,
                advice=f"Run again later; {self._limit.advice}",
            ).with_note(*notes) from refusal
