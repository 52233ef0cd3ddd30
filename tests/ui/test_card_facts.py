from lesionviewer.ui.card_facts import metric_rows


def test_intervals_stand_beside_their_figure_and_curves_are_left_out():
    figures = {
        "macro_auc": 0.95,
        "macro_auc_interval": [0.94, 0.96],
        "recall": {"mel": 0.5, "vasc": None},
        "recall_interval": {"mel": [0.4, 0.6], "vasc": [None, None]},
        "common_diagnoses": ["mel", "nv"],
        "malignant_at_90_sensitivity": {"threshold": 0.25, "specificity": 0.75},
        "confusion": [[1, 0], [0, 1]],
        "malignant_curve": {"threshold": [0.0, 1.0], "sensitivity": [1.0, 0.0]},
        "subgroups": {"sex": {"female": {"images": 3}}},
        "interval": "95 %",
    }
    assert metric_rows(figures) == [
        ("Macro AUC", "0.950 (0.940 to 0.960)"),
        ("Recall", "mel 0.500, vasc not defined"),
        ("Common diagnoses", "mel, nv"),
        ("Malignant at 90 sensitivity", "threshold 0.250, specificity 0.750"),
        ("Interval", "95 %"),
    ]
