"""The AWS side: find, create, wait, tag and delete event trackers.

Nothing here imports Pulumi, so that any front end can use it.
"""
