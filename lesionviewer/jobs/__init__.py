"""QtCore only: worker threads and child processes behind signals."""
