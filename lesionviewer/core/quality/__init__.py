"""Figures of a picture's quality: what may keep a reader and the network from seeing the lesion."""
