"""Review: what linkage may not decide alone is shown to a person, and what that person decides holds ever after.

What is shown holds names and numbers: it stays behind the vault. What is kept holds keys alone.
"""
