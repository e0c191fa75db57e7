"""How the search for a norm ended."""

from __future__ import annotations

from enum import IntEnum

__all__ = ["NormStatus"]


class NormStatus(IntEnum):
    """Outcome of one problem; each member carries its message.

    Examples
    --------
    >>> NormStatus.NO_SIGNAL.message
    'The model predicts no signal in any bin. Check exposure, masks and energy range.'
    """

    message: str

    CONVERGED = 0, "The norm is at the minimum of the statistic."
    AT_LIMIT = (
        1,
        "The norm is at its limit, beyond which the statistic would still fall or a prediction be negative.",
    )
    NO_BINS = 2, "The problem has no bins. Check masks and energy range."
    NO_SIGNAL = 3, "The model predicts no signal in any bin. Check exposure, masks and energy range."
    NOT_FINITE = 4, "Counts or model are NaN, infinite, or counts are negative. Mask those bins."
    IMPOSSIBLE = (
        5,
        "No allowed norm gives positive predictions in all bins with counts. Check background and limits.",
    )
    NO_CONVERGENCE = 6, "The iteration did not converge. Look at the scan of the statistic."

    def __new__(cls, code: int, message: str):
        """Make a member from its code and message."""
        member = int.__new__(cls, code)
        member._value_ = code
        member.message = message
        return member

    @property
    def success(self) -> bool:
        """Whether the norm can be used."""
        return self <= NormStatus.AT_LIMIT
