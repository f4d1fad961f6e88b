"""Turns measurements into medians, ratios and a table."""

from statistics import median

FIGURES = ["rate", "p50", "p99", "cpu", "memory"]


def summary(row, found):
    """Medians of each side; the ratio of the first side's rate to the second's, round by round, so that a noisy
    neighbour meets both."""
    sides = []
    for name, rounds in found.items():
        side = {"name": name, "rounds": rounds}
        for figure in FIGURES:
            values = [one[figure] for one in rounds if one[figure] is not None]
            side[figure] = median(values) if values else None
        sides.append(side)
    out = {"name": row.name, "what": row.what, "unit": row.unit, "sides": sides}
    if len(sides) > 1 and row.compare:
        ratios = [a["rate"] / b["rate"] for a, b in zip(sides[0]["rounds"], sides[1]["rounds"])]
        out["ratio"] = {"median": median(ratios), "least": min(ratios), "most": max(ratios)}
        # What stands further down is compared with the first as well.
        for side in sides[2:]:
            ratios = [a["rate"] / b["rate"] for a, b in zip(sides[0]["rounds"], side["rounds"])]
            side["ratio"] = {"median": median(ratios), "least": min(ratios), "most": max(ratios)}
        if sides[0]["p99"] and sides[1]["p99"]:
            out["p99_ratio"] = median(
                a["p99"] / b["p99"] for a, b in zip(sides[0]["rounds"], sides[1]["rounds"]))
    return out


def _number(value):
    if value is None:
        return ""
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def text(result):
    """A table in Markdown."""
    machine = result["machine"]
    lines = [
        "",
        f"{machine['cores']} cores, {machine['model']}, {machine['memory_mib'] // 1024} GiB; {result['keys']:,} keys; "
        f"{result['seconds']} s; load before: {machine['load_before']}",
        "",
        "| row | side | per second | p50 ms | p99 ms | CPU s per 100,000 | resident MiB | ratio (least to most) | p99 ratio |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for row in result["rows"]:
        for index, side in enumerate(row["sides"]):
            found = row.get("ratio") if index == 0 else side.get("ratio")
            ratio = f"{found['median']:.2f} ({found['least']:.2f} to {found['most']:.2f})" if found else ""
            late = _number(row.get("p99_ratio")) if index == 0 else ""
            cells = [row["name"] if index == 0 else "", side["name"]]
            cells += [_number(side[figure]) for figure in FIGURES]
            lines.append("| " + " | ".join(cells + [ratio, late]) + " |")
    return "\n".join(lines)
