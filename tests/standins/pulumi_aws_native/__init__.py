"""Stands in for pulumi-aws-native, of which it has only what the documentation's programs use.

The real package is 104 MB. Where it is installed, tests/setup/test_snippets.py compares names and
arguments; types were taken from 1.84.0.
"""

from . import personalize

__all__ = ["personalize"]
