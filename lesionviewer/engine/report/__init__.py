"""Reports for people, drawn page by page."""
