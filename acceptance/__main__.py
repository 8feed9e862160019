"""``make acceptance``: asks Amazon Personalize in an account, and says what is as assumed."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import signal
import sys
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from .cleanup import RUN, clean, find, member_of, new_run, schemas
from .probes import OTHERWISE, verdicts
from .product import Product
from .recorder import (
    CREATE_FAILED,
    AcceptanceError,
    Clients,
    Clock,
    Interrupted,
    Record,
    Recorder,
    answer_of,
    is_denied,
    names_of,
    to_json,
)
from .redact import Redaction
from .script import WAITS, run_script

#: Dataset groups that it makes, and how many a region may have by default.
_GROUPS, _QUOTA = 2, 5
_MINUTES = (1, 2)
#: What the deletion needs, whose permission a call shows that finds nothing.
_LISTS = ("ListDatasetGroups", "ListDatasets", "ListEventTrackers", "ListSchemas")
_NEEDED = {
    "DescribeDatasetGroup": "dataset-group",
    "DeleteDatasetGroup": "dataset-group",
    "DescribeDataset": "dataset",
    "DeleteDataset": "dataset",
    "DescribeEventTracker": "event-tracker",
    "DeleteEventTracker": "event-tracker",
    "DeleteSchema": "schema",
}


def main(arguments: list[str] | None = None, clock: Clock | None = None) -> int:
    """Runs it as the command line says; returns the exit code."""
    options = _options(arguments)
    try:
        return _Acceptance(options, clock or Clock()).run()
    except KeyboardInterrupt:
        return 130
    except (AcceptanceError, BotoCoreError, ClientError) as error:
        say(f"error: {error}", file=sys.stderr)
        return 1


def say(line: str, file: Any = None) -> None:
    """Shows a line at once, if anybody still reads: nothing that is to be deleted depends on it."""
    with contextlib.suppress(OSError, RuntimeError):
        print(line, file=file or sys.stdout, flush=True)


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make acceptance", description=__doc__)
    parser.add_argument("--account", default="", help="the account's 12 digits, to be sure")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument("--quota", type=int, default=_QUOTA, help="dataset groups in the region")
    parser.add_argument("--clean", metavar="RUN", help="only delete what is left of a run")
    parser.add_argument("--product", action="store_true", help="run the Pulumi CLI, too")
    parser.add_argument("--folder", type=Path, default=Path(), help="where the file is written")
    return parser.parse_args(arguments)


class _Acceptance:
    """One run of the command.

    Args:
        options: Of the command line.
        clock: The time.

    Raises:
        AcceptanceError: The credentials are not the account's, or no region is set.
    """

    def __init__(self, options: argparse.Namespace, clock: Clock) -> None:
        self.options = options
        self.clock = clock
        if not options.account:
            raise AcceptanceError("set ACCOUNT= to the account of your credentials")
        # boto3 itself reads only AWS_DEFAULT_REGION.
        session = boto3.Session(region_name=os.environ.get("AWS_REGION") or None)
        self.region = session.region_name or ""
        if not self.region:
            raise AcceptanceError("no region is set. Set AWS_REGION")
        # What is repeated unseen would be recorded wrongly.
        config = Config(retries={"total_max_attempts": 1, "mode": "standard"})
        self.clients = Clients(
            session.client("personalize", config=config),
            session.client("personalize-events", config=config),
        )
        identity = session.client("sts").get_caller_identity()
        if identity["Account"] != options.account:
            raise AcceptanceError(
                f"the credentials are of account {identity['Account']}, not of {options.account}"
            )
        self.partition = identity["Arn"].split(":")[1]
        #: User, role and session, which no recording may name.
        self.caller = {
            *identity["UserId"].split(":"),
            *identity["Arn"].rpartition(":")[2].split("/"),
        }
        host = urlsplit(self.clients.personalize.meta.endpoint_url).hostname or ""
        self.is_aws = bool(
            re.search(r"\.(amazonaws\.com|api\.aws|amazonwebservices\.com)(\.cn)?$", host)
        )
        self.run_name = options.clean or new_run()
        self.is_over = False
        self.schemas: set[str] = set()

    def run(self) -> int:
        """Runs it, and deletes what it made; returns the exit code."""
        if self.options.clean:
            return self._clean_only()
        self._check()
        self._announce()
        self._confirm("Go on?")
        self._remember()
        model = self.clients.personalize.meta.service_model
        self.model = names_of(model) | names_of(self.clients.events.meta.service_model)
        self.schemas = schemas(self.clients)
        self._handle_signals()
        began = self.clock.now()
        ask = Recorder(
            self.clients, self.run_name, self.clock, self._write, lambda: self.is_over, say
        )
        ask.names |= {"region": self.region, "account": self.options.account}
        code = 0
        try:
            run_script(ask, lambda: self._product(ask.names["group-a"]))
        except AcceptanceError as error:
            code = 130 if isinstance(error, Interrupted) else 1
            say(f"error: {error}", file=sys.stderr)
        finally:
            code = self._delete() or code
        self._show(ask, self.clock.now() - began)
        return code

    # What comes before.

    def _check(self) -> None:
        """Raises an error if the quota or the permissions do not suffice."""
        pages = self.clients.personalize.get_paginator("list_dataset_groups").paginate()
        groups = [group for page in pages for group in page.get("datasetGroups", [])]
        count = sum(group.get("status") != CREATE_FAILED for group in groups)
        if count + _GROUPS > self.options.quota:
            raise AcceptanceError(
                f"{count} dataset groups are there, and {_GROUPS} more are needed, of "
                f"{self.options.quota} that the quota allows. Set QUOTA=n if yours is higher"
            )
        calls: dict[str, dict[str, str]] = {operation: {} for operation in _LISTS}
        for operation, kind in _NEEDED.items():
            member = member_of(operation.removeprefix("Describe").removeprefix("Delete"))
            arn = f"arn:{self.partition}:personalize:{self.region}:{self.options.account}:{kind}"
            calls[operation] = {f"{member}Arn": f"{arn}/{self.run_name}"}
        denied = []
        for operation, request in calls.items():
            answer, _ = answer_of(self.clients, operation, request)
            code = answer.get("Error", {}).get("Code", "")
            if is_denied(code):
                denied.append(f"personalize:{operation}")
        if denied:
            raise AcceptanceError(f"the credentials do not allow {', '.join(denied)}")

    def _announce(self) -> None:
        low, high = (WAITS * minutes for minutes in _MINUTES)
        say(
            f"{self.run_name}: account {self.options.account}, region {self.region}"
            f"{'' if self.is_aws else f', at {self.clients.personalize.meta.endpoint_url}'}.\n"
            f"It makes a schema, {_GROUPS} dataset groups with an interactions dataset each, and "
            "up to 3 event trackers, and deletes them. Nothing is trained or imported; it sends a "
            'few events, and AWS charges "per GB of data uploaded to Amazon Personalize" '
            "(https://aws.amazon.com/personalize/pricing/): less than a cent.\n"
            f"It waits {WAITS} times for what is created or deleted, a minute or two each: "
            f"{low} to {high} minutes."
        )

    def _confirm(self, question: str) -> None:
        if self.options.yes:
            return
        try:
            answer = input(f"{question} Type yes: ")
        except EOFError:
            answer = ""
        if answer.strip() != "yes":
            raise AcceptanceError("nothing was done. Type yes, or set YES=1")

    def _remember(self) -> None:
        """Writes the run's name to disk, before anything is made."""
        folder = self.options.folder / ".acceptance"
        folder.mkdir(exist_ok=True)
        with (folder / f"{self.run_name}.json").open("w", encoding="utf-8") as file:
            json.dump({"account": self.options.account, "region": self.region}, file)
            file.flush()
            os.fsync(file.fileno())

    # While it runs.

    @property
    def _command(self) -> str:
        return (
            f"AWS_REGION={self.region} make acceptance ACCOUNT={self.options.account} "
            f"CLEAN={self.run_name}"
        )

    def _handle_signals(self) -> None:
        def end(*_: object) -> None:
            if self.is_over:
                self._abandon()
            self.is_over = True
            say("Waiting for what is being created, 8 minutes at worst, then deleting it.")

        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, end)

    def _abandon(self) -> NoReturn:
        say(f"\nTo delete what is left: {self._command}")
        os._exit(130)

    def _product(self, group: str) -> None:
        if self.options.product:
            folder = self.options.folder / ".acceptance" / self.run_name
            Product(folder, group, self.run_name, lambda: self.is_over).check(say)

    def _write(self, ask: Recorder) -> None:
        """Writes the recording, as far as it has come."""
        content = {
            "endpoint": "aws" if self.is_aws else "another",
            "date": f"{datetime.now(timezone.utc):%Y-%m-%d}",
            "steps": to_json(self._kept(ask)),
        }
        # At once, whenever the process ends.
        written = self._file.with_suffix(".part")
        written.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
        written.replace(self._file)

    def _kept(self, ask: Recorder) -> dict[str, Record]:
        """Returns the records, without what the recording must not name."""
        return Redaction(ask.names, self.caller, self.model).records(ask.records)

    @property
    def _file(self) -> Path:
        date = self.run_name.removeprefix("pulumi-personalize-")
        folder: Path = self.options.folder
        return folder / f"acceptance-{self.region}-{date}.json"

    # What comes after.

    def _delete(self) -> int:
        say("Deleting what was made…")
        try:
            clean(self.clients, self.run_name, self.clock, say)
            new = schemas(self.clients) - self.schemas
        except AcceptanceError as error:
            say(f"error: {error}. To delete what is left: {self._command}", file=sys.stderr)
            return 1
        say("Everything that was made is deleted.")
        if new:
            say(f"Since the run began, these schemas are new: {', '.join(sorted(new))}")
        return 0

    def _clean_only(self) -> int:
        if not RUN.fullmatch(self.run_name):
            raise AcceptanceError(f"{self.run_name} is no run: it names one as {new_run()}")
        file = self.options.folder / ".acceptance" / f"{self.run_name}.json"
        if file.exists():
            made = json.loads(file.read_text(encoding="utf-8"))
            if made != {"account": self.options.account, "region": self.region}:
                raise AcceptanceError(f"{self.run_name} is of {made['account']}, {made['region']}")
        found = find(self.clients, self.run_name)
        say("\n".join(map(str, found)) or "Nothing of this run is listed.")
        if found:
            self._confirm("Delete it?")
        self._handle_signals()
        self.schemas = schemas(self.clients)
        return self._delete()

    def _show(self, ask: Recorder, seconds: float) -> None:
        found = verdicts(self._kept(ask))
        for assumption, verdict in found:
            say(f"{verdict.kind:<10}  {assumption}\n{'':<12}{verdict.seen}")
        others = sum(verdict.kind == OTHERWISE for _, verdict in found)
        say(
            f"{len(found)} assumptions, {others} otherwise; {len(ask.records)} records, "
            f"{seconds / 60:.0f} minutes. Read {self._file} through, and attach it to an issue."
        )


if __name__ == "__main__":
    sys.exit(main())
