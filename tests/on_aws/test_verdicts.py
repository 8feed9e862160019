"""What records say about each assumption, both ways, and what a recording may hold."""

from __future__ import annotations

import base64
import binascii
import contextlib
import json
import re
from copy import deepcopy
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import pytest
from on_aws.test_run import RECORDING

from acceptance.cleanup import new_run
from acceptance.probes import (
    AS_ASSUMED,
    NOT_SEEN,
    OTHERWISE,
    PROBES,
    SETTLED,
    Verdict,
    verdicts,
)
from acceptance.recorder import Record, from_json, to_json
from acceptance.redact import Redaction
from acceptance.script import elsewhere

ROOT = Path(__file__).parents[2]
RECORDED = from_json(json.loads(RECORDING.read_text())["steps"])
ACCEPTED: dict[str, Any] = {"code": "", "message": "", "status": 200}
REFUSED: dict[str, Any] = {"code": "InvalidInputException", "message": "No.", "status": 400}
DENIED: dict[str, Any] = {"code": "AccessDeniedException", "message": "", "status": 400}
IS_ACTIVE = {"answer": {"eventTracker": {"status": "ACTIVE"}}}
LATE: dict[str, Any] = {"polls": [[0.0, "none"], [11.0, "CREATE PENDING"]], "has_ended": True}
NO_END: dict[str, Any] = {"has_ended": False}


def judged(words: str, changes: dict[str, dict[str, Any] | None]) -> Verdict:
    """The verdict on the assumption with these words, if these steps had other answers."""
    records = deepcopy(RECORDED)
    for step, change in changes.items():
        if change is None:
            del records[step]
        else:
            records[step] = replace(records[step], **change)
    (verdict,) = (it for assumption, it in verdicts(records) if words in assumption)
    return verdict


@pytest.mark.parametrize(
    ("words", "changes", "kind"),
    [
        ("allows one event tracker", {"second": ACCEPTED}, OTHERWISE),
        ("allows one event tracker", {"second": DENIED}, NOT_SEEN),
        ("error code for a second", {"second": None}, SETTLED),
        ("still counts", {"beside one in deletion": ACCEPTED}, OTHERWISE),
        ("still counts", {"list in deletion": {"answer": {"eventTrackers": []}}}, OTHERWISE),
        ("still counts", {"tracker in deletion": REFUSED}, NOT_SEEN),
        ("not idempotent", {"repeated": ACCEPTED}, OTHERWISE),
        ("may or may not be unique", {"same name in another group": ACCEPTED}, SETTLED),
        ("may or may not be unique", {"tracker 2": REFUSED}, NOT_SEEN),
        ("group must be ACTIVE", {"in a group in creation": ACCEPTED}, OTHERWISE),
        ("group must be ACTIVE", {"in a group in deletion": ACCEPTED}, OTHERWISE),
        (
            "group must be ACTIVE",
            {"group in creation": IS_ACTIVE, "group in deletion": REFUSED},
            NOT_SEEN,
        ),
        (
            "group must be ACTIVE",
            dict.fromkeys(
                ("in a group in creation", "in a group in deletion", "without dataset"), REFUSED
            ),
            NOT_SEEN,
        ),
        ("needs an Item interactions", {"without dataset": ACCEPTED}, OTHERWISE),
        ("means an ACTIVE group", {"dataset in a group in creation": ACCEPTED}, OTHERWISE),
        ("means an ACTIVE group", {"group in creation": IS_ACTIVE}, NOT_SEEN),
        ("dataset can't be deleted", {"delete dataset under its tracker": ACCEPTED}, OTHERWISE),
        ("group can't be deleted", {"delete group with a dataset": ACCEPTED}, OTHERWISE),
        ("may lag a change", {"list after create": LATE}, OTHERWISE),
        ("may lag a change", {"tags after create": NO_END}, OTHERWISE),
        ("Older trackers", {"older": REFUSED}, OTHERWISE),
        ("Older trackers", {"older in list": {"answer": {"eventTrackers": []}}}, OTHERWISE),
        ("if ListEventTrackers differs", {"list after create": LATE}, AS_ASSUMED),
        ("if ListEventTrackers differs", {"describe after create": LATE}, OTHERWISE),
        ("Date header", {"second": {"has_date": False}}, OTHERWISE),
        ("Date header", {"describe after create": {"ages": {"creationDateTime": 90}}}, OTHERWISE),
        ("Date header", {"describe after create": {"ages": {}}}, NOT_SEEN),
        ("A tag can be read", {"tags after a tag": LATE}, OTHERWISE),
        ("may be missing", {"older": {"answer": {"eventTracker": {}}}}, AS_ASSUMED),
        ("six statuses", {"older": {"answer": {"eventTracker": {"status": "NEW"}}}}, OTHERWISE),
        ("six statuses", {"tracker 1 active": {"polls": [[0.0, "UPDATE PENDING"]]}}, OTHERWISE),
        ("before the tracker is ACTIVE", {"events in creation": ACCEPTED}, OTHERWISE),
        ("before the tracker is ACTIVE", {"events of an invented ID": ACCEPTED}, NOT_SEEN),
        ("before the tracker is ACTIVE", {"tracker in creation": IS_ACTIVE}, NOT_SEEN),
        ("of a deleted tracker", {"events of a deleted tracker": ACCEPTED}, OTHERWISE),
        ("of a deleted tracker", {"events of an invented ID": ACCEPTED}, NOT_SEEN),
        ("about a minute", {"tracker 1 gone": {"at": 9999.0}}, OTHERWISE),
        ("about a minute", {"tracker 1 active": {"at": 9999.0}}, OTHERWISE),
        ("ACTIVE or CREATE FAILED, not before", {"delete in creation": ACCEPTED}, OTHERWISE),
        ("ACTIVE or CREATE FAILED, not before", {"tracker in creation": IS_ACTIVE}, NOT_SEEN),
        ("A deleted tracker is not found", {"tracker 1 gone": REFUSED}, OTHERWISE),
        ("ARN names its region", {"tracker 1": {"forms": {"eventTrackerArn": "x"}}}, OTHERWISE),
        ("means no tags", {"no tags": {"answer": {}}}, AS_ASSUMED),
        ("means no tags", {"no tags": {"answer": {}, **REFUSED}}, OTHERWISE),
        ("A create's tags are set", {"tags after create": NO_END}, OTHERWISE),
        (
            "all its tags or none",
            {"tags after good and wrong ones": {"answer": {"tags": [{"tagKey": "good"}]}}},
            OTHERWISE,
        ),
        ("all its tags or none", {"good and wrong tags": ACCEPTED}, NOT_SEEN),
        (
            "may answer ResourceInUse",
            {"tag in creation": {"code": "ResourceInUseException"}},
            AS_ASSUMED,
        ),
        *(("At most 50", {step: ACCEPTED}, OTHERWISE) for step in ("51 tags", "aws: key")),
        ("At most 50", {"aws: value": ACCEPTED}, OTHERWISE),
        ("Another account's", {"tags in another account": REFUSED}, OTHERWISE),
        ("Another account's", {"describe in another region": ACCEPTED}, OTHERWISE),
        ("Another account's", {"describe in another account": DENIED}, AS_ASSUMED),
        (
            "denied call",
            {"older": {**DENIED, "message": "personalize:DescribeEventTracker"}},
            AS_ASSUMED,
        ),
        ("denied call", {"older": DENIED}, OTHERWISE),
    ],
)
def test_verdict_goes_by_the_answers(
    words: str, changes: dict[str, dict[str, Any] | None], kind: str
) -> None:
    before = judged(words, {})
    verdict = judged(words, changes)
    assert verdict.kind == kind
    assert verdict != before


def test_each_assumption_can_be_otherwise_or_says_why_not() -> None:
    (cases,) = (mark.args[1] for mark in test_verdict_goes_by_the_answers.pytestmark)
    for assumption, verdict in verdicts(RECORDED):
        is_constant = verdict.seen in ("can't be provoked at AWS", "needs a policy for it")
        assert is_constant is not any(words in assumption for words, *_ in cases)
    assert {verdict.kind for _, verdict in verdicts({})} == {NOT_SEEN}


def test_elsewhere_is_another_account_and_region_of_the_partition() -> None:
    for account, region, other in (
        ("123456789012", "us-west-2", "us-east-1"),
        ("111122223333", "eu-west-1", "us-west-2"),
        ("111122223333", "cn-north-1", "cn-northwest-1"),
        ("111122223333", "us-gov-west-1", "us-gov-east-1"),
    ):
        found = elsewhere(account, region)
        assert found["other-account"] != account
        assert found["other-region"] == other


def test_each_row_of_the_page_has_its_probe() -> None:
    page = (ROOT / "docs/assumptions.md").read_text()
    rows = re.findall(r"^\| (?!assumption|---)(.*?) \|", page, re.MULTILINE)
    assert rows == [probe.assumption for probe in PROBES]


def test_policy_of_the_page_is_what_is_called() -> None:
    page = (ROOT / "docs/howto/acceptance.md").read_text()
    lists = {"ListDatasetGroups", "ListDatasets", "ListSchemas"}
    deletions = {"DeleteSchema"}
    called = {record.operation for record in RECORDED.values()} | lists | deletions
    assert set(re.findall(r'"personalize:(\w+)"', page)) == called


SECRETS = ("999988887777", "mallory", "eve@example.com", "c2VjcmV0IG1lc3NhZ2Ugb2YgQVdT")


def test_a_recording_holds_nothing_but_what_the_run_made() -> None:
    run = new_run()
    account, user, session, encoded = SECRETS
    arn = f"arn:aws:sts::{account}:assumed-role/{user}/{session}"
    own = f"arn:aws:personalize:us-east-1:123456789012:event-tracker/{run}-1"
    foreign = f"arn:aws:personalize:us-east-1:{account}:event-tracker/theirs"
    texts = " ".join([arn, foreign, account, session, encoded, quote(arn), f"id={encoded}"])
    message = f"User: {arn} may not DescribeEventTracker {own}: {texts}"
    answer = {
        "eventTracker": {
            "eventTrackerArn": own,
            "name": f"{run}-1",
            "accountId": account,
            "status": "CREATE PENDING",
            "trackingId": encoded,
            "creationDateTime": datetime.now(timezone.utc),
            user: session,
        },
        "eventTrackers": [
            {"eventTrackerArn": own, "status": "ACTIVE"},
            {"eventTrackerArn": foreign, "name": user, "status": "ACTIVE"},
        ],
        "tags": [
            {"tagKey": "probe", "tagValue": "1"},
            {"tagKey": user, "tagValue": session},
            {"tagKey": "probe", "tagValue": session},
        ],
        "nextToken": encoded,
    }
    tags = {"tags": [{"tagKey": "probe", "tagValue": "1"}]}
    records = {
        "one": Record("DescribeEventTracker", {"eventTrackerArn": own, **tags}, 200, answer=answer),
        "two": Record("TagResource", tags, 400, "InvalidInputException", message),
        "three": Record("TagResource", tags, 400, "AccessDeniedException", f"{user} {message}"),
        "four": Record("TagResource", tags, 400, f"{user}:{session}", message),
    }
    records["one"].forms = {"eventTrackerArn": own, "nextToken": foreign}
    shapes = {"eventTracker", "eventTrackerArn", "name", "accountId", "status", "trackingId"}
    shapes |= {"creationDateTime", "eventTrackers", "tags", "tagKey", "tagValue", "nextToken"}
    shapes |= {"InvalidInputException", "DescribeEventTracker"}
    names = {"run": run, "tracker-1": own, "region": "us-east-1", "account": "123456789012"}
    records["one"].polls = [(0.0, f"owner:{session}, probe"), (1.0, "no tags"), (2.0, user)]
    kept = Redaction(names, {"Admin"}, shapes | {"may", "not", "user"}).records(records)
    file = json.dumps(to_json(kept))
    decoded = [file, unquote(file)]
    for word in re.findall(r"[\w+/=]{4,}", file):
        with contextlib.suppress(binascii.Error):
            decoded.append(base64.b64decode(word + "=" * (-len(word) % 4)).decode("latin-1"))
    for secret in (*SECRETS, "secret message", "123456789012"):
        assert not any(secret in text for text in decoded), secret
    # What the run made, and what the model names, is kept.
    one = kept["one"].answer
    assert one["eventTracker"] == {
        "eventTrackerArn": "{tracker-1}",
        "name": "{run}-1",
        "accountId": "<string>",
        "status": "CREATE PENDING",
        "trackingId": "<string>",
        "creationDateTime": "<time>",
    }
    assert one["eventTrackers"] == [{"eventTrackerArn": "{tracker-1}", "status": "ACTIVE"}]
    assert kept["two"].message.startswith(
        "User: <string> may not DescribeEventTracker {tracker-1}: <string>"
    )
    assert kept["three"].message == ""
    assert [state for _, state in kept["one"].polls] == ["<string>, probe", "no tags", "<string>"]
    # The caller's own name is no word, wherever it is one.
    told = Record("TagResource", tags, 400, "InvalidInputException", "user Admin may not mallory")
    kept = Redaction(names, {"Admin"}, shapes | {"admin", "may", "not"}).records({"one": told})
    assert kept["one"].message == "<string> <string> may not <string>"


def test_each_step_is_judged_or_makes_what_others_need() -> None:
    source = (ROOT / "acceptance/probes.py").read_text()
    named = {step for step in re.findall(r'"([\w: ]+)"', source) if step in RECORDED}
    made = {"schema", "group a", "group b", "dataset a", "dataset b", "group a active"}
    made |= {"group b active", "dataset a active", "dataset b active", "tracker 2 active"}
    made |= {"delete tracker 2", "tracker 2 gone", "delete dataset", "dataset gone"}
    made |= {"delete group"}
    places = {
        f"{read} in another {it}"
        for read in ("describe", "tags", "list")
        for it in ("account", "region")
    }
    states = {
        f"{what} in {it}" for what in ("group", "in a group") for it in ("creation", "deletion")
    }
    assert RECORDED.keys() - named - made - places - states == set()
