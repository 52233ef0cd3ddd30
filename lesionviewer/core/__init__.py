"""Plain data and files: numpy, Pillow, pydicom. No Qt, no TensorFlow, no OpenVINO."""
