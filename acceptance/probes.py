"""The assumptions, and what a run's records say about each.

A verdict goes by records alone, so that the same recording always gives the same ones.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from .recorder import CREATE_FAILED, IN_USE, NOT_FOUND, SHORT, Record

AS_ASSUMED, OTHERWISE, SETTLED, NOT_SEEN = "as assumed", "otherwise", "settled", "not seen"
_STATUSES = {"CREATE PENDING", "CREATE IN_PROGRESS", "ACTIVE", "CREATE FAILED"}
_STATUSES |= {"DELETE PENDING", "DELETE IN_PROGRESS"}
_MEMBERS = {"name", "eventTrackerArn", "accountId", "trackingId", "datasetGroupArn", "status"}
_MEMBERS |= {"creationDateTime", "lastUpdatedDateTime"}
#: Seconds: for which the provider reads again, and for which a create and a delete are short.
_LAG, _A_FEW_MINUTES = 10, 300


class Verdict(NamedTuple):
    """What a run says about an assumption, and what it saw."""

    kind: str
    seen: str


class NotSeen(Exception):  # noqa: N818 - a verdict
    """Raised where the records do not tell; the text says why."""


class Records(dict[str, Record]):
    """The records of a run, by step."""

    def __missing__(self, step: str) -> Record:
        raise NotSeen(f"no answer to '{step}'")

    def is_refused(self, step: str) -> bool:
        """Whether Personalize refused a step, for what it is and not for lack of permission.

        Raises:
            NotSeen: There is no answer, or the permission is missing.
        """
        record = self[step]
        if record.is_denied:
            raise NotSeen(f"{step}: {record.code}")
        return bool(record.code)

    def require(self, step: str, state: str) -> None:
        """Requires what was read just before other steps to be in a state, as ``CREATE``.

        Raises:
            NotSeen: It was not.
        """
        if not self[step].state.startswith(state):
            raise NotSeen(f"{step}: {self[step].state}")

    def said(self, *steps: str) -> str:
        """What steps were answered."""
        return "; ".join(f"{step}: {_answer(self[step])}" for step in steps)

    def in_time(self, writes: Mapping[str, tuple[str, ...]]) -> Verdict:
        """Whether the reads of each step that changed something have shown that in time."""
        seen, is_so = [], True
        for write, reads in writes.items():
            if self.is_refused(write):
                raise NotSeen(self.said(write))
            for step in reads:
                record = self[step]
                if record.is_denied:
                    raise NotSeen(self.said(step))
                shown = f"{record.waited:g} s" if record.has_ended else f"not within {SHORT:g} s"
                seen.append(f"{step}: {shown}")
                is_so = is_so and record.has_ended and record.waited <= _LAG
        return _expected(is_so, "; ".join(seen))


class Probe(NamedTuple):
    """An assumption, word for word as on the page, and how records judge it."""

    assumption: str
    judge: Callable[[Records], Verdict]


def verdicts(records: Mapping[str, Record]) -> list[tuple[str, Verdict]]:
    """Returns what records say about each assumption, in the order of the page."""
    found = []
    for probe in PROBES:
        try:
            verdict = probe.judge(Records(records))
        except NotSeen as reason:
            verdict = Verdict(NOT_SEEN, str(reason))
        found.append((probe.assumption, verdict))
    return found


def _answer(record: Record) -> str:
    return ": ".join(filter(None, (record.code, record.message))) or f"accepted ({record.state})"


def _expected(is_so: bool, seen: str) -> Verdict:
    return Verdict(AS_ASSUMED if is_so else OTHERWISE, seen)


# Judges.


def _refused(*steps: str, at: tuple[str, str] | None = None) -> Callable[[Records], Verdict]:
    """Judges whether steps were refused, while something was in a state."""

    def judge(records: Records) -> Verdict:
        if at:
            records.require(*at)
        return _expected(all(map(records.is_refused, steps)), records.said(*steps))

    return judge


def _unprovoked(why: str) -> Callable[[Records], Verdict]:
    return lambda _: Verdict(NOT_SEEN, why)


def _codes(records: Records) -> Verdict:
    steps = ["second", "repeated", "same name in another group", "without dataset"]
    steps += ["in a group in creation", "in a group in deletion", "beside one in deletion"]
    if not records.keys() & steps:
        raise NotSeen("nothing was refused")
    return Verdict(SETTLED, records.said(*(step for step in steps if step in records)))


def _deletion_counts(records: Records) -> Verdict:
    records.require("tracker in deletion", "DELETE")
    if records["list in deletion"].is_denied:
        raise NotSeen(records.said("list in deletion"))
    is_listed = "DELETE" in records["list in deletion"].state
    is_so = records.is_refused("beside one in deletion") and is_listed
    return _expected(is_so, records.said("beside one in deletion", "list in deletion"))


def _failed(records: Records) -> Verdict:
    steps = [step for step, record in records.items() if record.state == CREATE_FAILED]
    raise NotSeen(f"{CREATE_FAILED}, after which nothing was asked: {steps}" if steps else _CANT)


def _unique_names(records: Records) -> Verdict:
    seen = records.said("same name in another group", "tracker 2")
    if not records.is_refused("same name in another group"):
        return Verdict(SETTLED, f"not unique ({seen})")
    if records.is_refused("tracker 2"):
        raise NotSeen(f"the group takes no other name, either ({seen})")
    return Verdict(SETTLED, f"unique ({seen})")


def _active_group(records: Records) -> Verdict:
    steps = []
    without = records["without dataset"]
    for state in ("creation", "deletion"):
        step = f"in a group in {state}"
        prefix = "CREATE" if state == "creation" else "DELETE"
        if step in records and records[f"group in {state}"].state.startswith(prefix):
            records.is_refused(step)
            is_confounded = without.code and _answer(records[step]) == _answer(without)
            steps += [] if is_confounded else [step]
    if not steps:
        raise NotSeen("the group was not in creation or deletion, or the answer is another rule's")
    return _refused(*steps)(records)


def _older(records: Records) -> Verdict:
    reads = ("older", "older in list")
    if any(records[step].is_denied or "no status" in records[step].state for step in reads):
        raise NotSeen(records.said(*reads))
    return _expected(all(records[step].state == "ACTIVE" for step in reads), records.said(*reads))


def _describe_is_right(records: Records) -> Verdict:
    records.in_time(_CREATED)
    describe, listing = records["describe after create"], records["list after create"]
    seen = f"Describe after {describe.waited:g} s, the list after {listing.waited:g} s"
    if abs(describe.waited - listing.waited) < 1:
        raise NotSeen(f"they did not differ: {seen}")
    return _expected(describe.waited < listing.waited, seen)


def _date(records: Records) -> Verdict:
    without = [step for step, record in records.items() if not record.has_date]
    age = records["describe after create"].ages.get("creationDateTime")
    if age is None and not without:
        raise NotSeen("Describe showed no creationDateTime")
    is_so = not without and age is not None and abs(age) < 60
    return _expected(is_so, f"without it: {', '.join(without) or 'none'}; age {age} s")


def _missing_members(records: Records) -> Verdict:
    expected = {"tracker 1": {"eventTrackerArn", "trackingId"}}
    expected |= dict.fromkeys(("describe after create", "tracker 1 active", "older"), _MEMBERS)
    missing = {}
    for step, members in expected.items():
        answer = records[step].answer
        if left_out := sorted(members - answer.get("eventTracker", answer).keys()):
            missing[step] = ", ".join(left_out)
    if not missing:
        raise NotSeen("none was missing")
    return Verdict(AS_ASSUMED, "; ".join(f"{step}: without {it}" for step, it in missing.items()))


def _statuses(records: Records) -> Verdict:
    seen = dict.fromkeys(
        state
        for record in records.values()
        if record.operation == "DescribeEventTracker"
        for state in (*(state for _, state in record.polls), record.state)
        if state != "no status" and not state.endswith("Exception")
    )
    if not seen:
        raise NotSeen("no tracker was described")
    return _expected(seen.keys() <= _STATUSES, ", ".join(seen))


def _events_in_creation(records: Records) -> Verdict:
    records.require("tracker in creation", "CREATE")
    seen = records.said("events in creation", "events of an invented ID", "events")
    if not records.is_refused("events of an invented ID") or records.is_refused("events"):
        raise NotSeen(f"PutEvents does not tell: {seen}")
    return _expected(records.is_refused("events in creation"), seen)


def _times(records: Records) -> Verdict:
    made = "tracker 1 again" if "tracker 1 again" in records else "tracker 1"
    creation = records["tracker 1 active"].at - records[made].at
    deletion = records["tracker 1 gone"].at - records["delete tracker 1"].at
    seen = f"{creation:.0f} s to become ACTIVE, {deletion:.0f} s to be gone"
    return _expected(max(creation, deletion) <= _A_FEW_MINUTES, seen)


def _gone(records: Records) -> Verdict:
    return _expected(records["tracker 1 gone"].code == NOT_FOUND, records.said("tracker 1 gone"))


def _no_tags(records: Records) -> Verdict:
    answer = records["no tags"].answer
    if "tags" in answer:
        raise NotSeen(f"no tags are {answer['tags']}")
    return _expected(not records["no tags"].code, records.said("no tags"))


def _all_or_none(records: Records) -> Verdict:
    after = records["tags after good and wrong ones"]
    if not records.is_refused("good and wrong tags"):
        raise NotSeen("the wrong tag was accepted")
    is_set = any(tag.get("tagKey") == "good" for tag in after.answer.get("tags", []))
    return _expected(not is_set, f"a wrong tag refused; the good one {'' if is_set else 'not '}set")


def _tags_in_use(records: Records) -> Verdict:
    steps = ("tag in creation", "tag in deletion")
    seen = records.said(*steps)
    if all(records[step].code != IN_USE for step in steps):
        raise NotSeen(seen)
    return Verdict(AS_ASSUMED, seen)


def _elsewhere(records: Records) -> Verdict:
    places = ("account", "region")
    steps = [f"{read} in another {it}" for it in places for read in ("describe", "tags")]
    is_so = all(records[step].code == NOT_FOUND or records[step].is_denied for step in steps)
    lists = [f"list in another {it}" for it in places]
    return _expected(is_so, records.said(*steps, *lists))


def _denied(records: Records) -> Verdict:
    denied = [step for step, record in records.items() if record.is_denied]
    if not denied:
        raise NotSeen("nothing was denied")
    named = all(records[step].operation in records[step].message for step in denied)
    return _expected(named, records.said(*denied))


def _arn_form(records: Records) -> Verdict:
    if records.is_refused("tracker 1"):
        raise NotSeen(records.said("tracker 1"))
    form = records["tracker 1"].forms.get("eventTrackerArn", "none")
    pattern = r"arn:aws[a-z-]*:personalize:\{region\}:\{account\}:event-tracker/ID"
    return _expected(bool(re.fullmatch(pattern, form)), form)


def _events_of_a_deleted(records: Records) -> Verdict:
    record = records["events of a deleted tracker"]
    if not records.is_refused("events of an invented ID"):
        raise NotSeen("PutEvents accepts an invented ID, too")
    seen = f"{_answer(record)}, after {record.waited if record.code else SHORT:g} s"
    return _expected(bool(record.code), seen)


_CANT = "can't be provoked at AWS"
_CREATED = {"tracker 1": ("describe after create", "list after create", "tags after create")}
_DELETED = {"delete tracker 1": ("list after delete", "tags after delete")}

PROBES = (
    Probe("The service allows one event tracker for each dataset group.", _refused("second")),
    Probe("The error code for a second tracker, or for any other cause, is not known.", _codes),
    Probe(
        "A tracker that is being deleted still counts as the group's, and ListEventTrackers shows "
        "it with a DELETE status.",
        _deletion_counts,
    ),
    Probe("A tracker that is CREATE FAILED counts until it is deleted.", _failed),
    Probe(
        "CreateEventTracker is not idempotent: a repeated request is refused.",
        _refused("repeated"),
    ),
    Probe(
        "Names of event trackers may or may not be unique in an account and region.", _unique_names
    ),
    Probe("A group must be ACTIVE to get a tracker.", _active_group),
    Probe("A group needs an Item interactions dataset.", _refused("without dataset")),
    Probe(
        "An ACTIVE Item interactions dataset means an ACTIVE group.",
        _refused("dataset in a group in creation", at=("group in creation", "CREATE")),
    ),
    Probe(
        "The dataset can't be deleted before the tracker.",
        _refused("delete dataset under its tracker"),
    ),
    Probe(
        "A group can't be deleted before its tracker and dataset.",
        _refused("delete group under its tracker", "delete group with a dataset"),
    ),
    Probe(
        "Describe, list and tags may lag a change by up to 10 seconds.",
        lambda records: records.in_time({**_CREATED, **_DELETED}),
    ),
    Probe("Older trackers are as they are read.", _older),
    Probe("DescribeEventTracker is right if ListEventTrackers differs.", _describe_is_right),
    Probe("Answers have a Date header, by the clock of `creationDateTime`.", _date),
    Probe(
        "A tag can be read 10 seconds after it was written.",
        lambda records: records.in_time(
            {"tag": ("tags after a tag",), "untag": ("tags after an untag",)}
        ),
    ),
    Probe("Any member of an answer may be missing.", _missing_members),
    Probe(
        "A tracker has one of six statuses: CREATE PENDING, CREATE IN_PROGRESS, ACTIVE, CREATE "
        "FAILED, DELETE PENDING, DELETE IN_PROGRESS.",
        _statuses,
    ),
    Probe("The tracking ID must not be used before the tracker is ACTIVE.", _events_in_creation),
    Probe("PutEvents refuses the tracking ID of a deleted tracker.", _events_of_a_deleted),
    Probe("It takes about a minute to become ACTIVE, or to be gone.", _times),
    Probe(
        "A tracker can be deleted when it is ACTIVE or CREATE FAILED, not before.",
        _refused("delete in creation", at=("tracker in creation", "CREATE")),
    ),
    Probe("A deleted tracker is not found.", _gone),
    Probe("A tracker's ARN names its region and account, and `event-tracker/`.", _arn_form),
    Probe(
        "A request that fails with a 5xx or without an answer may have worked.",
        _unprovoked(_CANT),
    ),
    Probe("ListTagsForResource without `tags` means no tags.", _no_tags),
    Probe(
        "A create's tags are set with it.",
        lambda records: records.in_time({"tracker 1": ("tags after create",)}),
    ),
    Probe("TagResource sets all its tags or none.", _all_or_none),
    Probe("Tag calls may answer ResourceInUseException.", _tags_in_use),
    Probe(
        "At most 50 tags; keys and values must not begin with `aws:`; AWS's own tags do not count.",
        _refused("51 tags", "aws: key", "aws: value"),
    ),
    Probe(
        "ListEventTrackers, ListDatasets and PutEvents have no resource type.",
        _unprovoked("needs a policy for it"),
    ),
    Probe(
        "Another account's or region's ARN is answered ResourceNotFoundException or "
        "AccessDeniedException.",
        _elsewhere,
    ),
    Probe("A denied call's message names the action and the accounts.", _denied),
    Probe(
        "LimitExceededException means that the quota of event trackers is reached.",
        _unprovoked(_CANT),
    ),
)
