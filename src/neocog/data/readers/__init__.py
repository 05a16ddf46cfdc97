"""Readers: from what a person has (folders, archives, tables, arrays) to files that can be decoded, or to pixels."""
