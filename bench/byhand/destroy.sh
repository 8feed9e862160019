#!/usr/bin/env bash
# Deletes the event trackers and waits until each is gone. Usage as of up.sh.
set -euo pipefail
for ((number = 0; number < $2; number++)); do
  arn=$(aws personalize list-event-trackers --dataset-group-arn "$1$number" \
    --query 'eventTrackers[0].eventTrackerArn' --output text)
  aws personalize delete-event-tracker --event-tracker-arn "$arn"
  while aws personalize describe-event-tracker --event-tracker-arn "$arn" >/dev/null 2>&1; do
    sleep 10
  done
done
