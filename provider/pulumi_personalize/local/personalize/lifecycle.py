"""The states that a Personalize resource goes through, on moto's state transitions."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, ClassVar

from moto.core.utils import utcnow
from moto.moto_api import state_manager
from moto.moto_api._internal.managed_state_model import ManagedState

CREATE_PENDING = "CREATE PENDING"
CREATE_IN_PROGRESS = "CREATE IN_PROGRESS"
CREATE_FAILED = "CREATE FAILED"
ACTIVE = "ACTIVE"
DELETE_PENDING = "DELETE PENDING"
DELETE_IN_PROGRESS = "DELETE IN_PROGRESS"
GONE = "GONE"
"""The end of a deletion: the service does not know the resource any more."""

STATES = (
    CREATE_PENDING,
    CREATE_IN_PROGRESS,
    CREATE_FAILED,
    ACTIVE,
    DELETE_PENDING,
    DELETE_IN_PROGRESS,
)
"""The states that a client can see."""

STEPS_TO_ACTIVE = 2
"""Transitions from the start of a creation, or of a deletion, to its end."""


class Lifecycle(ManagedState):
    """Where a resource is between CREATE PENDING and its deletion.

    Unlike moto's ManagedState, progression "time" goes by the clock alone: however long nobody
    looked, each transition counts from when it was due.

    Attributes:
        MODEL_NAME: The name that moto's state manager knows the model by.
        DELETION: The states of a deletion, in order. At AWS the states differ by resource, see
            https://docs.aws.amazon.com/personalize/latest/dg/API_DatasetGroup.html.
        hold: A state that the resource stays in once there, until the hold is lifted.
    """

    MODEL_NAME: ClassVar[str]
    DELETION: ClassVar[tuple[str, ...]] = (DELETE_PENDING, DELETE_IN_PROGRESS)

    def __init__(self, created: datetime) -> None:
        super().__init__(
            self.MODEL_NAME,
            [
                (CREATE_PENDING, CREATE_IN_PROGRESS),
                (CREATE_IN_PROGRESS, ACTIVE),
                *zip(self.DELETION, (*self.DELETION[1:], GONE), strict=True),
            ],
        )
        self._time_progressed = created
        self.hold: str | None = None

    @property
    def status(self) -> str:
        """The state when it was last settled, one of the constants of this module.

        An answer is made from it: by the clock, it might go on between a check and the answer.
        """
        return self._status or GONE

    @status.setter
    def status(self, value: str) -> None:
        self._status = value
        self._time_progressed = utcnow()
        self._tick = 0

    def settle(self, now: datetime | None = None, transition: dict[str, Any] | None = None) -> str:
        """Advances to the state that is due, and returns it.

        Args:
            now: The time (UTC, without a time zone); None for the clock's.
            transition: A transition in the form of moto's state manager; None for what that says.
        """
        transition = transition or state_manager.get_transition(self.model_name)
        while (following := self._following) is not None:
            time = now or utcnow()
            due = self._due(transition, time)
            if due is None or due > time:
                break
            self._status, self._time_progressed, self._tick = following, due, 0
        return self.status

    @property
    def last_updated_date_time(self) -> datetime:
        """When the resource came to its present state (UTC, without a time zone)."""
        return self._time_progressed

    def fail(self) -> None:
        """Lets the creation end in CREATE FAILED instead of ACTIVE."""
        self._transitions[1] = (CREATE_IN_PROGRESS, CREATE_FAILED)

    def release(self) -> None:
        """Lifts the hold; a state that was held lasts its time from now."""
        if self.hold == self._status:
            self._time_progressed = utcnow()
        self.hold = None

    @property
    def _following(self) -> str | None:
        if self._status == self.hold:
            return None
        following = self._get_next_status(self._status)
        return None if following == self._status else following

    def _due(self, transition: dict[str, Any], now: datetime) -> datetime | None:
        if transition["progression"] == "manual":
            return now if self._tick >= transition["times"] else None
        if transition["progression"] == "time":
            # A deletion with one state takes as long as one with two.
            steps = STEPS_TO_ACTIVE // len(self.DELETION) if self._status in self.DELETION else 1
            return self._time_progressed + timedelta(seconds=transition["seconds"] * steps)
        return self._time_progressed

    def dump_state(self) -> dict[str, Any]:
        """Returns what `load_state` needs to go on from here, as JSON types."""
        return {
            "status": self._status,
            "since": self._time_progressed.isoformat(),
            "describes": self._tick,
            "hold": self.hold,
            "fails": (CREATE_IN_PROGRESS, CREATE_FAILED) in self._transitions,
        }

    def load_state(self, state: dict[str, Any]) -> None:
        """Goes on from what `dump_state` returned.

        Args:
            state: What it returned.

        Raises:
            KeyError, TypeError, ValueError: That is not what it returned.
        """
        known = {CREATE_FAILED, GONE, *(before for before, _ in self._transitions), ACTIVE}
        if state["status"] not in known:
            raise ValueError(f"unknown status {state['status']!r}")
        self._status = state["status"]
        self._time_progressed = datetime.fromisoformat(state["since"])
        self._tick = int(state["describes"])
        if state["hold"] not in {None, *known}:
            raise ValueError(f"unknown hold {state['hold']!r}")
        self.hold = state["hold"]
        if state["fails"]:
            self.fail()
