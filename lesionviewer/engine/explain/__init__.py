"""What lets a reader question a map: finer maps, other methods, and a test of what they claim."""
