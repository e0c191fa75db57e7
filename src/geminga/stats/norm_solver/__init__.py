"""One amplitude, known shape: a batched solver for thousands of problems at once."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "asimov": ["asimov_ts", "sensitivity"],
        "crossings": ["AsymmetricErrors", "asymmetric_errors", "upper_limit"],
        "curvature": ["errors"],
        "minimum": ["BestFit", "best_fit"],
        "problems": ["NormProblems"],
        "profile": ["NullTest", "null", "scan", "stat"],
        "solver": ["NormSolution", "solve"],
        "status": ["NormStatus"],
        "terms": ["positivity_limits"],
        "window_plane": ["WindowPlane"],
        "windows": ["WindowProblems"],
    },
)
