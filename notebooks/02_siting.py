# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 选址：下一处点位设在哪里
# **Siting: where the next venues help most**
#
# 用内置的虚构水乡走一遍选址，不需要联网。水乡有十处闲置用房，台账写明改造费用和业主表决情况。
# 数据是编造的，各数不可引用。
#
# The invented canal town has ten idle rooms; a ledger says what each costs and how its owners
# voted. No network connection is needed. The data are made up: quote none of the figures.

# %%
import json
import tempfile
from pathlib import Path

import geopandas as gpd
import matplotlib.pyplot as plt
import pandas as pd
from IPython.display import display

import gusu_geo as gg
from gusu_geo.report.pareto_figure import pareto_curve

# %matplotlib inline
# %config InlineBackend.print_figure_kwargs = {"dpi": 64}

# %% [markdown]
# ## 1 问题 The question
# 60 万元以内，设哪几处、各设哪些功能，能让最多的人**功能齐全**？也可以问最多几处（`sites`）、
# 达到多大比例（`target`）。`full=True` 另写各项说明（第 4 至 7 节）。
#
# For at most 600,000 yuan: which rooms, with which services, give the most persons *everything*
# they lack? Other questions: so many sites (`sites`), a share of all persons (`target`).
# `full=True` adds what sections 4 to 7 show.

# %%
folder = tempfile.TemporaryDirectory()
study = gg.open_study("shuixiang")
effort = gg.Effort(budget=60)
plan = gg.site(study, effort=effort, out=folder.name, full=True)
display(plan)

# %% [markdown]
# ## 2 方案 The plan
# 各处按新增人数排列；每处的新增是在前面各处之外再使多少人功能齐全。
#
# Each next site is the one that gains most beyond those before it. *Bound*: no plan gains more.

# %%
pd.DataFrame([plan.before, plan.after], index=["before", "after"])  # passed_known_persons

# %%
pd.Series({key: getattr(plan, key) for key in ("status", "bound_persons", "gap", "cost")})

# %% [markdown]
# ## 3 成果 The files
# 每个问题一个文件夹，几个方案可以并排比较：数据、工作簿、图层、情景，另有一张地图。
#
# One folder for each question, so that plans stand side by side: data, workbook, layers, the plan
# as a scenario; and a map.

# %%
files = Path(folder.name, "data", "processed", study.name, "plan", effort.question)
[effort.question, *sorted(path.name for path in files.iterdir())]

# %%
links = gpd.read_file(files / "plan.gpkg", layer="links")  # homes and the new sites they need
axes = links.plot(color="#9fc5dd", linewidth=0.4, figsize=(6, 5))
gpd.read_file(files / "plan.gpkg", layer="residences").plot(ax=axes, color="#2171b5", markersize=3)
gpd.read_file(files / "plan.gpkg", layer="candidates").plot(ax=axes, color="#8a8f98", marker="D")
plan.sites_frame.plot(ax=axes, color="#d7301f", marker="*", markersize=160, zorder=3)
axes.set_axis_off()
caption = axes.set_title("sites (stars), candidates, homes that gain · invented data", fontsize=8)

# %% [markdown]
# ## 4 核对 The plan as a scenario
# 方案就是一份情景文件；`gg.compare` 按同样的规则重新评价，新增可达的住处应当完全相同。
#
# The plan is a scenario file, too. `gg.compare` judges every home again: the same ones gain.

# %%
comparison = gg.compare(study, files / "scenario.json", out=folder.name)
homes = comparison.residences
newly = homes[(homes["state_before"] != "pass") & (homes["state_after"] == "pass")]
print(len(newly), "homes gain; as planned:", set(newly.index) == set(plan.gained_residence_ids))

# %%
changes = comparison.services[["share_before", "share_after"]]
axes = changes.plot.barh(color=["#c6dbef", "#2171b5"], figsize=(7, 3.5), xlim=(0, 1))
axes.invert_yaxis()
caption = axes.set_title("share of persons in time, before and after · invented data", fontsize=8)

# %% [markdown]
# ## 5 为什么 Why these sites
# 仅去掉此处，多少人不再功能齐全；接下来的候选点位为什么未选。
#
# Who would lack something without one site alone; the next candidates and why not.

# %%
why = plan.why
columns = ["candidate_id", "gained_persons", "lost_persons", "by_service", "by_zone", "elders"]
pd.DataFrame(why["sites"])[columns].round(1)

# %%
pd.DataFrame(why["complete"]).round(1)  # places where every home now has everything

# %%
columns = ["name", "services", "gained_persons", "alone_persons", "cost", "instead_of", "reason"]
pd.DataFrame(why["next"])[columns].round(1)

# %% [markdown]
# ## 6 规模与增益 How much
# 每种规模各自的最佳方案。拐点以后，再加一处、再多一笔钱，新增的人明显变少。
#
# The best plan of each size. Beyond the knee one more site, or more money, gives clearly less.

# %%
summary = json.loads(files.parents[1].joinpath("summary.json").read_text("utf-8"))
figure = pareto_curve(summary, plan.to_dict(), by="money")
display(figure)
plt.close(figure)

# %%
columns = ["limit", "cost", "gained_persons", "bound_persons", "share", "candidate_ids", "knee"]
pd.DataFrame(plan.pareto["sites"])[columns]

# %% [markdown]
# ## 7 备选方案、关键点位、条件变化 What else could be, and what if not
# 相差不超过 1% 的其他方案；关闭后影响最大的点位；步行较慢、只计台账等条件下增益还剩多少。
#
# Other plans within 1 %; venues whose closing would take most from most; what is left of the gain
# when people walk more slowly, or when only ledgers are believed.

# %%
pd.DataFrame(
    [
        {"plan": number, "gained_persons": one["gained_persons"], **site}
        for number, one in enumerate(plan.alternatives, start=1)
        for site in one["chosen"]
    ]
)

# %%
columns = ["when", "name", "new", "services", "lost_persons"]
pd.DataFrame(plan.critical)[columns].groupby("when", sort=False).head(5)

# %%
pd.DataFrame(plan.survival)

# %%
folder.cleanup()
