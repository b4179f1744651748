"""Files that ship with the program: the demo office, icons, fonts, themes, wording."""
