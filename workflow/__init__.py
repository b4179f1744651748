"""What the adviser does, one verb a file, for the window and the command line alike."""
