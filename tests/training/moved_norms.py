"""Networks of random weights whose batch norms do something."""

import numpy as np

from lesionviewer.engine.networks import named_variables


def move_norms(model) -> None:
    """Give every batch norm and bias of `model` values as training might leave them."""
    rng = np.random.default_rng(0)
    for name, variable in named_variables(model).items():
        kind = name.split("/")[1]
        if kind in ("gamma", "moving_variance"):
            variable.assign(rng.uniform(0.5, 1.5, variable.shape))
        elif kind in ("beta", "moving_mean", "bias"):
            variable.assign(rng.normal(0, 0.1, variable.shape))
