"""Sends events to Amazon Personalize: one a line of standard input, as JSON.

    python app/send_events.py < app/events.jsonl

A line has a sessionId, maybe a userId, and the members of an Event as in
https://docs.aws.amazon.com/personalize/latest/dg/API_UBS_Event.html; sentAt is now where left out.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

SETTINGS = Path(__file__).with_name("settings.json")


def request(line: str) -> dict[str, Any]:
    """The arguments of PutEvents for the event of a line."""
    event = json.loads(line)
    if not isinstance(event, dict):
        raise ValueError(f"an event is a JSON object, unlike {line.strip()}")
    session = {key: event.pop(key) for key in ("sessionId", "userId") if key in event}
    if "properties" in event:
        event["properties"] = json.dumps(event["properties"])
    return {**session, "eventList": [{"sentAt": time.time(), **event}]}


def main() -> None:
    """Sends the events; an error is one line, and exit code 1."""
    try:
        settings = json.loads(SETTINGS.read_text())
    except FileNotFoundError:
        sys.exit(f"There is no {SETTINGS}; `pulumi up --refresh` writes it.")
    tracking_id = settings["trackingId"]
    sent = 0
    try:
        client = boto3.client(
            "personalize-events",
            region_name=settings["region"],
            endpoint_url=settings.get("eventsEndpointUrl"),
            config=Config(retries={"mode": "standard"}),
        )
        for line in sys.stdin:
            client.put_events(trackingId=tracking_id, **request(line))
            sent += 1
    except (ValueError, BotoCoreError, ClientError) as error:
        reason = " ".join(str(error).split())
        sys.exit(f"Event {sent + 1} was not sent under {tracking_id}: {reason}")
    print(f"Events sent under {tracking_id}: {sent}")


if __name__ == "__main__":
    main()
