"""lesionviewer: offline review of dermatoscope images with an explained classifier."""

__version__ = "0.1.0"
