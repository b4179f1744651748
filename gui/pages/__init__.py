"""One module per page. A page is a widget that shows rows which workflow functions return."""
