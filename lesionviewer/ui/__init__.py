"""Widgets and models: show state, send intents."""
