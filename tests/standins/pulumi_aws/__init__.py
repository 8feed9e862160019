"""Stands in for pulumi-aws, of which it has only what the documentation's programs use.

The real package is 119 MB. Where it is installed, tests/setup/test_snippets.py compares names and
arguments; types were taken from 7.51.1.
"""

from . import cloudwatch, cognito, ecs, iam, lambda_, secretsmanager, ssm

__all__ = ["cloudwatch", "cognito", "ecs", "iam", "lambda_", "secretsmanager", "ssm"]
