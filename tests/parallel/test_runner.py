"""Parallel runs: order, errors, executors."""

import os
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing.pool import ThreadPool

import pytest

from geminga.errors import ConfigError, UnknownNameError
from geminga.parallel import ParallelMixin, parallel_settings, run
from geminga.parallel.runner import resolve_n_jobs


def square(x):
    return x * x


def fail_at_three(x):
    if x == 3:
        raise ValueError("three is too much")
    return x


def slow_first(x):
    time.sleep(0.2 if x == 0 else 0.0)
    return x


def process_id(_):
    return os.getpid()


def run_inside(_):
    return set(run(process_id, range(4), n_jobs=2)) == {os.getpid()}


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_results_come_in_order(n_jobs):
    assert list(run(square, range(10), n_jobs=n_jobs)) == [x * x for x in range(10)]


def test_work_is_done_in_other_processes():
    assert os.getpid() not in set(run(process_id, range(4), n_jobs=2))


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_error_of_a_worker_is_raised(n_jobs):
    results = run(fail_at_three, range(10), n_jobs=n_jobs)
    with pytest.raises(ValueError, match="three is too much"):
        list(results)


def test_error_of_a_process_keeps_its_traceback():
    with pytest.raises(ValueError, match="three is too much") as caught:
        list(run(fail_at_three, range(5), n_jobs=2))
    assert "fail_at_three" in str(caught.value.__cause__)


def test_function_that_cannot_be_pickled_is_an_error_and_no_hang():
    for _ in range(5):
        with pytest.raises(Exception, match="pickle"):
            list(run(lambda x: x, range(3), n_jobs=2))
        with pytest.raises(Exception, match="pickle"):
            list(run(square, [1, lambda: 2, 3, 4], n_jobs=2))


def test_unordered_results_come_as_they_finish():
    results = list(run(slow_first, range(4), n_jobs=2, backend="threads", ordered=False))
    assert sorted(results) == [0, 1, 2, 3]
    assert results[0] != 0


def test_at_most_a_few_items_are_under_way():
    started = []

    def note(x):
        started.append(x)
        return x

    results = run(note, range(1000), n_jobs=2, backend="threads")
    next(results)
    time.sleep(0.1)
    assert len(started) <= 5
    results.close()


@pytest.mark.parametrize(
    "make", [lambda: ThreadPoolExecutor(2), lambda: ProcessPoolExecutor(1), lambda: ThreadPool(2)]
)
def test_executor_of_the_caller_is_used_and_stays_open(make):
    with make() as executor:
        assert list(run(square, [1, 2, 3], executor=executor)) == [1, 4, 9]
        assert list(run(pow, [(2, 3)], executor=executor, star=True)) == [8]


def test_client_with_get_executor_is_used():
    class Client:
        """The part of dask's client that is used."""

        def get_executor(self, pure):
            assert pure is False
            return ThreadPoolExecutor(1)

    assert list(run(square, [3], executor=Client())) == [9]


def test_object_that_is_no_executor_is_refused():
    with pytest.raises(ConfigError, match="executor must have"):
        list(run(square, [1], executor=3))


def test_worker_does_not_start_workers():
    assert all(run(run_inside, range(2), n_jobs=2))


def test_n_jobs_is_checked():
    assert resolve_n_jobs(-1) >= 1
    for bad in (0, -2, 2.5, "3", True):
        with pytest.raises(ConfigError, match="n_jobs must be"):
            resolve_n_jobs(bad)
    with pytest.raises(UnknownNameError, match="parallel backend"):
        run(square, [1], backend="carrier pigeon")


def test_mixin_takes_defaults_from_the_block():
    class Maker(ParallelMixin):
        def __init__(self, n_jobs=None, parallel_backend=None):
            self.n_jobs, self.parallel_backend = n_jobs, parallel_backend

    maker = Maker()
    assert (maker.n_jobs, maker.parallel_backend) == (1, "multiprocessing")
    with parallel_settings(n_jobs=3, backend="threads"):
        assert (maker.n_jobs, maker.parallel_backend) == (3, "threads")
        assert Maker(n_jobs=2).n_jobs == 2
    assert maker.n_jobs == 1
    assert list(Maker(2, "threads").run_parallel(square, [2, 3])) == [4, 9]
    with pytest.raises(ValueError, match="n_jobs must be"):
        maker.n_jobs = "3"
