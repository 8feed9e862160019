"""Stands in for pulumi-aws-native."""

from types import SimpleNamespace

from standin import module

personalize = module("personalize")
personalize.DatasetType = SimpleNamespace(INTERACTIONS="Interactions")
