"""The deletion of what a run has made, against answers that the local endpoint does not give."""

from __future__ import annotations

import re
from typing import Any

import pytest

from acceptance import cleanup
from acceptance.recorder import AcceptanceError, Clients, Clock

RUN = "pulumi-personalize-20261129-abcdef"
CLIENTS = Clients(None, None)


class Service:
    """Lists one resource a page, and deletes what it lists."""

    def __init__(self, *made: tuple[str, str, str]) -> None:
        self.made = {f"{kind}/{name}": (kind, name, status) for kind, name, status in made}
        self.seconds = 0.0
        #: What a list shows only from a time on.
        self.late: dict[str, float] = {}
        self.deleted: list[str] = []

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds

    def answer_of(
        self, _: Clients, operation: str, request: dict[str, str]
    ) -> tuple[dict[str, Any], str]:
        verb, kind = re.findall(r"(List|Delete)(\w+)", operation)[0]
        member = f"{kind[0].lower()}{kind[1:]}".removesuffix("s" if verb == "List" else "")
        if verb == "Delete":
            key = request[f"{member}Arn"]
            self.deleted.append(key)
            del self.made[key]
            return {}, ""
        found = [
            {f"{member}Arn": key, "name": name, "status": status}
            for key, (of, name, status) in self.made.items()
            if f"{of}s" == kind
            and self.seconds >= self.late.get(key, 0)
            # Within a group there is nothing but datasets.
            and ("datasetGroupArn" not in request or of == "Dataset")
        ]
        page = int(request.get("nextToken", 0))
        more = {"nextToken": str(page + 1)} if page + 1 < len(found) else {}
        return {f"{member}s": found[page : page + 1], **more}, ""


def clean(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cleanup, "answer_of", service.answer_of)
    cleanup.clean(CLIENTS, RUN, Clock(lambda: service.seconds, service.sleep), lambda _: None)


def test_all_pages_and_trackers_without_a_group(monkeypatch: pytest.MonkeyPatch) -> None:
    groups = [("DatasetGroup", name, "ACTIVE") for name in ("theirs", f"{RUN}-a", f"{RUN}-b")]
    service = Service(
        *groups, ("Dataset", "events", "ACTIVE"), ("EventTracker", f"{RUN}-1", "ACTIVE")
    )
    clean(service, monkeypatch)
    assert list(service.made) == ["DatasetGroup/theirs"]
    assert service.deleted[0] == f"EventTracker/{RUN}-1"


def test_a_late_list_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    service = Service(("Schema", RUN, ""))
    service.late[f"Schema/{RUN}"] = 20
    clean(service, monkeypatch)
    assert service.made == {}
    assert service.seconds >= 50


def test_what_is_being_created_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    service = Service(("DatasetGroup", f"{RUN}-a", "CREATE PENDING"))
    with pytest.raises(AcceptanceError, match=r"left after 1800 s"):
        clean(service, monkeypatch)
    assert service.deleted == []
