"""Ragged sums against loops."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from geminga.stats.norm_solver.segments import Segments

lengths = st.lists(st.integers(0, 4), min_size=0, max_size=12)


@settings(max_examples=100)
@given(lengths, st.randoms())
def test_segments_agree_with_loops(lengths, random):
    segments = Segments.of_lengths(np.array(lengths, dtype=int))
    values = np.array([random.uniform(-1, 1) for _ in range(sum(lengths))])
    parts = np.split(values, segments.offsets[1:-1]) if lengths else []
    assert_allclose(segments.sum(values), [part.sum() for part in parts], atol=1e-15)
    assert_allclose(segments.max(values), [part.max(initial=-np.inf) for part in parts])
    assert_allclose(segments.min(values), [part.min(initial=np.inf) for part in parts])
    owner = segments.spread(np.arange(len(lengths)))
    assert owner.tolist() == [k for k, n in enumerate(lengths) for _ in range(n)]
    which = np.array([k for k in range(len(lengths)) if k % 2] * 2, dtype=int)
    index, taken = segments.take(which)
    assert_allclose(values[index], np.concatenate([parts[k] for k in which]) if len(which) else [])
    assert taken.lengths.tolist() == [lengths[k] for k in which]
    mask = values > 0
    kept = segments.masked(mask)
    assert_allclose(kept.sum(values[mask]), [part[part > 0].sum() for part in parts], atol=1e-15)
