"""Kinds whose claims are more than one row of one table, or whose rows say more than the claim; one module each."""
