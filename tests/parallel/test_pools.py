"""The names that Gammapy users know."""

import pytest

from geminga.errors import ConfigError, UnknownNameError
from geminga.parallel import (
    ParallelBackendEnum,
    get_multiprocessing,
    is_ray_available,
    multiprocessing_manager,
    run_loop,
    run_multiprocessing,
    run_pool_async,
    run_pool_star_map,
)
from geminga.parallel.pools import get_multiprocessing_ray


def divide(a, b):
    return a / b


@pytest.mark.parametrize("processes", [1, 2])
@pytest.mark.parametrize("method", ["starmap", "apply_async"])
def test_run_multiprocessing(processes, method):
    result = run_multiprocessing(
        divide, [(2, 1), (9, 3)], pool_kwargs={"processes": processes}, method=method
    )
    assert result == [2, 3]


def test_exceptions_of_workers_are_not_lost():
    """With the peer, errors of asynchronous workers vanish (its fault 52)."""
    seen = []
    with pytest.raises(ZeroDivisionError):
        run_multiprocessing(
            divide,
            [(1, 0)] * 2,
            pool_kwargs={"processes": 2},
            method="apply_async",
            method_kwargs={"error_callback": seen.append},
        )
    assert isinstance(seen[0], ZeroDivisionError)


def test_callback_gets_each_result():
    seen = []
    run_loop(divide, [(4, 2), (3, 1)], method_kwargs={"callback": seen.append})
    assert seen == [2, 3]


def test_pools_of_the_caller():
    with get_multiprocessing().Pool(1) as pool:
        assert run_pool_star_map(pool, divide, [(4, 2)]) == [2]
        assert run_pool_async(pool, divide, [(4, 4)]) == [1]


def test_manager_changes_defaults_and_restores_them():
    from geminga.parallel import current_settings

    with multiprocessing_manager(backend="threads", pool_kwargs={"processes": 2}):
        assert (current_settings().n_jobs, current_settings().backend) == (2, "threads")
        assert run_multiprocessing(divide, [(2, 1), (9, 3)]) == [2, 3]
    assert (current_settings().n_jobs, current_settings().backend) == (1, "multiprocessing")
    with pytest.raises(UnknownNameError, match="parallel backend"):
        ParallelBackendEnum.from_str("foo")


def test_ray_that_is_not_there_is_named():
    if is_ray_available():
        pytest.skip("ray is installed")
    with pytest.raises(ConfigError, match="ray"):
        get_multiprocessing_ray()
