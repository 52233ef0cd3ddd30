"""One stage of training: what lies above the cut, on maps, with averaged weights."""

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lesionviewer.core.errors import LesionViewerError
from lesionviewer.engine.networks import named_variables
from training.config import Stage, TrainingConfig
from training.feeds import Feed, Maps, Pixels, Rows
from training.folding import FoldedNetwork
from training.losses import balanced_loss, log_priors
from training.metrics import softmax
from training.mixing import mixed
from training.optimizer import layerwise_adamw

if TYPE_CHECKING:
    import keras

_WARM_UP = 0.05
_LOWEST_RATE = 0.02
_EMA_EVERY = 4
_RAW_WEIGHT, _RAW_AVERAGE = "inside/weight/", "inside/average/"


class DivergedError(LesionViewerError):
    """The loss has become infinite or no number."""


def draw_weights(
    targets: NDArray[np.intp], extra: NDArray[np.bool_], k: int, config: TrainingConfig
) -> NDArray[np.float64]:
    """Return how likely each training image is to be drawn, sum 1.

    Args:
        targets: Diagnosis of each image, (n,).
        extra: Whether an image comes from an additional data set, (n,).
        k: Number of diagnoses.
        config: Has `balance` and `extra_weight`.
    """
    single = np.where(extra, config.extra_weight, 1.0)
    mass = np.bincount(targets, single, minlength=k)
    # An image's own weight, times its diagnosis' mass to the power of -balance.
    weights = single * np.maximum(mass, 1e-9)[targets] ** -config.balance
    return np.asarray(weights / weights.sum())


class Averages:
    """Exponential moving averages of a model's weights, slow to move once it has run a while."""

    def __init__(self, variables: Mapping[str, "keras.Variable"], decay: float) -> None:
        self._variables, self._decay = variables, decay
        self.steps = 0
        self.values = _as_numpy(variables)

    def restore(self, values: Mapping[str, NDArray[Any]], steps: int) -> None:
        """Take up averages from a checkpoint."""
        self.values, self.steps = {name: values[name].copy() for name in self.values}, steps

    def update(self, steps: int) -> None:
        """Move the averages towards the weights after `steps` more steps of training."""
        self.steps += steps
        decay = min(self._decay, (1 + self.steps) / (10 + self.steps)) ** steps
        for name, value in _as_numpy(self._variables).items():
            self.values[name] *= np.float32(decay)
            self.values[name] += np.float32(1 - decay) * value


class StageFitter:
    """Trains one stage of a run, epoch by epoch.

    Attributes:
        network: What is trained.
        averages: Of its weights.
        aims: What the loss compares each training image's logits with.
        losses: Of the steps of the epoch under way.
    """

    def __init__(
        self,
        model: "keras.Model",
        stage: Stage,
        config: TrainingConfig,
        targets: NDArray[np.intp],
        extra: NDArray[np.bool_],
        weights: NDArray[np.float64],
    ) -> None:
        import keras

        self._config, self._stage = config, stage
        self._targets, self._weights = targets, weights
        self._k = int(model.output.shape[-1])
        self._steps = math.ceil(len(targets) / config.batch_size)
        # Fine-tuning keeps the statistics that the averaged weights were judged with.
        self._folds = None if stage.cached else FoldedNetwork(model, stage.cut)
        trained = (
            self._folds.network
            if self._folds
            else keras.Model(model.get_layer(stage.cut).output, model.output)
        )
        sets = extra.astype(np.intp) if config.own_priors else np.zeros_like(targets)
        shares = np.eye(self._k, dtype=np.float32)[targets]
        self.aims = np.hstack([shares, log_priors(targets, weights, sets, self._k)[sets]])
        self._optimizer = layerwise_adamw(
            trained, stage.learning_rate, weight_decay=config.weight_decay, decay=stage.rate_decay
        )
        trained.compile(
            self._optimizer,
            balanced_loss(self._k, smoothing=config.label_smoothing, focal=config.focal),
            # TensorFlow builds a graph anyway; JAX would work off every operation by itself.
            jit_compile=keras.backend.backend() == "jax",
        )
        self._optimizer.build(trained.trainable_variables)
        self.network = trained
        self._variables = named_variables(trained)
        self._seeds = {
            f"{layer.name}/{number}": variable
            for layer in trained.layers
            for number, variable in enumerate(layer.variables)
            if not variable.dtype.startswith("float")
        }
        self.losses: list[float] = []
        self.averages = Averages(self._variables, config.ema)

    def fit_epoch(
        self,
        feed: Feed,
        epoch: int,
        progress: Callable[[int, int], None],
        *,
        before: Sequence[float] = (),
    ) -> float:
        """Train one epoch of the run and return its mean loss.

        Args:
            feed: Gives the maps.
            epoch: Counted over the stage, from 0.
            progress: Called before each step, and after the last one, with how many are done, of
                how many. What it raises ends the work.
            before: Losses of the epoch's first steps, done before `restore`.

        Raises:
            DivergedError: The loss is no finite number.
        """
        import keras

        keras.utils.set_random_seed(self._config.seed + 1000 + epoch)
        order = np.random.default_rng([self._config.seed, 4, epoch]).choice(
            len(self._targets), self._steps * self._config.batch_size, p=self._weights
        )
        batches = order.reshape(self._steps, -1)
        self.losses = list(before)
        maps = feed(batches, epoch, len(before))
        mix = partial(mixed, mixup=self._config.mixup, cutmix=self._config.cutmix)
        try:
            for step in range(len(before), self._steps):
                progress(step, self._steps)
                self._optimizer.learning_rate = self._rate(epoch * self._steps + step)
                # Each step has a chance of its own, so that an epoch can be taken up anywhere.
                chance = np.random.default_rng([self._config.seed, 5, epoch, step])
                x, target = mix(next(maps), self.aims[batches[step]], chance)
                loss = float(self.network.train_on_batch(_as_input(x), target))
                if not math.isfinite(loss):
                    raise DivergedError(
                        f"The loss is no number any more in step {step + 1} of the epoch. "
                        "Choose a lower learning rate and go on from the last epoch."
                    )
                self.losses.append(loss)
                if (step + 1) % _EMA_EVERY == 0 or step + 1 == self._steps:
                    self.averages.update(step % _EMA_EVERY + 1)
            progress(self._steps, self._steps)
        finally:
            maps.close() if hasattr(maps, "close") else None
        return float(np.mean(self.losses))

    def predict(self, maps: Rows, check: Callable[[], object] = bool) -> NDArray[np.float64]:
        """Return the probabilities of the averaged weights, (n, k).

        Args:
            maps: Of n images.
            check: Called before each batch. What it raises ends the work.
        """
        current = _as_numpy(self._variables)
        size, logits = self._config.batch_size, []
        self.use_averages()
        try:
            for at in range(0, len(maps), size):
                check()
                batch = _as_input(maps[at : at + size])
                logits.append(np.asarray(self.network.predict_on_batch(batch)))
        finally:
            for name, value in current.items():
                self._variables[name].assign(value)
        return softmax(np.concatenate(logits))

    def use_averages(self) -> None:
        """Put the averages in the place of the weights."""
        for name, value in self.averages.values.items():
            self._variables[name].assign(value)

    def weights(self) -> dict[str, NDArray[Any]]:
        """Return the weights as the whole network names them."""
        return self._outside(_as_numpy(self._variables))

    def averaged(self) -> dict[str, NDArray[Any]]:
        """Return the averages as the whole network names its weights."""
        return self._outside(self.averages.values)

    def state(self, *, within: bool = False) -> dict[str, NDArray[Any]]:
        """Return everything that the next step needs.

        Args:
            within: An epoch: then the averages, too, are as the network holds them. After an epoch
                they are named and scaled as everybody knows the weights.
        """
        averages = {f"{_RAW_AVERAGE}{n}": v.copy() for n, v in self.averages.values.items()}
        if not within:
            averages = {f"average/{name}": v for name, v in self.averaged().items()}
        return {
            # As the network holds them: folding and unfolding would change their last bit.
            **{f"{_RAW_WEIGHT}{n}": v for n, v in _as_numpy(self._variables).items()},
            **averages,
            **{
                f"optimizer/{number}": _numpy(variable)
                for number, variable in enumerate(self._optimizer.variables)
            },
            **{f"chance/{name}": _numpy(v) for name, v in self._seeds.items()},
            "steps": np.array(self.averages.steps),
        }

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Take up training where `state` was written, by this version or by an earlier one."""
        weights = _below(state, _RAW_WEIGHT) or self._inside(_below(state, "weight/"))
        for name, value in weights.items():
            self._variables[name].assign(value)
        for number, variable in enumerate(self._optimizer.variables):
            variable.assign(state[f"optimizer/{number}"].reshape(variable.shape))
        for name, value in _below(state, "chance/").items():
            self._seeds[name].assign(value)
        averages = _below(state, _RAW_AVERAGE) or self._inside(_below(state, "average/"))
        self.averages.restore(averages, int(state["steps"].item()))

    def _outside(self, arrays: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        return self._folds.unfolded(arrays) if self._folds else dict(arrays)

    def _inside(self, arrays: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        return self._folds.folded(arrays) if self._folds else dict(arrays)

    def _rate(self, step: int) -> float:
        """Return the learning rate of a step of the stage: warm-up, then half a cosine."""
        total = self._stage.planned * self._steps
        warm = max(1.0, total * _WARM_UP)
        if step < warm:
            return self._stage.learning_rate * (step + 1) / (warm + 1)
        cosine = 0.5 * (1 + math.cos(math.pi * (step - warm) / max(1.0, total - warm)))
        return self._stage.learning_rate * (_LOWEST_RATE + (1 - _LOWEST_RATE) * cosine)

    @property
    def rate_now(self) -> float:
        """The learning rate of the last step."""
        return float(self._optimizer.learning_rate)


def _below(state: Mapping[str, NDArray[Any]], prefix: str) -> dict[str, NDArray[Any]]:
    return {n.removeprefix(prefix): v for n, v in state.items() if n.startswith(prefix)}


def _as_input(maps: Maps | Pixels) -> NDArray[Any]:
    return maps if maps.dtype == np.uint8 else maps.astype(np.float32)


def _numpy(variable: "keras.Variable") -> NDArray[Any]:
    # A view would change with the weights.
    return np.asarray(variable).copy()


def _as_numpy(variables: Mapping[str, "keras.Variable"]) -> dict[str, NDArray[Any]]:
    return {name: _numpy(variable) for name, variable in variables.items()}
