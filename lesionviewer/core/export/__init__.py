"""What leaves the program: tables, documents and folders that other programs read."""
