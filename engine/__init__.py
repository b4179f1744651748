"""The thinking: pure functions over frozen values. No files, no SQL, no Qt, no clock."""
