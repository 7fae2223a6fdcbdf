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
# # 初次使用：十五分钟步行服务圈
# **First look: 15-minute service circles, home by home**
#
# 用仓库自带的摩纳哥数据走一遍全流程，不需要联网。数据 © OpenStreetMap contributors（ODbL）。
# 人口按建筑面积估算；“无数据”不等于“没有服务”。
#
# The whole way, from data to map, on the Monaco data of this repository, without a network
# connection. Persons are an estimate by floor area; "no data" never means "no service".

# %%
import tempfile

import geopandas as gpd
import pandas as pd

import gusu_geo as gg
from gusu_geo.report import figures

# %matplotlib inline
# %config InlineBackend.print_figure_kwargs = {"dpi": 64}

# %% [markdown]
# ## 1 运行 Run
# 成果写入临时文件夹：表格、工作簿和一个不联网也能打开的地图。
#
# Results go to a temporary folder: tables, a workbook, and one map that opens offline.

# %%
folder = tempfile.TemporaryDirectory()
study = gg.open_study("monaco")
result = gg.run(study, out=folder.name)
summary = result.summary
sorted(path.name for path in result.folder.iterdir() if path.suffix in {".json", ".xlsx", ".gpkg"})

# %% [markdown]
# ## 2 总体情况 At a glance
# 功能全部可达、有数据的功能全部可达、有缺口、无法判断、一站式（同一点位具备全部功能）。
#
# All services in time; all services with data; something missing; unknown; one venue with every
# service (one-stop).

# %%
keys = ["passed", "passed_known", "failed", "unknown", "one_stop"]
pd.DataFrame([summary[key] for key in keys], index=keys)

# %%
# 速度是政策选择 Speed is a policy choice: the same rule with every walking profile.
pd.DataFrame(summary["sensitivity"]).set_index("profile")

# %% [markdown]
# ## 3 各项功能 Services

# %%
services = pd.DataFrame(summary["services"]).set_index("id")
services[["zh", "en", "venues", "state", "share", "missing_persons", "unknown_persons"]]

# %%
figures.coverage_bars(summary)  # lang="zh" 需要中文字体 needs a Chinese font

# %% [markdown]
# ## 4 住处 Residences
# 每处住处一行：几个缺口、缺哪些功能、到每项功能几分钟。
#
# One row per home: how many services are missing, which, and the minutes to each.

# %%
homes = result.residences
homes.groupby("missing_count")["persons"].agg(["size", "sum"]).round()

# %%
figures.residence_map(result.outcome)

# %%
figures.minutes_curve(result.outcome)

# %% [markdown]
# ## 5 分区 Zones

# %%
columns = ["name", "residences", "persons", "passed_persons", "share", "missing_library"]
pd.DataFrame(result.zones[columns]).round(3)

# %% [markdown]
# ## 6 一处住处 One home
# 人口最多的住处到各项功能的步行时间。步行路径由 `gg.explain(study, home)` 给出。
#
# Walking times of the home with the most persons. `gg.explain(study, home)` adds the way walked.

# %%
home = homes["persons"].idxmax()
pd.DataFrame(
    {
        "minutes": (result.access.nearest_s.loc[home] / 60).round(1),
        "nearest": result.access.nearest_id.loc[home],
    }
)

# %% [markdown]
# ## 7 等时圈 Isochrones
# 等时圈只用于看图，结论从不依据多边形。
#
# Polygons are pictures; a verdict never comes from one.

# %%
network = gg.read_network(study.path(study.network.osm))
areas = gg.isochrones(network, homes.loc[[home]], minutes=(5, 10, 15))
areas[["street_m"]].round()

# %%
axes = areas[::-1].plot(color=["#c6dbef", "#6baed6", "#2171b5"], figsize=(5, 5))
axes.set_axis_off()
caption = axes.set_title("5, 10, 15 min at 1.0 m/s · © OpenStreetMap contributors", fontsize=8)

# %% [markdown]
# ## 8 自己的表格 Tables of your own
# 任何坐标系的点都可以；点位表须有 `service` 列。点怎样接入路网，由 `linking=gg.Linking(...)` 决定。
#
# Points in any coordinate system; facilities need a column `service`. `linking=gg.Linking(...)`
# would say how points are linked to streets.

# %%
my_homes = gpd.GeoDataFrame(
    index=["A", "B"], geometry=gpd.points_from_xy([7.4205, 7.4262], [43.7345, 43.7402]), crs=4326
)
my_venues = gpd.GeoDataFrame(
    {"service": ["reading", "reading", "health"]},
    index=["v1", "v2", "v3"],
    geometry=gpd.points_from_xy([7.4189, 7.4278, 7.4240], [43.7330, 43.7416, 43.7385]),
    crs=4326,
)
access = gg.nearest(network, my_homes, my_venues, walk=gg.Walk(profile="elder"))
(access.nearest_s / 60).round(1)

# %% [markdown]
# ## 9 选址 Siting
# 运行时已给出最佳的单个新增点位（最多三项功能）：让最多的人功能全部可达；上界说明没有哪个点位更好。
# 更多问题（几处、多少钱、达到多大比例）见 `02_siting`。
#
# A run suggests the best single new venue, with up to three services: how many more persons then
# reach every service; no other point gives more than the bound. `02_siting` asks more: several
# sites, money, a share of all persons.

# %%
pd.Series(summary["next"])

# %% [markdown]
# ## 10 地图 The map
# 一个文件，可用邮件发送，双击即可打开，或用 `webbrowser.open(result.map_path.as_uri())` 打开。
#
# One file that can be mailed and opens anywhere; `webbrowser.open(result.map_path.as_uri())`
# shows it. Not embedded here, to keep this notebook small.

# %%
print(result.map_path.name)

# %%
folder.cleanup()
