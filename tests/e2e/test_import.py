"""Import into a stack of the native provider, under the real CLI."""

from __future__ import annotations

import re
from collections.abc import Callable

from endpoints import Endpoint
from harness import NATIVE_TYPE
from kinds import OWNER_TAG
from native_stack import NativeDeployment


def take_in(stack: NativeDeployment, arn: str) -> str:
    """Imports a tracker as ``clicks``; what the CLI showed."""
    options = ("--yes", "--generate-code=false", "--protect=false")
    return stack.pulumi("import", NATIVE_TYPE, "clicks", arn, *options)


class TestImport:
    def test_of_a_tracker_made_by_hand(
        self, native: NativeDeployment, endpoint: Endpoint, group: str
    ) -> None:
        arn = endpoint.client.create_event_tracker(
            name="by-hand", datasetGroupArn=group, tags=[{"tagKey": "team", "tagValue": "search"}]
        )["eventTrackerArn"]
        native.trackers()
        take_in(native, arn)
        assert native.tracker()["id"] == arn
        # A tag that the program lacks is named before it goes.
        native.one(group)
        planned = native.preview(diff=True)
        assert planned.steps == ["update"]
        assert re.search(r'- team: "search"', planned.text), planned.text
        assert endpoint.tags(arn) == {"team": "search"}
        native.one(group, tags={"team": "search"})
        run = native.up()
        assert run.ok, run.text
        assert run.steps == ["same"]
        assert endpoint.tags(arn) == {"team": "search"}
        assert native.destroy().ok
        assert endpoint.trackers() == {}

    def test_by_the_option(self, native: NativeDeployment, endpoint: Endpoint, group: str) -> None:
        arn = endpoint.client.create_event_tracker(name="by-hand", datasetGroupArn=group)[
            "eventTrackerArn"
        ]
        native.one(group, name="by-hand", opts={"import_": arn})
        run = native.up()
        assert run.ok, run.text
        assert run.steps == ["import"]
        native.one(group, name="by-hand")
        assert native.up().changes == {"same": 2}
        assert endpoint.trackers() == {"by-hand": arn}

    def test_by_the_option_takes_over_anothers(
        self, native: NativeDeployment, endpoint: Endpoint, group: str
    ) -> None:
        arn = endpoint.client.create_event_tracker(
            name="theirs",
            datasetGroupArn=group,
            tags=[{"tagKey": OWNER_TAG, "tagValue": "done-1234:proja/a/clicks"}],
        )["eventTrackerArn"]
        native.one(group, name="theirs", opts={"import_": arn})
        planned = native.preview()
        assert planned.steps == ["import", "update"]
        assert "[diff: ~ownership]" in planned.text
        assert "proja/a/clicks is now shop/test/clicks" in planned.text
        assert native.up().ok
        assert endpoint.tags(arn)[OWNER_TAG].endswith(":shop/test/clicks")
        assert native.up().changes == {"same": 2}

    def test_of_another_stacks_tracker_takes_it_over(
        self,
        native: NativeDeployment,
        make_native: Callable[..., NativeDeployment],
        endpoint: Endpoint,
        group: str,
    ) -> None:
        native.one(group, name="clicks")
        assert native.up().ok
        arn = native.tracker()["id"]
        taker = make_native("other")
        taker.trackers()
        shown = take_in(taker, arn)
        assert "ownership tag of 'shop/test/clicks'" in shown
        assert endpoint.tags(arn)[OWNER_TAG].endswith(":shop/test/clicks")
        taker.one(group, name="clicks")
        planned = taker.preview()
        assert "shop/test/clicks is now other/test/clicks" in planned.text
        run = taker.up()
        assert run.steps == ["update"], run.text
        assert endpoint.tags(arn)[OWNER_TAG].endswith(":other/test/clicks")
        assert taker.up().changes == {"same": 2}
        old = native.destroy()
        assert old.ok
        assert f"not deleting event tracker clicks ({arn})" in old.text
        assert endpoint.trackers() == {"clicks": arn}
