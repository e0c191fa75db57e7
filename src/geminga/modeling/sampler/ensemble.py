"""An ensemble of walkers that stretch towards each other, without tuning and without further packages."""

from __future__ import annotations

import numpy as np

__all__ = ["run_ensemble"]


def run_ensemble(log_posterior, start, n_steps: int, random_state, stretch=2.0):
    """Sample with the stretch move of Goodman and Weare.

    Parameters
    ----------
    log_posterior : callable
        Of one vector of values.
    start : ndarray, shape (n_walkers, n)
        Positions of an even number of walkers, twice as many as dimensions at least.
    n_steps : int
        Steps of each walker.
    random_state : `~numpy.random.RandomState`
    stretch : float
        Longest stretch.

    Returns
    -------
    chain : ndarray, shape (n_steps, n_walkers, n)
    log : ndarray, shape (n_steps, n_walkers)
    acceptance : float
        Fraction of accepted steps.

    References
    ----------
    .. [1] Goodman & Weare (2010), Comm. App. Math. Comp. Sci. 5, 65.
    """
    walkers = np.array(start, dtype=float)
    n_walkers, n = walkers.shape
    log = np.array([log_posterior(walker) for walker in walkers])
    chain, logs = np.empty((n_steps, n_walkers, n)), np.empty((n_steps, n_walkers))
    accepted = 0
    halves = np.arange(n_walkers // 2), np.arange(n_walkers // 2, n_walkers)
    for step in range(n_steps):
        for moving, resting in (halves, halves[::-1]):
            # density g(z) ~ 1 / sqrt(z) between 1 / a and a
            z = ((stretch - 1) * random_state.uniform(size=len(moving)) + 1) ** 2 / stretch
            partners = walkers[random_state.choice(resting, size=len(moving))]
            proposed = partners + z[:, np.newaxis] * (walkers[moving] - partners)
            new_log = np.array([log_posterior(walker) for walker in proposed])
            with np.errstate(invalid="ignore"):
                gain = (n - 1) * np.log(z) + new_log - log[moving]
            better = np.log(random_state.uniform(size=len(moving))) < gain
            walkers[moving[better]], log[moving[better]] = proposed[better], new_log[better]
            accepted += int(np.count_nonzero(better))
        chain[step], logs[step] = walkers, log
    return chain, logs, accepted / (n_steps * n_walkers)
