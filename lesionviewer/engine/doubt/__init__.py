"""What lets a reader doubt a prediction: sets, outlier score, similar cases, operating points."""
