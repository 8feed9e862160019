#!/usr/bin/env bash
# Makes event trackers and waits for each. Usage: up.sh START-OF-THE-GROUPS'-ARNS HOW-MANY
set -euo pipefail
for ((number = 0; number < $2; number++)); do
  group=$1$number
  arn=$(aws personalize create-event-tracker --name "${group##*/}" \
    --dataset-group-arn "$group" --tags tagKey=team,tagValue=search \
    --query eventTrackerArn --output text)
  while [ "$(aws personalize describe-event-tracker --event-tracker-arn "$arn" \
    --query eventTracker.status --output text)" != ACTIVE ]; do
    sleep 10
  done
done
