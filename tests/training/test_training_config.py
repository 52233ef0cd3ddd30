from pathlib import Path

import pytest

from lesionviewer.core.errors import ConfigError
from training.config import TrainingConfig, parse_config, read_settings


def test_a_config_survives_its_file():
    config = TrainingConfig(
        data=Path("/data/x.csv"), images=(Path("/a"),), epochs=5, malignant=("mel",)
    )
    assert parse_config(config.to_json()) == config


def test_all_problems_are_told_at_once():
    with pytest.raises(ConfigError) as error:
        TrainingConfig(data=Path("x"), epochs=0, input_px=20, backbone="vgg", head=(0,))
    assert set(error.value.problems) == {"epochs", "input_px", "backbone", "head"}


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


def test_settings_of_a_file_hold_unless_the_command_line_says_otherwise(tmp_path: Path) -> None:
    file = tmp_path / "recipe.json"
    file.write_text('{"views": 3, "malignant": ["mel"], "focal": 1.5}', "utf-8")

    assert read_settings(file) == {"views": 3, "malignant": ["mel"], "focal": 1.5}


def test_data_that_a_file_names_lies_beside_it(tmp_path: Path) -> None:
    file = tmp_path / "config.json"
    file.write_text('{"data": "set/metadata.csv", "images": ["set/a", "/b"]}', "utf-8")
    found = read_settings(file)
    assert found["data"] == tmp_path.resolve() / "set" / "metadata.csv"
    assert found["images"] == (tmp_path.resolve() / "set" / "a", Path("/b").resolve())


@pytest.mark.parametrize("text", ['{"data": 3}', '{"speed": 3}', "[1]", "{", '"views"'])
def test_a_file_that_holds_no_settings_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "recipe.json"
    file.write_text(text, "utf-8")

    with pytest.raises(ConfigError):
        read_settings(file)


def test_every_recipe_in_the_repository_is_a_config() -> None:
    recipes = sorted((Path(__file__).parents[2] / "configs").glob("*.json"))

    assert recipes
    for recipe in recipes:
        TrainingConfig(data=Path("x.csv"), **read_settings(recipe))


def test_a_deep_head_survives_the_configs_file_and_stands_in_the_architecture() -> None:
    config = TrainingConfig(data=Path("x"), backbone="vgg16", head=(512, 256))

    assert parse_config(config.to_json()) == config
    assert config.architecture == {"backbone": "vgg16", "head": [512, 256]}
    assert TrainingConfig(data=Path("x")).architecture == {"backbone": "resnet50"}


def test_a_config_without_a_head_is_one_with_a_single_layer() -> None:
    assert parse_config('{"data": "x"}').head == ()


@pytest.mark.parametrize(
    ("backbone", "px", "fits"),
    [("resnet50", 225, True), ("inceptionv3", 75, True), ("inceptionv3", 74, False)],
)
def test_an_input_may_have_any_size_that_the_backbone_takes(
    backbone: str, px: int, fits: bool
) -> None:
    if fits:
        assert TrainingConfig(data=Path("x"), backbone=backbone, input_px=px).input_px == px
    else:
        with pytest.raises(ConfigError, match="expected 75 to 1024"):
            TrainingConfig(data=Path("x"), backbone=backbone, input_px=px)


def test_a_run_may_end_before_its_schedule_does():
    config = TrainingConfig(data=Path("x"), epochs=10, frozen_epochs=4, until=6)
    assert config.length == 6
    assert [(stage.epochs, stage.planned) for stage in config.stages] == [(4, 4), (2, 6)]
    short = TrainingConfig(data=Path("x"), epochs=10, frozen_epochs=4, until=3)
    assert [(stage.epochs, stage.planned) for stage in short.stages] == [(3, 4)]
    with pytest.raises(ConfigError, match="until"):
        TrainingConfig(data=Path("x"), epochs=10, until=11)
