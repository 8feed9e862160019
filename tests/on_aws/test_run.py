"""A run against the local endpoint: what it says of it, and that it leaves nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from endpoints import REGION
from on_aws.conftest import ACCOUNT, Run, Time
from on_aws.replay import replay
from pulumi_personalize.local import ControlClient

from acceptance import cleanup, recorder
from acceptance.cleanup import find
from acceptance.probes import AS_ASSUMED, NOT_SEEN, OTHERWISE, SETTLED, Verdict, verdicts
from acceptance.recorder import Clients, Record, Recorder, from_json

RECORDING = Path(__file__).parents[1] / "recordings" / "local-endpoint.json"
#: Words of the assumptions that an endpoint which does all as assumed can't show.
UNSEEN = {"CREATE FAILED counts", "5xx", "no resource type", "denied call", "LimitExceeded"}
UNSEEN |= {"if ListEventTrackers differs", "may be missing", "without `tags`", "Tag calls may"}
TRACKERS = ("DescribeEventTracker", "ListEventTrackers", "ListTagsForResource")

MakeRun = Callable[..., Run]


def by_words(run: Run, words: str) -> Verdict:
    """The verdict on the assumption with these words."""
    (verdict,) = (it for assumption, it in verdicts(run.records) if words in assumption)
    return verdict


def kinds(run: Run, kind: str) -> list[str]:
    """The assumptions with a kind of verdict."""
    return [assumption for assumption, verdict in verdicts(run.records) if verdict.kind == kind]


def check(found: list[str], words: set[str]) -> None:
    """Each assumption has some of the words, and each words are of one."""
    assert {it for it in words if any(it in assumption for assumption in found)} == words, found
    assert len(found) == len(words), found


def test_the_local_endpoint_does_nothing_otherwise(make_run: MakeRun, aws: Clients) -> None:
    run = make_run().run()
    assert run.error == ""
    assert kinds(run, OTHERWISE) == []
    check(kinds(run, NOT_SEEN), UNSEEN)
    check(kinds(run, SETTLED), {"error code for a second", "may or may not be unique"})
    assert find(aws, run.name) == []


@pytest.mark.parametrize(
    ("rule", "otherwise", "seen"),
    [
        ("interactionsDataset", {"needs an Item interactions"}, "without dataset: accepted"),
        ("uniqueNames", set(), "not unique (same name in another group: accepted"),
        ("listShowsGoing", {"still counts"}, "list in deletion: accepted (no eventTrackers)"),
    ],
)
def test_each_rule_of_the_service_that_is_off(
    make_run: MakeRun, control: ControlClient, rule: str, otherwise: set[str], seen: str
) -> None:
    control.rules(**{rule: False})
    run = make_run().run()
    assert run.error == ""
    check(kinds(run, OTHERWISE), otherwise)
    assert any(seen in verdict.seen for _, verdict in verdicts(run.records))


def test_another_code(make_run: MakeRun, control: ControlClient) -> None:
    control.fault("CreateEventTracker", "recode", code="SomethingNewException", times=None)
    control.fault("DescribeEventTracker", "recode", code="InvalidInputException", times=None)
    run = make_run().run()
    check(kinds(run, OTHERWISE), {"A deleted tracker is not found", "Another account's or region"})
    assert "second: SomethingNewException" in by_words(run, "error code for a second").seen


@pytest.mark.parametrize("operation", TRACKERS)
def test_reads_that_lag(make_run: MakeRun, control: ControlClient, operation: str) -> None:
    def lag() -> None:
        control.fault(operation, "lag", seconds=60, times=13)

    run = make_run({"tracker 1": lag}).run()
    found = set(kinds(run, OTHERWISE))
    assert any("may lag a change by up to 10" in it for it in found)
    late = {"DescribeEventTracker": "if ListEventTrackers differs"}
    late["ListTagsForResource"] = "A create's tags are set with it"
    assert any(late.get(operation, "may lag") in it for it in found)
    assert "create: 13 s" in by_words(run, "may lag a change").seen
    # A list that trails is what Describe is trusted over.
    if operation == "ListEventTrackers":
        assert by_words(run, "if ListEventTrackers differs").kind == AS_ASSUMED


def test_tags_that_lag(make_run: MakeRun, control: ControlClient) -> None:
    def lag() -> None:
        control.fault("ListTagsForResource", "lag", seconds=60, times=None)

    run = make_run({"tag": lag, "tags after an untag": control.clear_faults}).run()
    assert by_words(run, "A tag can be read 10 seconds").kind == OTHERWISE


def test_members_left_out(make_run: MakeRun, control: ControlClient) -> None:
    control.fault("DescribeEventTracker", "omit", members=["trackingId", "name"], times=None)
    control.fault("ListTagsForResource", "omit", members=["tags"], times=None)
    run = make_run().run()
    assert "tracker 1 active: without name, trackingId" in by_words(run, "may be missing").seen
    assert by_words(run, "without `tags` means no tags").kind == AS_ASSUMED
    assert by_words(run, "A create's tags are set").kind == OTHERWISE


def test_what_is_made_though_it_should_be_refused(
    make_run: MakeRun, control: ControlClient, aws: Clients
) -> None:
    # As with a service that deletes a tracker in creation, and one that repeats no create.
    control.rules(interactionsDataset=False, uniqueNames=False)
    run = make_run().run()
    assert run.error == ""
    assert {step for step in run.records if step.endswith(": gone")} == {
        "without dataset: gone",
        "same name in another group: gone",
    }
    assert find(aws, run.name) == []


class Killed(BaseException):
    """Ends the process, as far as the run can tell."""


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("number", range(72))
def test_killed_at_each_step(
    make_run: MakeRun,
    aws: Clients,
    time: Time,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    when: str,
) -> None:
    calls = 0
    answer_of = recorder.answer_of

    def killing(*arguments: Any) -> Any:
        nonlocal calls
        calls += 1
        if (calls, when) == (number + 1, "before"):
            raise Killed
        answer = answer_of(*arguments)
        if calls == number + 1:
            raise Killed
        return answer

    run = make_run()
    monkeypatch.setattr(recorder, "answer_of", killing)
    with pytest.raises(Killed):
        run.run()
    assert calls == number + 1
    # As `make acceptance CLEAN=RUN` does, which knows nothing but the name.
    cleanup.clean(aws, run.name, time.clock, lambda _: None)
    assert find(aws, run.name) == []


def test_only_the_run_is_deleted(make_run: MakeRun, aws: Clients, time: Time) -> None:
    time.control.clear_faults()
    others = ["shop", f"{cleanup.new_run()}-a"]
    for name in others:
        aws.personalize.create_dataset_group(name=name)
    make_run().run()
    listed = aws.personalize.list_dataset_groups()["datasetGroups"]
    assert sorted(group["name"] for group in listed) == sorted(others)


def test_what_the_service_makes_in_a_group_is_deleted_and_told(aws: Clients, time: Time) -> None:
    time.control.clear_faults()
    run, said = cleanup.new_run(), list[str]()
    personalize = aws.personalize
    group = personalize.create_dataset_group(name=f"{run}-a")["datasetGroupArn"]
    fields = [{"name": "USER_ID", "type": "string"}]
    content = json.dumps({"type": "record", "name": "Interactions", "fields": fields})
    schema = personalize.create_schema(name="event-schema", schema=content)["schemaArn"]
    personalize.create_dataset(
        name="event-interactions",
        schemaArn=schema,
        datasetGroupArn=group,
        datasetType="Interactions",
    )
    cleanup.clean(aws, run, time.clock, said.append)
    assert find(aws, run) == []
    assert [line.partition(" (")[0] for line in said] == [
        "the service has made Dataset event-interactions"
    ]
    # Another's schema stays.
    assert len(personalize.list_schemas()["schemas"]) == 1


@pytest.mark.parametrize(
    ("operation", "code", "line", "skip"),
    [
        ("CreateDataset", "LimitExceededException", "CreateDataset (dataset a): Limit", 1),
        ("CreateSchema", "AccessDeniedException", "CreateSchema (schema): AccessDenied", 0),
        ("DeleteEventTracker", "ServiceException", "delete tracker 1: ServiceException", 2),
        ("CreateDataset", "", "CreateDataset: Connection was closed", 1),
        ("TagResource", "ExpiredTokenException", "TagResource: ExpiredTokenException", 2),
    ],
)
def test_what_the_run_needs_is_refused(
    make_run: MakeRun, time: Time, aws: Clients, operation: str, code: str, line: str, skip: int
) -> None:
    time.control.clear_faults()
    kind: dict[str, Any] = {"kind": "error", "code": code} if code else {"kind": "close"}
    time.control.fault(operation, **kind, skip=skip)
    time.hold()
    run = make_run().run()
    assert run.error.startswith(line)
    assert "\n" not in run.error
    assert find(aws, run.name) == []


def test_what_fails_is_no_answer(make_run: MakeRun, time: Time) -> None:
    time.control.clear_faults()
    for operation in ("ListTagsForResource", "TagResource"):
        time.control.fault(operation, "close")
    time.control.fault("DescribeDataset", "error", code="InternalServerError", status=500)
    time.control.fault("CreateEventTracker", "error", code="ThrottlingException", times=3)
    time.control.fault("DescribeEventTracker", "error", code="ThrottlingException", times=2)
    time.hold()
    run = make_run().run()
    assert (run.error, kinds(run, OTHERWISE)) == ("", [])
    assert sum(record.repeated for record in run.records.values()) == 8


def test_deletion_goes_on_whatever_fails(make_run: MakeRun, time: Time, aws: Clients) -> None:
    def fail() -> None:
        for operation in ("ListDatasetGroups", "ListSchemas", "ListDatasets", "DeleteSchema"):
            time.control.fault(operation, "error", code="ThrottlingException")
            time.control.fault(operation, "close")
            time.control.fault(operation, "error", code="InternalServerError", status=500)

    make_run({"group in deletion": fail}).run()
    assert time.control.faults()[-1]["fired"] == 1
    run = make_run()
    assert find(aws, run.name) == []
    assert aws.personalize.list_dataset_groups()["datasetGroups"] == []


def test_a_tracker_that_is_deleted_while_it_is_created(
    make_run: MakeRun, time: Time, aws: Clients
) -> None:
    run = make_run({"tracker in creation": time.control.release}).run()
    assert run.error == ""
    assert by_words(run, "ACTIVE or CREATE FAILED, not before").kind == OTHERWISE
    assert find(aws, run.name) == []


@pytest.mark.parametrize("operation", ["CreateDatasetGroup", "CreateEventTracker"])
def test_what_fails_to_be_created_ends_the_run(
    make_run: MakeRun, time: Time, aws: Clients, operation: str
) -> None:
    time.control.clear_faults()
    time.control.fault(operation, "fail")
    run = make_run().run()
    assert run.error.endswith("active: CREATE FAILED")
    assert find(aws, run.name) == []


def test_answers_without_an_arn_or_an_id(make_run: MakeRun, time: Time, aws: Clients) -> None:
    time.control.fault("CreateEventTracker", "omit", members=["trackingId"], times=None)
    run = make_run().run()
    assert run.error == ""
    assert "tracker 1: without trackingId" in by_words(run, "may be missing").seen
    time.control.fault("CreateDatasetGroup", "omit", members=["datasetGroupArn"])
    run = make_run().run()
    assert run.error == "CreateDatasetGroup (group-a): the answer has no ARN"
    assert find(aws, run.name) == []


@pytest.fixture
def ask(aws: Clients, time: Time) -> Recorder:
    """Asks the endpoint for a replay."""
    made = Recorder(aws, cleanup.new_run(), time.clock)
    made.names |= {"region": REGION, "account": ACCOUNT}
    return made


def steps_of(recording: Path) -> dict[str, Record]:
    return from_json(json.loads(recording.read_text())["steps"])


@pytest.mark.parametrize(
    "file", sorted(RECORDING.parent.glob("*.json")), ids=lambda file: file.stem
)
def test_a_recording_is_replayed_without_a_difference(
    ask: Recorder, control: ControlClient, file: Path
) -> None:
    recorded = steps_of(file)
    assert replay(recorded, ask) == []
    # The verdicts go by the recording alone.
    assert OTHERWISE not in {verdict.kind for _, verdict in verdicts(recorded)}


def test_replay_tells_each_difference(ask: Recorder, control: ControlClient) -> None:
    recorded = steps_of(RECORDING)
    control.rules(listShowsGoing=False)
    control.fault("TagResource", "recode", code="NewException", status=409, times=None)
    control.fault("DescribeDatasetGroup", "omit", members=["name"], times=None)
    told = "\n".join(replay(recorded, ask))
    for words in (
        "group a active: shape: ",
        "51 tags: code: TooManyTagsException became NewException",
        "51 tags: HTTP status: 400 became 409",
        "list in deletion: shape: ",
    ):
        assert words in told


def test_replay_goes_on_without_what_is_not_made(ask: Recorder, control: ControlClient) -> None:
    recorded = steps_of(RECORDING)
    control.rules(interactionsDataset=False)
    told = replay(recorded, ask)
    assert "without dataset: code: InvalidInputException became " in told
    assert "51 tags: left out, without {tracker-1}" in told
