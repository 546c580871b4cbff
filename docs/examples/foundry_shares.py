# %% [markdown]
# # TSMC and Samsung in foundry, 2022 to 2025
#
# What TrendForce says, whoever passes it on: `voice` leaves out what others say about the same quarters. Of two figures
# of TrendForce the policy takes the newest vintage. A quarter without a figure would stay a gap.

# %%
import datapkg

quarters = [f"{year}-Q{number}" for year in range(2022, 2026) for number in range(1, 5)]
foundry = [("market_id", "==", "foundry"), ("period", "in", quarters), ("forecast", "==", False)]
df = datapkg.load("market_shares", voice="TrendForce", filters=foundry)
shares = df.pivot(index="period", columns="company_id", values="share_pct").reindex(quarters)
plot = shares[["tsmc", "samsung-electronics"]].plot(marker="o", ylim=(0, 80), xticks=range(0, 16, 2), figsize=(8, 4.5))
plot.set(title="Foundry services, as TrendForce counts", xlabel="quarter", ylabel="share of revenue, %")
plot.figure.text(0.01, 0.01, f"TrendForce, in semiconductor-datapkg {df.attrs['version']}", fontsize=8)
plot.figure.savefig("foundry_shares.png", dpi=100)
