"""Speed, measured as ratios: both sides alternate in one run on one machine."""
