"""Classifiers behind one protocol, Grad-CAM, calibration, self-test. No Qt."""
