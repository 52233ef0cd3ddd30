"""What a training run was asked to do: checked, and kept as `config.json` in its run folder."""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from lesionviewer.core.card import is_head
from lesionviewer.core.errors import ConfigError
from lesionviewer.engine.backbones import BACKBONES
from training.ranges import RANGES

CUTS: Mapping[str, tuple[str, str]] = {name: b.cuts for name, b in BACKBONES.items()}
"""For each backbone, the layer up to which the trunk is frozen in stage 1 and in stage 2."""

DEFAULT_BACKBONE = "resnet50"
INPUT = "image"
"""Name of the network's input: a stage cut there trains all of it."""

NO_BUNDLE = "none"
BUNDLES = ("int8", "float", NO_BUNDLE)
"""What a finished run can write."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of a run.

    Attributes:
        name: As written in the history.
        cut: The trunk is frozen up to this layer; what follows is trained.
        epochs: How many epochs the stage lasts.
        planned: For how many its rate is planned; more than `epochs` if the run ends before.
        learning_rate: At its peak.
        cached: Whether the frozen trunk's maps are computed once and kept on disk; else every
            epoch sees fresh views of the images.
        rate_decay: The lowest trained layer's rate as a share of the head's.
    """

    name: str
    cut: str
    epochs: int
    planned: int
    learning_rate: float
    cached: bool
    rate_decay: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingConfig:
    """Settings of one run.

    Attributes:
        data: A CSV as HAM10000's, or a folder with one folder per diagnosis.
        images: Folders that hold the CSV's images; `images` beside it if empty.
        extra_data: More CSVs of which only the images marked `train` are used, for training.
        extra_weight: How often an extra image is drawn against one of `data`, 0.0 to 1.0.
        backbone: One of `CUTS`.
        head: Outputs of the dense layers between embedding and logits, each with a ReLU.
        init: `bundle`, `imagenet`, `none`, or a weights file or bundle folder.
        epochs: Total over both stages.
        until: The epoch that the run ends with although its rate is planned for `epochs`; the last
            of them if None.
        frozen_epochs: How many of them have the trunk frozen; half of them if None.
        malignant: Codes of the malignant diagnoses; what HAM10000 defines if None.
        selection: Share of the training lesions of `data` that joins val, 0.0 to 0.5: choosing
            between recipes takes more images than choosing an epoch.
        split_seed: Of the splits that are made and of the lesions that `selection` moves. Runs to
            be compared or averaged share it.
        seed: Of views, sampling and random weights.
        batch_size: Images a step.
        views: How many views of each image stage 1 keeps.
        augmentation: How far views differ, one of `ranges.RANGES`.
        frozen_rate: Peak learning rate of stage 1.
        fine_rate: Peak learning rate of stage 2.
        fine_cut: The layer above which stage 2 trains, `image` for the whole network; the
            backbone's entry in `CUTS` if None.
        fine_decay: In stage 2, the lowest trained layer's rate as a share of the head's.
        weight_decay: Of AdamW, on every trained weight.
        dropout: Share of each dense layer's input dropped.
        label_smoothing: Share of the target spread over all diagnoses.
        balance: A diagnosis of n images is drawn in proportion to n to the power of
            1 - `balance`; the rest of the imbalance is taken out of the loss.
        own_priors: Whether the loss goes by how often a diagnosis is drawn within an image's own
            data set, rather than in all of them together.
        focal: Exponent of the focal loss (Lin et al. 2017, equation 4), 0.0 for none.
        mixup: Parameter of the beta distribution that pairs of images are mixed by (Zhang et al.
            2018), 0.0 for none.
        cutmix: The same for a rectangle cut from one image and put into the other (Yun et al.
            2019). With both, each batch takes one of them.
        ema: Decay a step of the averaged weights, which are the ones evaluated and exported.
        threads: For decoding and for the frozen trunk.
        dtype: Keras' dtype policy of the trained part.
        checkpoint_minutes: Between two checkpoints within an epoch; 0 for none but at its end.
        bundle: Precision of the graph in the bundle that a finished run writes, `int8` or `float`;
            `none` for no bundle.
        batch_size_asked: What `batch_size` was before memory did not do for it; None if it did.
    """

    data: Path
    images: tuple[Path, ...] = ()
    extra_data: tuple[Path, ...] = ()
    extra_weight: float = 0.5
    backbone: str = DEFAULT_BACKBONE
    head: tuple[int, ...] = ()
    init: str = "bundle"
    epochs: int = 16
    until: int | None = None
    frozen_epochs: int | None = None
    malignant: tuple[str, ...] | None = None
    selection: float = 0.0
    split_seed: int = 0
    seed: int = 0
    batch_size: int = 32
    input_px: int = 224
    views: int = 4
    augmentation: str = "mild"
    frozen_rate: float = 3e-4
    fine_rate: float = 5e-5
    fine_cut: str | None = None
    fine_decay: float = 1.0
    weight_decay: float = 0.02
    dropout: float = 0.3
    label_smoothing: float = 0.05
    balance: float = 0.5
    own_priors: bool = False
    focal: float = 0.0
    mixup: float = 0.0
    cutmix: float = 0.0
    ema: float = 0.998
    threads: int = 2
    dtype: str = "float32"
    checkpoint_minutes: float = 10.0
    bundle: str = "int8"
    batch_size_asked: int | None = None

    def __post_init__(self) -> None:
        problems = {}
        if self.backbone not in CUTS:
            problems["backbone"] = f"expected one of {', '.join(CUTS)}, got {self.backbone!r}"
        least = BACKBONES[self.backbone].least_px if self.backbone in BACKBONES else 32
        if not least <= self.input_px <= 1024:
            problems["input_px"] = f"expected {least} to 1024, got {self.input_px}"
        if not is_head(self.head):
            problems["head"] = f"expected up to 4 sizes from 1 to 8192, got {self.head}"
        for name, low, high in (
            ("epochs", 1, 10_000),
            ("batch_size", 1, 1024),
            ("views", 1, 64),
            ("threads", 1, 64),
        ):
            if not low <= getattr(self, name) <= high:
                problems[name] = f"expected {low} to {high}, got {getattr(self, name)}"
        if self.frozen_epochs is not None and not 0 <= self.frozen_epochs <= self.epochs:
            problems["frozen_epochs"] = f"expected 0 to {self.epochs}, got {self.frozen_epochs}"
        if self.until is not None and not 1 <= self.until <= self.epochs:
            problems["until"] = f"expected 1 to {self.epochs}, got {self.until}"
        for name in ("extra_weight", "dropout", "label_smoothing", "balance", "ema"):
            if not 0 <= getattr(self, name) <= 1:
                problems[name] = f"expected 0.0 to 1.0, got {getattr(self, name)}"
        for name in ("focal", "mixup", "cutmix"):
            if not 0 <= getattr(self, name) <= 10:
                problems[name] = f"expected 0.0 to 10.0, got {getattr(self, name)}"
        if not 0 <= self.checkpoint_minutes <= 1440:
            text = f"expected 0 to 1440, got {self.checkpoint_minutes}"
            problems["checkpoint_minutes"] = text
        if not 0 <= self.selection <= 0.5:
            problems["selection"] = f"expected 0.0 to 0.5, got {self.selection}"
        for name in ("frozen_rate", "fine_rate", "fine_decay"):
            if not 0 < getattr(self, name) <= 1:
                problems[name] = f"expected more than 0 and at most 1, got {getattr(self, name)}"
        if self.augmentation not in RANGES:
            problems["augmentation"] = f"expected one of {', '.join(RANGES)}"
        if self.dtype not in ("float32", "mixed_bfloat16"):
            problems["dtype"] = f"expected float32 or mixed_bfloat16, got {self.dtype!r}"
        if self.bundle not in BUNDLES:
            problems["bundle"] = f"expected one of {', '.join(BUNDLES)}, got {self.bundle!r}"
        if problems:
            raise ConfigError(problems)

    @property
    def architecture(self) -> dict[str, Any]:
        """What `engine.networks` needs to build the network, as it stands in a card."""
        head = {"head": list(self.head)} if self.head else {}
        return {"backbone": self.backbone, **head}

    @property
    def length(self) -> int:
        """How many epochs the run has."""
        return self.until or self.epochs

    @property
    def stages(self) -> tuple[Stage, ...]:
        """The stages that have an epoch."""
        frozen = math.ceil(self.epochs / 2) if self.frozen_epochs is None else self.frozen_epochs
        fine = self.epochs - frozen
        upper, lower = CUTS[self.backbone]
        both = (
            Stage(
                "frozen trunk",
                upper,
                min(frozen, self.length),
                frozen,
                self.frozen_rate,
                cached=True,
            ),
            Stage(
                "fine-tuning",
                self.fine_cut or lower,
                max(0, self.length - frozen),
                fine,
                self.fine_rate,
                cached=False,
                rate_decay=self.fine_decay,
            ),
        )
        return tuple(stage for stage in both if stage.epochs)

    def to_json(self) -> str:
        """Return the config as text."""
        return json.dumps(asdict(self), indent=1, default=str, ensure_ascii=False) + "\n"


def read_settings(path: Path) -> dict[str, Any]:
    """Return the settings of a file such as those in `configs/`, or a run's `config.json`.

    Data that it names is looked for from its own folder on.

    Raises:
        ConfigError: It cannot be read, or names something that is no setting.
    """
    try:
        entries = json.loads(path.read_text("utf-8"))
        unknown = entries.keys() - {f.name for f in fields(TrainingConfig)}
        if "data" in entries:
            entries["data"] = (path.parent / entries["data"]).resolve()
        for name in entries.keys() & {"images", "extra_data"}:
            entries[name] = tuple((path.parent / place).resolve() for place in entries[name])
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise ConfigError(
            {"config": f"{path} cannot be read as JSON settings ({error})"}
        ) from error
    if unknown:
        raise ConfigError(dict.fromkeys(sorted(unknown), f"is no setting that {path} can make"))
    return dict(entries)


def parse_config(text: str) -> TrainingConfig:
    """Return the config that `text` holds.

    Raises:
        ConfigError: The text is no config, or one with impossible settings.
    """
    try:
        entries: dict[str, Any] = json.loads(text)
        known = {f.name for f in fields(TrainingConfig)}
        if unknown := entries.keys() - known:
            raise ConfigError(dict.fromkeys(unknown, "is not a setting of this version"))
        entries["data"] = Path(entries["data"])
        for name in ("images", "extra_data"):
            entries[name] = tuple(Path(folder) for folder in entries.get(name) or ())
        entries["head"] = tuple(entries.get("head") or ())
        if entries.get("malignant") is not None:
            entries["malignant"] = tuple(str(code) for code in entries["malignant"])
        return TrainingConfig(**entries)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError({"config.json": f"is damaged or no training config ({error})"}) from error
