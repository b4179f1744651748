"""The history of the tables: one module per revision, from an empty file to the present ones."""
