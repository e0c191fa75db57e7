"""Files of models: YAML, and the covariance beside it."""
