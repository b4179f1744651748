"""Readers of custodian files, spreadsheets and price tables: file in, (records, problems) out."""
