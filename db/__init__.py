"""The book: typed tables, the session, the store, the migrations."""
