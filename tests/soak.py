"""Random operations with random faults, for as long as wanted: `make soak`.

Ends by comparing Pulumi's state with the endpoint's: nothing lost, nothing doubled, nothing left
over. It prints its seed, and takes one to repeat a run.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from endpoints import Endpoint, local_endpoint
from environment import forget_foreign
from harness import Deployment
from kinds import OWNER_TAG

GROUPS = 5
FAULTS: list[dict[str, Any]] = [
    {"kind": "error", "code": "ThrottlingException", "status": 400, "times": 3},
    {"kind": "error", "code": "InternalServerError", "status": 500, "times": 2},
    {"kind": "close", "when": "before"},
    {"kind": "close", "when": "after"},
    {"kind": "delay", "when": "after", "seconds": 0.5, "times": 2},
    # An update ends with these.
    {"kind": "error", "code": "AccessDeniedException", "times": 2},
    {"kind": "error", "code": "ExpiredTokenException", "times": None},
    {"kind": "error", "code": "SomethingNewException"},
]
READS = ("DescribeEventTracker", "ListEventTrackers", "ListTagsForResource")
#: The most seconds for which a read lags; the provider allows for 10.
LAG = 4.0
#: What a refusal of CreateEventTracker may be called.
CODES = (
    "ResourceAlreadyExistsException",
    "ResourceInUseException",
    "LimitExceededException",
    "InvalidInputException",
    "SomethingNewException",
)


class Soak:
    """One stack under random operations.

    Args:
        deployment: The stack.
        endpoint: Where its trackers are.
        seed: What all that is random comes from.
    """

    def __init__(self, deployment: Deployment, endpoint: Endpoint, seed: int) -> None:
        self.random = random.Random(seed)
        self.deployment = deployment
        self.endpoint = endpoint
        self.groups = [endpoint.group(f"group-{number}") for number in range(GROUPS)]
        self.declared: dict[str, dict[str, Any]] = {}
        self.made = 0

    def run(self, operations: int) -> None:
        """Makes so many operations, each to its end, and compares after each."""
        choices: list[Callable[[], str]] = [
            self.add,
            self.remove,
            self.edit,
            self.rename,
            self.move,
            self.drift,
            self.delete_by_hand,
            self.destroy,
        ]
        weights = [4, 2, 4, 3, 3, 2, 2, 1]
        for number in range(1, operations + 1):
            began = time.monotonic()
            (choice,) = self.random.choices(choices, weights)
            told = choice()
            trouble = self.apply()
            if number % 10 == 0:
                self.must(lambda: self.deployment.up(expect_no_changes=True))
            self.compare()
            seconds = time.monotonic() - began
            print(f"{number:4} {told}{trouble} ({seconds:.1f} s)", flush=True)
        self.declared.clear()
        self.settle()
        self.compare()
        assert self.endpoint.trackers() == {}, "trackers are left over"

    def add(self) -> str:
        """Declares one more tracker on a group without one."""
        free = self.free_groups()
        if not free:
            return self.remove()
        self.made += 1
        resource = f"clicks-{self.made}"
        self.declared[resource] = {
            "resource": resource,
            "dataset_group_arn": self.random.choice(free),
            "tags": {"n": str(self.made)},
        }
        if self.random.random() < 0.5:
            self.declared[resource]["name"] = f"name-{self.made}"
        return f"add {resource}"

    def remove(self) -> str:
        """Takes a tracker out of the program."""
        if not self.declared:
            return self.add()
        resource = self.random.choice(sorted(self.declared))
        del self.declared[resource]
        return f"remove {resource}"

    def edit(self) -> str:
        """Changes tags."""
        resource = self.some()
        keys = self.random.sample("abcdef", self.random.randint(0, 4))
        self.declared[resource]["tags"] = {key: str(self.random.randint(0, 9)) for key in keys}
        return f"edit {resource}"

    def rename(self) -> str:
        """Asks for another name."""
        resource = self.some()
        self.made += 1
        self.declared[resource]["name"] = f"name-{self.made}"
        return f"rename {resource}"

    def move(self) -> str:
        """Moves a tracker to a group without one."""
        free = self.free_groups()
        resource = self.some()
        if not free:
            return self.edit()
        self.made += 1
        self.declared[resource]["dataset_group_arn"] = self.random.choice(free)
        if "name" in self.declared[resource]:
            # Names may be unique, and the new tracker is made before the old one goes.
            self.declared[resource]["name"] = f"name-{self.made}"
        return f"move {resource}"

    def drift(self) -> str:
        """Changes tags behind Pulumi's back, and refreshes."""
        for arn in self.endpoint.trackers().values():
            tag = {"tagKey": "drift", "tagValue": str(self.random.randint(0, 9))}
            self.endpoint.client.tag_resource(resourceArn=arn, tags=[tag])  # type: ignore[list-item]
        self.must(self.deployment.refresh)
        return "drift and refresh"

    def delete_by_hand(self) -> str:
        """Deletes a tracker behind Pulumi's back, and refreshes."""
        trackers = self.endpoint.trackers()
        if trackers:
            arn = trackers[self.random.choice(sorted(trackers))]
            self.endpoint.client.delete_event_tracker(eventTrackerArn=arn)
            while arn in self.endpoint.trackers().values():
                time.sleep(0.05)
        self.must(self.deployment.refresh)
        return "delete by hand and refresh"

    def destroy(self) -> str:
        """Destroys the stack, right after the last update; the next up makes it anew."""
        lags = self.lag() if self.random.random() < 0.5 else ""
        self.must(self.deployment.destroy)
        self.endpoint.clear_faults()
        assert self.endpoint.trackers() == {}, "destroy left trackers"
        return f"destroy{lags}"

    def apply(self) -> str:
        """Deploys what is declared, under a fault or two; says which."""
        self.deployment.trackers(*self.declared.values())
        trouble = "".join(
            self.random.choice((self.fault, self.fault, self.lag, self.recode))()
            for _ in range(self.random.choice((0, 0, 1, 1, 2, 3)))
        )
        if self.random.random() < 0.15:
            started = self.deployment.start_up()
            time.sleep(self.random.uniform(0.5, 4))
            victim = self.random.choice(("provider", "engine", "everything"))
            with contextlib.suppress(AssertionError):
                started.kill(victim)
            started.clean_up()
            self.deployment.unlock()
            trouble += f", {victim} killed"
            done = False
            self.endpoint.clear_faults()
        else:
            run = self.deployment.up()
            done = run.ok
            self.endpoint.clear_faults()
            if not done:
                trouble += self.all_named(run.text)
        if not done:
            # An up that succeeded under faults has to be right without another one.
            self.settle()
            trouble += ", up again"
        return trouble

    def fault(self) -> str:
        """Lets some call go wrong."""
        operation = self.random.choice(
            ("CreateEventTracker", "DescribeEventTracker", "TagResource", "DeleteEventTracker", "*")
        )
        fault = self.random.choice(FAULTS)
        if operation == "CreateEventTracker" and self.random.random() < 0.3:
            fault = {"kind": "fail"}
        skip = self.random.choice((0, 0, 1, 3))
        self.endpoint.fault(operation, **fault, skip=skip)
        which = fault.get("code", fault["kind"])
        return f", {operation} {which}{f' after {skip}' if skip else ''}"

    def lag(self) -> str:
        """Lets reads lag."""
        seconds = round(self.random.uniform(0.5, LAG), 1)
        operation = self.random.choice((*READS, "*"))
        self.endpoint.fault(operation, "lag", seconds=seconds, times=None)
        return f", {operation} lag {seconds} s"

    def recode(self) -> str:
        """Lets creates be refused with one code, whatever the cause."""
        code = self.random.choice(CODES)
        self.endpoint.fault("CreateEventTracker", "recode", code=code, times=None)
        return f", CreateEventTracker recode {code}"

    def all_named(self, text: str) -> str:
        """Requires that what a failed update left, and its state lacks, is named in its error.

        Returns:
            How many that was, for the user.
        """
        known = {state["id"] for state in self.deployment.state()}
        named = 0
        for name, arn in self.endpoint.trackers().items():
            found = self.endpoint.client.describe_event_tracker(eventTrackerArn=arn)["eventTracker"]
            if arn in known or found["status"].startswith("DELETE"):
                continue
            is_named = arn in text or (name in text and found["datasetGroupArn"] in text)
            assert is_named, f"{arn} is left, and nothing says so:\n{text}"
            named += 1
        return f", failed ({named} named)"

    def settle(self) -> None:
        """Deploys without faults."""
        self.deployment.trackers(*self.declared.values())
        self.must(self.deployment.up)

    def compare(self) -> None:
        """Holds Pulumi's state against the endpoint, and both against what is declared."""
        states = {state["id"]: state["outputs"] for state in self.deployment.state()}
        there = set(self.endpoint.trackers().values())
        assert set(states) == there, f"state {sorted(states)}, endpoint {sorted(there)}"
        assert len(there) == len(self.declared), "not as many as declared"
        for arn, outputs in states.items():
            found = self.endpoint.client.describe_event_tracker(eventTrackerArn=arn)["eventTracker"]
            for key in ("name", "trackingId", "datasetGroupArn", "status"):
                assert outputs[key] == found[key], f"{arn}: {key}"
            tags = self.endpoint.tags(arn)
            assert tags.pop(OWNER_TAG).startswith("done-"), f"{arn}: no finished mark"
            assert outputs["tags"] == tags, f"{arn}: tags"

    def must(self, command: Callable[[], Any]) -> None:
        """Runs a command that has to succeed."""
        run = command()
        assert run.ok, run.text

    def some(self) -> str:
        """Some declared tracker; one is added where there is none."""
        if not self.declared:
            self.add()
        return self.random.choice(sorted(self.declared))

    def free_groups(self) -> list[str]:
        """The groups that no tracker is on or wants."""
        wanted = {arguments["dataset_group_arn"] for arguments in self.declared.values()}
        trackers = self.endpoint.trackers().values()
        for arn in trackers:
            found = self.endpoint.client.describe_event_tracker(eventTrackerArn=arn)
            wanted.add(found["eventTracker"]["datasetGroupArn"])
        return [group for group in self.groups if group not in wanted]


def main() -> None:
    """Runs it from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--operations", type=int, default=300, help="how many (default: 300)")
    parser.add_argument("--seed", type=int, default=None, help="repeats a run")
    arguments = parser.parse_args()
    seed = random.SystemRandom().randrange(10**6) if arguments.seed is None else arguments.seed
    print(f"seed {seed}", flush=True)
    forget_foreign()
    with tempfile.TemporaryDirectory() as folder, local_endpoint("--pace", "0.5") as url:
        try:
            endpoint = Endpoint(url)
            deployment = Deployment(Path(folder), endpoint, "soak", "test")
            Soak(deployment, endpoint, seed).run(arguments.operations)
        except BaseException:
            print(f"seed {seed}: repeat with make soak SEED={seed}", flush=True)
            raise
    print(f"seed {seed}: nothing lost, nothing doubled, nothing left over", flush=True)


if __name__ == "__main__":
    main()
