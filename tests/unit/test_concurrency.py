"""The limit of four operations at a time, raised where that can be done."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from pulumi_personalize import concurrency
from pulumi_personalize.concurrency import LIMIT, raise_limit


def in_thread(act: Callable[[], Any]) -> Any:
    result: list[Any] = []
    thread = threading.Thread(target=lambda: result.append(act()))
    thread.start()
    thread.join()
    return result[0]


def test_outside_of_a_pool_there_is_no_limit_to_raise() -> None:
    assert in_thread(raise_limit) is False


def test_pool_takes_more_once_its_worker_asks() -> None:
    barrier = threading.Barrier(12)
    with ThreadPoolExecutor(4) as pool:
        assert pool.submit(raise_limit).result() is True
        # With four workers the twelfth would never come to the barrier.
        waiting = [pool.submit(barrier.wait, 10) for _ in range(12)]
        assert sorted(future.result() for future in waiting) == list(range(12))
        assert pool._max_workers == LIMIT


def test_only_the_pool_of_the_worker_that_asks_takes_more() -> None:
    with ThreadPoolExecutor(2) as pool, ThreadPoolExecutor(2) as other:
        assert pool.submit(raise_limit).result() is True
        assert other._max_workers == 2


def test_larger_pool_is_left_as_it_is() -> None:
    with ThreadPoolExecutor(LIMIT + 1) as pool:
        assert pool.submit(raise_limit).result() is True
        assert pool._max_workers == LIMIT + 1


def test_asked_from_deep_within_an_operation() -> None:
    def deep(depth: int) -> bool:
        return deep(depth - 1) if depth else raise_limit()

    with ThreadPoolExecutor(4) as pool:
        assert pool.submit(deep, 50).result() is True


@pytest.mark.parametrize("workers", [None, "4", 4.0])
def test_pool_that_is_not_as_expected_is_left_alone(
    monkeypatch: pytest.MonkeyPatch, workers: object
) -> None:
    pool = ThreadPoolExecutor(1)
    monkeypatch.setattr(pool, "_max_workers", workers)
    monkeypatch.setattr(concurrency, "_current_pool", lambda: pool)
    assert raise_limit() is False
    assert pool._max_workers == workers


@pytest.mark.parametrize("reference", [lambda: None, object, "a text"], ids=["gone", "other", "x"])
def test_reference_to_something_else_is_no_pool(reference: object) -> None:
    def look(executor_reference: object) -> bool:
        return raise_limit()

    assert in_thread(lambda: look(reference)) is False
