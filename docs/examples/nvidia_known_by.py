# %% [markdown]
# # NVIDIA's share: what one could know by 1 February 2024, and what one knows today
#
# "NVIDIA has 80 percent" is no fact until one says of which market. Every definition of a market is a market of its own
# here, so that graphics cards are not taken for AI chips. `known_by` goes back in time: it uses only what had been
# published by that day, and chooses anew from it.

# %%
import datapkg

nvidia = [("company_id", "==", "nvidia")]
then = datapkg.load("market_shares", known_by="2024-02-01", filters=nvidia)
today = datapkg.load("market_shares", filters=nvidia)

# %% [markdown]
# The names of the markets stand in a registry, with the definitions that tell them apart.

# %%
key = today.attrs["primary_key"]
markets = datapkg.load("markets").set_index("market_id")
rows = today.sort_values(["market_id", "period_end", "basis"], ascending=False).reset_index(drop=True)
rows["market"] = rows["market_id"].map(markets["name_en"])
rows["known_then"] = rows.set_index(key).index.isin(then.set_index(key).index)
shown = "market period basis forecast qualifier share_pct share_low_pct share_high_pct known_then".split()
print(rows[shown][::-1].to_string(index=False))
print(f"{len(then)} shares by 2024-02-01, {len(today)} today, in {rows['market'].nunique()} markets")

# %% [markdown]
# A dot is the share as stated, a line what agrees with it: "up to 80 %" begins at 0, a range has no dot.

# %%
import matplotlib.pyplot as plt

figure, axes = plt.subplots(figsize=(9, 7), layout="constrained")
for known, colour, label in ((True, "tab:blue", "known by 2024-02-01"), (False, "tab:orange", "published later")):
    part = rows[rows["known_then"] == known]
    low, high = part["share_low_pct"], part["share_high_pct"]
    agrees = low.notna() | high.notna()
    axes.hlines(part.index[agrees], low[agrees].fillna(0), high[agrees].fillna(100), colour, alpha=0.5)
    axes.plot(part["share_pct"], part.index, "o", color=colour, label=label)
labels = rows["market"] + ", " + rows["period"] + rows["forecast"].map({True: ", forecast", False: ""})
axes.set_yticks(rows.index, labels + rows["basis"].map({"revenue": " (revenue)", "units": " (units)"}).fillna(""))
borders = rows.index[rows["market_id"] != rows["market_id"].shift()][1:]
axes.hlines(borders - 0.5, 0, 102, "lightgrey", linewidth=1)
axes.set(title="NVIDIA's share, market by market", xlabel="share, %", ylabel="market and period", xlim=(0, 102))
axes.legend(loc="center left")
figure.supxlabel(f"as told in semiconductor-datapkg {today.attrs['version']}", fontsize=8, x=0.01, ha="left")
figure.savefig("nvidia_known_by.png", dpi=100)
