from pathlib import Path

import pytest

from lesionviewer.core.errors import ConfigError
from training.config import TrainingConfig, parse_config


def test_a_config_survives_its_file():
    config = TrainingConfig(
        data=Path("/data/x.csv"), images=(Path("/a"),), epochs=5, malignant=("mel",)
    )
    assert parse_config(config.to_json()) == config


def test_all_problems_are_told_at_once():
    with pytest.raises(ConfigError) as error:
        TrainingConfig(data=Path("x"), epochs=0, input_px=100, backbone="vgg")
    assert set(error.value.problems) == {"epochs", "input_px", "backbone"}


@pytest.mark.parametrize("text", ["{", "[]", '{"epochs": 3}', '{"data": "x", "colour": 1}'])
def test_a_damaged_config_is_a_clear_error(text: str):
    with pytest.raises(ConfigError):
        parse_config(text)


@pytest.mark.parametrize(("epochs", "expected"), [(1, [1]), (2, [1, 1]), (5, [3, 2])])
def test_the_epochs_are_the_total_over_the_stages(epochs: int, expected: list[int]):
    stages = TrainingConfig(data=Path("x"), epochs=epochs).stages
    assert [stage.epochs for stage in stages] == expected
    assert stages[0].cached


def test_all_epochs_may_go_to_fine_tuning():
    (stage,) = TrainingConfig(data=Path("x"), epochs=4, frozen_epochs=0).stages
    assert (stage.name, stage.epochs, stage.cached) == ("fine-tuning", 4, False)
