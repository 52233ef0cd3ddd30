"""What the program keeps: sessions with their decisions and audit, and what can be made again."""
