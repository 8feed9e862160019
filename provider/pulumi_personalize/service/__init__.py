"""The AWS side: find, create, wait, tag and delete event trackers.

Nothing here knows of Pulumi, so that another front end can be put on it.
"""
