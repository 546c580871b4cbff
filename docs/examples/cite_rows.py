# %% [markdown]
# # Citing exactly the rows that were used
#
# The rows of `foundry_shares.py`: the citation names the release and the pages behind these rows, and no others. Titles
# are our own labels and therefore in brackets.

# %%
import datapkg

quarters = [f"{year}-Q{number}" for year in range(2022, 2026) for number in range(1, 5)]
foundry = [("market_id", "==", "foundry"), ("period", "in", quarters), ("forecast", "==", False)]
both = ("company_id", "in", ["tsmc", "samsung-electronics"])
df = datapkg.load("market_shares", voice="TrendForce", filters=[*foundry, both])
print(datapkg.cite(df, style="apa"))
print(datapkg.cite(df, style="bibtex"))
