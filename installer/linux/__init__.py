"""What Linux needs besides Python packages."""
