"""Parts of an interactive figure: sliders, formulas, curves and what is said above them.

>>> rows = table(alt.sequence(0, 5, as_="t"), None, {"square": "t * t", "more": "square + t"})
>>> print(rows.transform[1]["calculate"])
datum.square + datum.t
"""

import json
import re

import altair as alt

from unrolling.book.figures import COLORS, RULE

MIME, SCHEMA = "application/vnd.vegalite.v5+json", "https://vega.github.io/schema/vega-lite/v5.json"
MARK = "unrolling.book"  # in its usermeta: a chart of this library, which its plugin for Sphinx may answer for
FIT = {"type": "fit", "contains": "padding", "resize": True}  # the size holds labels and legend, whatever they need
DASHES = [[1, 0], [7, 3], [2, 2], [9, 3, 2, 3]]
SHAPES = ["circle", "square", "triangle-up", "diamond"]


class Interactive:
    """A chart and its still picture, as a notebook shows them."""

    def __init__(self, chart, picture):
        self.chart, self.picture = chart, picture

    @property
    def spec(self):
        """The chart as Vega-Lite, in the words common to its versions 5 (JupyterLab's) and 6 (the site's).

        Its width is a number: a chart that asks for its container's, which in a notebook just opened has none yet,
        is drawn again without end there. The site's script, which knows the place, asks for it.
        """
        chart = self.chart.properties(width=600, height=400, background="transparent", autosize=FIT)
        spec = chart.properties(description=self.picture.alt).to_dict()
        ink, size = "currentColor", 12
        axis = {"labelColor": ink, "titleColor": ink, "labelFontSize": size, "titleFontSize": size}
        axis |= {"gridColor": RULE, "gridOpacity": 0.25, "domainColor": RULE, "tickColor": RULE}
        axis |= {"titleFontWeight": "normal", "labelOverlap": True, "tickCount": 6}
        legend = {"labelColor": ink, "labelFontSize": size, "labelLimit": 0, "symbolSize": 200, "symbolStrokeWidth": 2}
        legend |= {"orient": "bottom", "direction": "vertical", "offset": 4, "title": None}
        style = {"axis": axis, "legend": legend, "view": {"stroke": None}, "text": {"color": ink, "fontSize": size}}
        usermeta = {"embedOptions": {"renderer": "svg", "actions": False}, MARK: True}
        return spec | {"$schema": SCHEMA, "config": style, "usermeta": usermeta}

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {MIME: self.spec} | self.picture._repr_mimebundle_()


def slider(name, label, low, high, step, value):
    return alt.param(name=name, value=value, bind=alt.binding_range(min=low, max=high, step=step, name=label))


def choice(name, label, options, value=None):
    return alt.param(name=name, value=value or options[0], bind=alt.binding_radio(options=options, name=label))


def formulas(**formulas):
    return [alt.param(name=name, expr=formula) for name, formula in formulas.items()]


def table(data, condition, formulas):
    chart = alt.Chart(data)
    chart = chart.transform_filter(condition) if condition else chart
    return calculate(chart, formulas, [data["sequence"]["as"]])


def calculate(chart, formulas, fields):
    """One column for each formula, which names the columns before it as they are."""
    fields = list(fields)
    for name, formula in formulas.items():
        chart = chart.transform_calculate(**{name: re.sub(rf"\b({'|'.join(fields)})\b", r"datum.\1", formula)})
        fields.append(name)
    return chart


def lines(base, across, labels, x, y, scale="linear", domain=None, floor=0, points=False):
    """One curve, or row of points, for each key of ``labels``; on a log scale, only above ``floor``."""
    say = alt.Legend(labelExpr=f"{json.dumps(labels, ensure_ascii=False)}[datum.label]")
    low, high = (alt.Undefined, alt.Undefined) if domain is None else domain
    keys, colors = list(labels), COLORS[: len(labels)]
    chart = base.transform_fold(keys, as_=["label", "value"])
    if scale == "log":
        chart = chart.transform_filter(f"datum.value > {floor}")
    if points:
        chart = chart.mark_point(size=22, opacity=1, clip=True, aria=False)
        form = alt.Shape("label:N", legend=say, scale=alt.Scale(domain=keys, range=SHAPES[: len(keys)]))
    else:
        chart = chart.mark_line(strokeWidth=2.2, clip=True)
        form = alt.StrokeDash("label:N", legend=say, scale=alt.Scale(domain=keys, range=DASHES[: len(keys)]))
    return chart.encode(
        form,
        x=alt.X(f"{across}:Q", title=x, scale=alt.Scale(nice=False)),
        y=alt.Y("value:Q", title=y, scale=alt.Scale(type=scale, domainMin=low, domainMax=high, nice=False)),
        color=alt.Color("label:N", legend=say, scale=alt.Scale(domain=keys, range=colors)),
    )


def rule(base, field):
    return base.mark_rule(strokeDash=[2, 3], color=RULE, strokeWidth=1.5, opacity=seen(field)).encode(x=f"{field}:Q")


def seen(field):
    return alt.expr(f"datum.{field} > 0 ? 1 : 0")


def text(base, expression, field, y=8):
    """A word at the top of a rule, or at another y, on the side that has room."""
    side = alt.expr(f"scale('x', datum.{field}) > width / 2 ? 'right' : 'left'")
    shift = alt.expr(f"scale('x', datum.{field}) > width / 2 ? -4 : 4")
    return base.mark_text(align=side, dx=shift, y=y, opacity=seen(field)).encode(
        x=f"{field}:Q", text=alt.value(alt.expr(expression))
    )


def summary(base, *lines):
    """What the picture says, in words above it."""
    chart = base.transform_calculate(summary=" + '\\n' + ".join(f"({line})" for line in lines))
    mark = chart.mark_text(align="left", baseline="bottom", lineBreak="\n", x=0, y=-22, lineHeight=16)
    return mark.encode(text="summary:N").properties(name="summary")
