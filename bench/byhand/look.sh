#!/usr/bin/env bash
# Tells whether the event trackers are as they should be, tags included: nobody keeps a state here,
# so this is the way to see whether anything is to be done. Usage as of up.sh.
set -euo pipefail
for ((number = 0; number < $2; number++)); do
  arn=$(aws personalize list-event-trackers --dataset-group-arn "$1$number" \
    --query 'eventTrackers[0].eventTrackerArn' --output text)
  aws personalize list-tags-for-resource --resource-arn "$arn" --output text
done
