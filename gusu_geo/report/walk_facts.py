"""How the walk was reckoned, as data and as one sentence in each language for every output."""

from __future__ import annotations

from gusu_geo.assessment.summary import WalkFacts
from gusu_geo.study.params import Study

PRIVATE = {
    "ends": ("私有道路只作起点或终点", "private ways at either end of a walk only"),
    "open": ("私有道路照常通行", "private ways like all others"),
    "closed": ("私有道路不通行", "no private ways"),
}
GATES = {
    "known": ("小区只走已知大门", "gated compounds left and entered by known gates"),
    "open": ("小区大门视为全部打开", "all gates of compounds taken as open"),
}


def walk_facts(study: Study, *, heights: str) -> WalkFacts:
    """Everything that turns metres into minutes; heights: name of the raster, "" for none."""
    walk = study.walk
    slope = walk.slope if heights else "no heights"
    facts: WalkFacts = {
        "profile": walk.profile if walk.speed_mps is None else "custom",
        "speed_mps": walk.speed(),
        "steps_factor": walk.on_steps(),
        "wheels": walk.on_wheels(),
        "slope": slope,
        "heights": heights,
        "crossing_s": walk.crossing_s,
        "signal_s": walk.signal_s,
        "lifts": walk.lifts,
        "lift_s": walk.lift_s,
        "ferries": walk.ferries,
        "private": walk.private,
        "gates": study.network.gates,
        "snap_max_m": study.network.snap_max_m,
        "model": {"zh": "", "en": ""},
    }
    zh, en = zip(*_parts(facts), strict=True)
    facts["model"] = {"zh": "；".join(zh) + "。", "en": "; ".join(en) + "."}
    return facts


def _parts(facts: WalkFacts) -> list[tuple[str, str]]:
    """Phrases in Chinese and English."""
    steps, lift = f"{facts['steps_factor']:g}", f"{facts['lift_s']:g}"
    crossing, signal = f"{facts['crossing_s']:g}", f"{facts['signal_s']:g}"
    slopes = {
        "tobler": ("坡度按托布勒函数", "slopes by Tobler's function"),
        "off": ("不计坡度", "slopes not counted"),
        "no heights": ("无高程数据，不计坡度", "no heights known, so no slopes"),
    }
    lifts = {
        "open": (f"电梯每次 {lift} 秒", f"a lift takes {lift} s"),
        "closed": ("不乘电梯", "no lifts"),
    }
    ferries = {"open": ("可乘轮渡", "ferries taken"), "closed": ("不乘轮渡", "no ferries")}
    wheeled = ("轮椅或婴儿车，不走无坡道的台阶", "on wheels: no steps without a ramp")
    return [
        *([wheeled] if facts["wheels"] else []),
        (f"台阶用时为平路 {steps} 倍", f"steps take {steps} times as long as a level street"),
        slopes[facts["slope"]],
        (
            f"过街等候 {crossing} 秒、信号灯 {signal} 秒",
            f"{crossing} s of waiting at a crossing, {signal} s at a light",
        ),
        lifts[facts["lifts"]],
        ferries[facts["ferries"]],
        PRIVATE[facts["private"]],
        GATES[facts["gates"]],
    ]
