# %% [markdown]
# # What Korean-language pages say about HBM
#
# Claims about HBM are spread over many tables: shares and sizes of markets, products and what became of them, who
# supplies whom. `mentions` finds those of all tables that point at an entry of a registry, here at any market, product
# or segment with hbm in its id. They are in our own words and in English, whatever the language of the page.

# %%
import datapkg

said = datapkg.mentions("*hbm*")
korean = said[said["language"] == "ko"]
for row in korean.itertuples():
    print(f"{row.published:10}  {row.publisher}: {row.says}")
print(f"{len(korean)} of {len(said)} claims, from {korean['source_id'].nunique()} pages")

# %% [markdown]
# The same claims as figures, here the shares: with `policy="all"` a table has a row per claim. What a source got wrong
# is marked as corrected, and the row has the corrected value.

# %%
shares = datapkg.load("market_shares", policy="all")
shares = shares[shares["claim_id"].isin(korean["claim_id"])]
shown = ["period", "company_id", "forecast", "share_pct", "share_low_pct", "share_high_pct", "voice", "corrected"]
print(shares.sort_values(["period_end", "company_id"])[shown].to_string(index=False))
