// What a program writes, and what the compiler has to refuse in it.
import { EventTracker, Provider, getEventTrackerOutput } from ".";

const provider = new Provider("one", {
  assumeRole: { roleArn: "arn" },
  defaultTags: { tags: { team: "search" } },
});
new Provider("chain", { assumeRole: [{ roleArn: "one" }, { roleArn: "two", duration: "1h" }] });
// @ts-expect-error
new Provider("wrong", { defaultTags: { tag: { team: "search" } } });
// @ts-expect-error
new Provider("wrong", { assumeRole: "arn" });

const tracker = new EventTracker(
  "clicks",
  { datasetGroupArn: "arn", tags: { team: "search" } },
  { provider, customTimeouts: { create: "10m" } },
);
// @ts-expect-error
new EventTracker("wrong", { tags: {} });

export const trackingId = tracker.trackingId;
export const theirs = getEventTrackerOutput({ datasetGroupArn: "arn" }).trackingId;
