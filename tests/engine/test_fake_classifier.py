import numpy as np
from bundles import tiny_card

from lesionviewer.engine.fake_classifier import FakeClassifier


def spotted() -> np.ndarray:
    pixels = np.full((224, 224, 3), 20, np.uint8)
    pixels[100:124, 196:220] = 255
    return pixels


def test_the_same_pixels_always_give_the_same_output() -> None:
    first = FakeClassifier(tiny_card()).predict(spotted()[None])
    again = FakeClassifier(tiny_card()).predict(np.stack([np.zeros_like(spotted()), spotted()]))
    for one, two in zip(first, again, strict=True):
        np.testing.assert_array_equal(one[0], two[1])


def test_the_heat_of_melanoma_lies_on_a_bright_spot() -> None:
    card = tiny_card()
    raw = FakeClassifier(card).predict(spotted()[None])
    melanoma = card.codes.index("mel")
    assert raw.logits[0].argmax() == melanoma
    heat = raw.activation_maps[0, ..., melanoma]
    assert np.unravel_index(heat.argmax(), heat.shape) == (3, 6)


def test_logits_are_the_mean_of_the_activation_maps() -> None:
    batch = np.random.default_rng(3).integers(0, 256, (2, 100, 100, 3), np.uint8)
    raw = FakeClassifier(tiny_card(input_px=100)).predict(batch)
    np.testing.assert_allclose(raw.logits, raw.activation_maps.mean((1, 2)), rtol=1e-5)
