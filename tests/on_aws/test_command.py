"""The command: what it says, asks, refuses and writes, and what a signal does."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from endpoints import REGION, quick_group
from environment import clean_environment
from kinds import Capfd
from on_aws.conftest import ACCOUNT, HELD, Time
from processes import eventually
from pulumi_personalize.local import ControlClient

from acceptance.__main__ import main
from acceptance.cleanup import find, new_run
from acceptance.product import Product
from acceptance.recorder import AcceptanceError, Clients, Interrupted

ROOT = Path(__file__).parents[2]
Command = Callable[..., int]


@pytest.fixture
def command(
    url: str, time: Time, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Command]:
    """Runs the command, in this process; by default, it does not ask."""
    for key, text in clean_environment().items():
        monkeypatch.setenv(key, text)
    monkeypatch.setenv("AWS_ENDPOINT_URL", url)
    monkeypatch.setenv("AWS_REGION", REGION)
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    handlers = [signal.getsignal(number) for number in numbers]

    def run(*arguments: str, account: str = ACCOUNT, asks: bool = False) -> int:
        yes = [] if asks else ["--yes"]
        options = ["--account", account, "--folder", str(tmp_path)]
        return main([*options, *yes, *arguments], time.clock)

    yield run
    for number, handler in zip(numbers, handlers, strict=True):
        signal.signal(number, handler)


def left(aws: Clients) -> int:
    """How much there is in the account."""
    personalize = aws.personalize
    groups = personalize.list_dataset_groups()["datasetGroups"]
    schemas = personalize.list_schemas()["schemas"]
    return len([*groups, *schemas, *personalize.list_event_trackers()["eventTrackers"]])


def test_it_says_what_it_makes_shows_a_table_and_writes_a_file(
    command: Command, aws: Clients, tmp_path: Path, capfd: Capfd
) -> None:
    assert command() == 0
    said = capfd.readouterr().out
    (file,) = tmp_path.glob("acceptance-us-east-1-*.json")
    (kept,) = tmp_path.glob(".acceptance/*.json")
    run = kept.stem
    for words in (
        f"{run}: account {ACCOUNT}, region us-east-1, at http://127.0.0.1:",
        "2 dataset groups",
        '"per GB of data uploaded to Amazon Personalize"',
        f"It waits {said.count('waiting for: ')} times",
        "waiting for: tracker 1 active",
        "as assumed  The service allows one event tracker for each dataset group.",
        " 0 otherwise",
        f"Read {file} through",
    ):
        assert words in said
    content = json.loads(file.read_text())
    assert (content["endpoint"], len(content["steps"])) == ("another", 66)
    assert ACCOUNT not in file.read_text()
    assert run not in file.read_text()
    assert left(aws) == 0


def test_what_is_refused_before_anything_is_made(
    command: Command,
    aws: Clients,
    control: ControlClient,
    capfd: Capfd,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refused(*arguments: str, **options: str) -> str:
        assert command(*arguments, **options) == 1
        (line,) = capfd.readouterr().err.splitlines()
        return line

    assert "are of account 123456789012, not of 111122223333" in refused(account="111122223333")
    control.clear_faults()
    for number in range(4):
        aws.personalize.create_dataset_group(name=f"theirs-{number}")
    assert "4 dataset groups are there, and 2 more are needed, of 5" in refused()
    control.fault("DeleteDataset", "error", code="AccessDeniedException", status=403)
    control.fault("ListSchemas", "error", code="AccessDeniedException", status=403)
    line = refused("--quota", "6")
    denied = "personalize:ListSchemas, personalize:DeleteDataset"
    assert line == f"error: the credentials do not allow {denied}"
    assert "set ACCOUNT=" in refused(account="")
    monkeypatch.setattr("builtins.input", lambda _: "y")
    assert command("--quota", "6", asks=True) == 1
    assert "Type yes, or set YES=1" in capfd.readouterr().err
    assert left(aws) == 4
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    assert "Unable to locate credentials" in refused()
    monkeypatch.delenv("AWS_REGION")
    assert refused() == "error: no region is set. Set AWS_REGION"


def test_a_signal_deletes_what_was_made_and_a_second_one_says_how(
    command: Command,
    aws: Clients,
    time: Time,
    capfd: Capfd,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def end() -> None:
        if time.sleeps == 3:
            os.kill(os.getpid(), signal.SIGTERM)

    time.on_sleep = end
    assert command() == 130
    said = capfd.readouterr().out
    assert "Waiting for what is being created, 8 minutes at worst" in said
    assert "Everything that was made is deleted." in said
    assert "waiting for: tracker 1 gone" not in said
    assert left(aws) == 0

    class Ended(BaseException):
        pass

    def exit_(code: int) -> None:
        raise Ended(code)

    time.sleeps = 0
    monkeypatch.setattr("os._exit", exit_)
    time.on_sleep = lambda: os.kill(os.getpid(), signal.SIGINT) if time.sleeps > 2 else None
    with pytest.raises(Ended):
        command()
    said = capfd.readouterr().out
    (told,) = (line for line in said.splitlines() if line.startswith("To delete what is left: "))
    run = told.rpartition("CLEAN=")[2]
    assert f"AWS_REGION=us-east-1 make acceptance ACCOUNT={ACCOUNT} CLEAN={run}" in told
    assert left(aws) > 0
    # The advice, followed; it shows what it deletes, and asks.
    time.on_sleep = lambda: None
    monkeypatch.setattr("builtins.input", lambda _: "no")
    assert command("--clean", run, asks=True) == 1
    assert f"DatasetGroup {run}-a (arn:" in capfd.readouterr().out
    assert left(aws) > 0
    monkeypatch.setattr("builtins.input", lambda _: "yes")
    assert command("--clean", run, asks=True) == 0
    assert left(aws) == 0


def test_a_schema_that_appears_meanwhile_is_told_and_stays(
    command: Command, aws: Clients, time: Time, capfd: Capfd
) -> None:
    fields = [{"name": "USER_ID", "type": "string"}]
    content = json.dumps({"type": "record", "name": "Interactions", "fields": fields})

    def appear() -> None:
        if time.sleeps == 3:
            aws.personalize.create_schema(name="event-schema", schema=content)

    time.on_sleep = appear
    assert command() == 0
    assert "these schemas are new: arn:aws:personalize:us-east-1" in capfd.readouterr().out
    assert [it["name"] for it in aws.personalize.list_schemas()["schemas"]] == ["event-schema"]


def test_clean_takes_only_a_run_of_this_account_and_region(
    command: Command, tmp_path: Path, capfd: Capfd
) -> None:
    run = new_run()
    (tmp_path / ".acceptance").mkdir()
    made = {"account": ACCOUNT, "region": "eu-west-1"}
    (tmp_path / f".acceptance/{run}.json").write_text(json.dumps(made))
    for name, words in (("shop", "is no run"), (run, "is of 123456789012, eu-west-1")):
        assert command("--clean", name) == 1
        assert words in capfd.readouterr().err
    assert command("--clean", new_run()) == 0
    assert "Nothing of this run is listed." in capfd.readouterr().out


def test_a_terminal_that_is_gone_does_not_keep_it_from_deleting(
    command: Command, aws: Clients, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object, **__: object) -> None:
        raise BrokenPipeError

    time.on_sleep = lambda: os.kill(os.getpid(), signal.SIGHUP) if time.sleeps == 3 else None
    monkeypatch.setattr("builtins.print", gone)
    assert command() == 130
    assert left(aws) == 0


def test_what_cannot_be_deleted_is_named(
    command: Command, aws: Clients, control: ControlClient, time: Time, capfd: Capfd
) -> None:
    control.clear_faults()
    control.fault("DeleteSchema", "error", code="ServiceException", times=None)
    for operation in HELD:
        control.fault(operation, "stay", times=None)
    assert command() == 1
    line = capfd.readouterr().err
    assert "left after 1800 s: Schema pulumi-personalize-" in line
    assert "To delete what is left: AWS_REGION=us-east-1 make acceptance" in line


@pytest.mark.rest
def test_product(url: str, control: ControlClient, aws: Clients, tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        for key, text in {**clean_environment(), "AWS_ENDPOINT_URL": url}.items():
            patch.setenv(key, text)
        group, said = quick_group(url, "product"), list[str]()
        Product(tmp_path / "one", group, "run", lambda: False).check(said.append)
        assert [line.partition(", ")[2].partition(":")[0] for line in said] == [
            *("create", "no change", "refresh", "tag edit", "refused second", "rename"),
            *("native import", "destroy"),
        ]
        assert aws.personalize.list_event_trackers()["eventTrackers"] == []
        # The user ends it, and the run deletes what is there; what goes wrong is one line.
        with pytest.raises(Interrupted):
            Product(tmp_path / "two", group, "run", lambda: True).check(said.append)
        with pytest.raises(AcceptanceError, match=r"^product, create: .*already has event tracker"):
            Product(tmp_path / "three", group, "run", lambda: False).check(said.append)


@pytest.mark.rest
def test_make_acceptance_killed_and_cleaned(
    url: str, aws: Clients, control: ControlClient, tmp_path: Path
) -> None:
    control.pace(2)
    environment = {**clean_environment(), "AWS_ENDPOINT_URL": url, "AWS_REGION": REGION}

    def make(*arguments: str) -> subprocess.Popen[str]:
        options = [*arguments, f"ACCOUNT={ACCOUNT}", "YES=1"]
        return subprocess.Popen(
            ["make", "-s", "acceptance", *options], cwd=ROOT, env=environment, text=True,
            stdout=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip

    with make() as process:
        assert process.stdout
        run = process.stdout.readline().partition(":")[0]
        eventually(lambda: len(aws.personalize.list_event_trackers()["eventTrackers"]) > 0)
        os.killpg(process.pid, signal.SIGKILL)
    assert find(aws, run)
    with make(f"CLEAN={run}") as process:
        said, _ = process.communicate(timeout=300)
        assert process.returncode == 0, said
    assert find(aws, run) == []
    for file in (*ROOT.glob(f".acceptance/{run}*"), *ROOT.glob(f"acceptance-*-{run[-6:]}.json")):
        file.unlink()
