"""What sets the program up and builds its packages; nothing of it ships in the program itself."""
