#!/usr/bin/env python3
"""Draws the ratios of a run of `scripts/bench` as a chart: chart.py RESULTS.json > chart.svg

A bar reaches from 1, which is the yardstick, to the median; the thin line from the least round to the most. The scale is
logarithmic. Light and dark follow the reader's preference.
"""
import json
import math
import sys
from xml.sax.saxutils import escape

WIDTH, ROW, LEFT, RIGHT, TOP = 860, 30, 250, 90, 46
STYLE = """
text { font: 13px system-ui, sans-serif; fill: #1c1e26 } .quiet { fill: #5b6070 } .grid { stroke: #d8dae2 }
.one { stroke: #5b6070; stroke-width: 1.5 } .bar { fill: #4338ca } .spread { stroke: #b45309; stroke-width: 2 } .ground { fill: #fff }
@media (prefers-color-scheme: dark) {
  text { fill: #e7e8ee } .quiet { fill: #a5a9b8 } .grid { stroke: #343846 } .one { stroke: #a5a9b8 } .bar { fill: #a5a3ff }
  .spread { stroke: #fbbf24 } .ground { fill: #12141b }
}"""


def bars(result):
    """Of every row that is compared: what with what, and the ratio."""
    for row in result["rows"]:
        first = row["sides"][0]["name"]
        for index, side in enumerate(row["sides"][1:], 1):
            ratio = row.get("ratio") if index == 1 else side.get("ratio")
            if ratio:
                yield "%s: %s to %s" % (row["name"], first, side["name"]), ratio


def chart(result):
    found = list(bars(result))
    if not found:
        raise SystemExit("chart.py: nothing in this run was compared")
    low = math.floor(math.log10(min(ratio["least"] for _, ratio in found)))
    high = math.ceil(math.log10(max(ratio["most"] for _, ratio in found)))
    high = max(high, low + 1, 1)

    def place(value):
        return LEFT + (math.log10(value) - low) / (high - low) * (WIDTH - LEFT - RIGHT)

    height = TOP + ROW * len(found) + 12
    machine = result["machine"]
    title = "Keyturn and its yardsticks in one run, %s: %d cores, %s" % (
        result["time"][:10], machine["cores"], machine["model"])
    lines = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img" aria-labelledby="title">' % (WIDTH, height),
        '<title id="title">%s</title><style>%s</style>' % (escape(title), STYLE),
        '<rect class="ground" width="%d" height="%d"/>' % (WIDTH, height),
        '<text x="12" y="20">%s</text>' % escape(title),
    ]
    for power in range(low, high + 1):
        x = place(10 ** power)
        kind = "one" if power == 0 else "grid"
        lines.append('<line class="%s" x1="%.1f" x2="%.1f" y1="%d" y2="%d"/>' % (kind, x, x, TOP - 6, height - 8))
        lines.append('<text class="quiet" x="%.1f" y="%d" text-anchor="middle">%g</text>' % (x, TOP - 10, 10 ** power))
    for index, (name, ratio) in enumerate(found):
        y = TOP + ROW * index + ROW / 2
        one, median = place(1), place(ratio["median"])
        lines.append('<text x="12" y="%.1f">%s</text>' % (y + 4, escape(name)))
        lines.append('<rect class="bar" x="%.1f" y="%.1f" width="%.1f" height="14"/>' % (
            min(one, median), y - 7, max(abs(one - median), 1)))
        lines.append('<line class="spread" x1="%.1f" x2="%.1f" y1="%.1f" y2="%.1f"/>' % (
            place(ratio["least"]), place(ratio["most"]), y, y))
        lines.append('<text x="%d" y="%.1f" text-anchor="end">%.2f</text>' % (WIDTH - 12, y + 4, ratio["median"]))
    return "\n".join(lines + ["</svg>"])


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    with open(sys.argv[1], encoding="utf-8") as file:
        print(chart(json.load(file)))
