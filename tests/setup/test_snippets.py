"""The programs of docs/snippets, and those on the pages themselves, run with Pulumi's mocks.

What they hand over is checked, not what the other providers and AWS make of it. The snippets use
pulumi-aws and pulumi-aws-native, 220 MB, which `make situations` installs.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from setup import mock_engine
from setup.conftest import ROOT

PAGES = {page.stem: page.read_text() for page in [ROOT / "README.md", *ROOT.glob("docs/**/*.md")]}
#: The programs that are on the pages themselves.
PROGRAMS = [
    pytest.param(program, id=page)
    for page, text in PAGES.items()
    for program in re.findall(r"^```python\n(.*?)^```", text, re.M | re.S)
    if "EventTracker(" in program
]
GROUP, OTHER = (f"arn:aws:personalize:eu-west-1:{n}:dataset-group/shop" for n in (1, 2))
ARN = "arn:aws:personalize:eu-west-1:123456789012:event-tracker/clicks"
ID = '"trackingId of clicks"'
PUT_EVENTS = '{"Effect": "Allow", "Action": "personalize:PutEvents", "Resource": "*"}'
CONFIG = {
    "image": "shop:1",
    "name": "shop-prod",
    "taskRoleArn": "role",
    "executionRoleArn": "other",
}
CONFIG |= {"datasetGroupArn": GROUP, "secondGroupArn": GROUP, "topicArn": "topic"}
GROUPS = {"accounts": [GROUP, OTHER], "blue_green": {"blue": GROUP, "green": OTHER}}
DYNAMIC = "pulumi-python:dynamic/personalize:EventTracker"
#: Of each snippet (and its `live`): a resource's type and name, or `exported`; inputs.
HANDED_OVER = f"""
parameter | Parameter tracking-id value | {ID}
secret | SecretVersion personalize | {{"secretId": "id of personalize", "secretString": {{"trackingId": {ID}}}}}
function | Function send-events environment variables | {{"TRACKING_ID": {ID}}}
function | Function send-events role | "arn of send-events"
function | RolePolicy put-events | {{"role": "id of send-events", "policy": {{"Version": "2012-10-17", "Statement": [{PUT_EVENTS}]}}}}
task | TaskDefinition shop containerDefinitions 0 environment | [{{"name": "TRACKING_ID", "value": {ID}}}]
task | TaskDefinition shop taskRoleArn | "role"
task | TaskDefinition shop executionRoleArn | "other"
browser | Role guest assumeRolePolicy Statement 0 Condition StringEquals | {{"cognito-identity.amazonaws.com:aud": "id of shop"}}
browser | RolePolicy put-events | {{"role": "id of guest", "policy": {{"Version": "2012-10-17", "Statement": [{PUT_EVENTS}]}}}}
browser | IdentityPoolRoleAttachment guest | {{"identityPoolId": "id of shop", "roles": {{"unauthenticated": "arn of guest"}}}}
browser | exported | {{"identityPoolId": "id of shop", "trackingId": {ID}, "region": "eu-west-1"}}
alarm | MetricAlarm no-events dimensions | {{"EventTrackerArn": "{ARN}"}}
alarm | MetricAlarm no-events alarmActions | ["topic"]
native_chain | Dataset interactions | {{"name": "shop-prod", "datasetGroupArn": "{GROUP}", "datasetType": "Interactions", "schemaArn": "schemaArn of shop"}}
native_chain | Schema shop schema fields 2 name | "EVENT_TYPE"
native_chain | Schema shop schema fields 3 name | "TIMESTAMP"
native_chain | {DYNAMIC} | {{"clicks": {{"datasetGroupArn": "{GROUP}"}}}}
native_chain | exported | {{"trackingId": {ID}}}
before_move | aws-native:personalize:EventTracker | {{"clicks": {{"datasetGroupArn": "{GROUP}"}}}}
before_move | exported | {{"trackingId": {ID}}}
after_move | {DYNAMIC} | {{"clicks": {{"datasetGroupArn": "{GROUP}", "tags": {{"team": "search"}}, "adoptExisting": true}}}}
after_move | exported | {{"trackingId": {ID}}}
accounts | {DYNAMIC} | {{"clicks-1": {{"datasetGroupArn": "{GROUP}"}}, "clicks-2": {{"datasetGroupArn": "{OTHER}"}}}}
accounts | pulumi-python 2 personalize:assumeRole roleArn | "arn:aws:iam::2:role/deploy"
accounts | exported | {{"1": "trackingId of clicks-1", "2": "trackingId of clicks-2"}}
blue_green blue | exported | {{"trackingId": "trackingId of clicks-blue"}}
blue_green green | exported | {{"trackingId": "trackingId of clicks-green"}}
blue_green green | EventTracker | {{"clicks-blue": {{"datasetGroupArn": "{GROUP}"}}, "clicks-green": {{"datasetGroupArn": "{OTHER}"}}}}
"""  # noqa: E501
CASES = [line.split(" | ") for line in HANDED_OVER.strip().splitlines()]


def run(monkeypatch: pytest.MonkeyPatch, program: Path, live: str = "") -> dict[str, Any]:
    monkeypatch.setattr(sys, "path", [*sys.path, str(ROOT / ".cache/snippets")])
    config = {**CONFIG, "datasetGroups": json.dumps(GROUPS.get(program.stem)), "live": live}
    outputs = {"datasetGroupArn": GROUP, "eventTrackerArn": ARN}
    return mock_engine.run(monkeypatch, program, config, **outputs)


@pytest.mark.rest
@pytest.mark.parametrize("case", sorted({case for case, *_ in CASES}))
# pulumi-aws's own.
@pytest.mark.filterwarnings("ignore:aws.lambda/microvms:DeprecationWarning")
def test_snippet(monkeypatch: pytest.MonkeyPatch, case: str) -> None:
    name, _, live = case.partition(" ")
    found = run(monkeypatch, ROOT / f"docs/snippets/{name}.py", live)
    for path, value in [facts for other, *facts in CASES if other == case]:
        part: Any = found
        for key in path.split(" "):
            part = part[int(key) if isinstance(part, list) else key]
        assert part == json.loads(value), path


@pytest.mark.parametrize("program", PROGRAMS)
def test_program_of_a_page(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, program: str) -> None:
    (tmp_path / "program.py").write_text(program)
    found = run(monkeypatch, tmp_path / "program.py")
    assert found["EventTracker"]["clicks"]["datasetGroupArn"] == GROUP
    assert found["exported"].get("trackingId", json.loads(ID)) == json.loads(ID)


def test_each_is_on_a_page_and_has_a_test() -> None:
    names = {path.stem for path in ROOT.glob("docs/snippets/*.py")}
    assert names == set(re.findall(r"{literalinclude} \S*snippets/(\w+)\.py", str(PAGES)))
    tests = "".join(test.read_text() for test in ROOT.glob("tests/e2e/test_*.py"))
    for name in names - {case.partition(" ")[0] for case, *_ in CASES}:
        assert f"/{name}.py" in tests, name
