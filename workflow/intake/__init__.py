"""How records of files become what the book holds: matched, checked, compared, and written only where new."""
