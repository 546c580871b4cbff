# %% [markdown]
# # Two markets, or a contradiction?
#
# TrendForce and Counterpoint disagree about foundry, and about DRAM. Of foundry both say what they count: Counterpoint
# takes in what Samsung makes for its own logic chips. So these are two markets, and both figures stand.

# %%
import datapkg

both = ("company_id", "in", ["tsmc", "samsung-electronics"])
counts = ("market_id", "in", ["foundry", "foundry-counterpoint"])
foundry = datapkg.load("market_shares", filters=[counts, both, ("period", "==", "2022-Q3"), ("forecast", "==", False)])
for market in datapkg.load("markets", filters=[counts]).itertuples():
    print(f"{market.market_id}: {market.definition}")
print(foundry[["company_id", "market_id", "period", "share_pct", "disputed"]].to_string(index=False))

# %% [markdown]
# Of DRAM no page says that they count different things. So it is one market, the claims contradict each other, and the
# policy has to choose. What it passes over stands in `conflicts`, with the reason, and the fact is marked as disputed.

# %%
dram = [("market_id", "==", "dram"), ("period", "==", "2024-Q4"), ("forecast", "==", False)]
disputed = datapkg.load("market_shares", filters=[*dram, ("disputed", "==", True)])
conflicts = datapkg.load("conflicts", filters=[("chosen_claim_id", "in", list(disputed["claim_id"]))])
print(conflicts[["key", "chosen_value", "other_value", "reason"]].to_string(index=False))

# %% [markdown]
# `trace` shows the claims behind a row, first the one that the row uses, each with its page.

# %%
for _, row in disputed.iterrows():
    claims = datapkg.trace("market_shares", row)
    print(claims[["says", "said_by", "publisher", "published", "used_for", "disagrees_on"]].to_string(index=False))

# %%
import matplotlib.pyplot as plt

told = datapkg.load("market_shares", policy="all", filters=[*dram, ("company_id", "in", list(disputed["company_id"]))])
told = told.drop_duplicates(["company_id", "voice"])
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 4.5), sharey=True, layout="constrained")
foundry.pivot(index="company_id", columns="market_id", values="share_pct").plot.bar(ax=left, rot=0)
shares = told.pivot(index="company_id", columns="voice", values="share_pct")
shares[["trendforce", "counterpoint-research"]].plot.bar(ax=right, rot=0)
left.set(title="foundry, 2022-Q3: two markets", xlabel="company", ylabel="share of revenue, %", ylim=(0, 70))
right.set(title="DRAM, 2024-Q4: one market, two claims", xlabel="company")
for axes in (left, right):
    for bars in axes.containers:
        axes.bar_label(bars)
figure.supxlabel(f"as told in semiconductor-datapkg {foundry.attrs['version']}", fontsize=8, x=0.01, ha="left")
figure.savefig("disagreement.png", dpi=100)
