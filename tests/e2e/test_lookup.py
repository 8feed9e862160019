"""Event trackers that a program does not own: `get_event_tracker` and `EventTracker.get`."""

from __future__ import annotations

from endpoints import Endpoint
from harness import Deployment, shows_traceback
from kinds import OWNER_TAG
from programs import WITH_GROUPS

PROGRAM = """
import pulumi
from pulumi_personalize import EventTracker, get_event_tracker, get_event_tracker_output

config = pulumi.Config()
found = get_event_tracker(config.require("group"))
later = get_event_tracker_output(pulumi.Output.from_input(config.require("group")))
read = EventTracker.get("theirs", found.event_tracker_arn)
for name, tracker in (("found", found), ("later", later), ("read", read)):
    pulumi.export(name, tracker.tracking_id)
pulumi.export("tags", read.tags)
"""


def test_tracker_that_the_program_does_not_own(
    either: Deployment, endpoint: Endpoint, group: str
) -> None:
    either.program(PROGRAM)
    either.config({"group": group})
    run = either.preview()
    assert f"dataset group {group} has no event tracker. " in run.errors[0]
    assert not shows_traceback(run.text)
    tags = {"by": "hand", OWNER_TAG: "done-1:x/y/z"}
    made = endpoint.client.create_event_tracker(
        name="theirs",
        datasetGroupArn=group,
        tags=[{"tagKey": key, "tagValue": text} for key, text in tags.items()],
    )
    run = either.up()
    assert run.ok, run.text
    assert {run.outputs[key] for key in ("found", "later", "read")} == {made["trackingId"]}
    assert run.outputs["tags"] == {"by": "hand"}
    assert endpoint.tags(made["eventTrackerArn"]) == tags


def test_get_of_a_tracker_that_does_not_exist(shop: Deployment, group: str) -> None:
    arn = group.replace("dataset-group/movies", "event-tracker/none")
    shop.program(
        f"""
        from pulumi_personalize import EventTracker

        EventTracker.get("theirs", "{arn}")
        """
    )
    run = shop.preview()
    assert f"EventTrackerNotFoundError: event tracker {arn} does not exist. " in run.errors[0]
    assert not shows_traceback(run.text)


def test_by_an_explicit_provider(shop: Deployment, endpoint: Endpoint, group: str) -> None:
    made = endpoint.client.create_event_tracker(name="theirs", datasetGroupArn=group)
    shop.program(
        """
import pulumi
from pulumi import InvokeOptions, ResourceOptions
from pulumi_personalize import get_event_tracker, get_event_tracker_output

config = pulumi.Config()
group = config.require("group")
settings = {"personalize:endpointUrl": pulumi.Output.concat(config.require("url"))}
other = pulumi.ProviderResource("pulumi-python", "other", settings)
site = pulumi.ComponentResource("shop:index:Site", "site", None, ResourceOptions(providers=[other]))
pulumi.export("now", get_event_tracker(group, InvokeOptions(provider=other)).tracking_id)
later = get_event_tracker_output(group, InvokeOptions(parent=site))
pulumi.export("later", later.tracking_id)
"""
    )
    shop.config({"personalize:endpointUrl": "http://127.0.0.1:9"})
    shop.config({"group": group, "url": endpoint.url})
    run = shop.up()
    assert run.ok, run.text
    assert set(run.outputs.values()) == {made["trackingId"]}


def test_by_a_provider_whose_configuration_is_not_known_yet(either: Deployment, group: str) -> None:
    made = (
        "from pulumi_personalize.native import Provider\n"
        'other = Provider("other", endpoint_url=url)\n'
        if either.native
        else 'settings = {"personalize:endpointUrl": url}\n'
        'other = pulumi.ProviderResource("pulumi-python", "other", settings)\n'
    )
    either.config({"group": group})
    either.program(
        WITH_GROUPS
        + f"""
from pulumi_personalize import get_event_tracker, get_event_tracker_output

url = DatasetGroup("late", "late").arn.apply(lambda _: URL)
{made}
options = pulumi.InvokeOptions(provider=other)
get_event_tracker_output(pulumi.Config().require("group"), options)
get_event_tracker(pulumi.Config().require("group"), options)
"""
    )
    assert "is not known yet. Use get_event_tracker_output." in either.preview().errors[0]
