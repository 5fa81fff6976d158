"""How Sphinx shows an interactive figure: its still picture, and its chart as JSON for the site's interactive.js."""

import json

from docutils import nodes

from unrolling.book._vega import MARK
from unrolling.book._vega import MIME as CHART

PICTURE = "image/svg+xml"


class InteractiveFigure:
    """A renderer of myst-nb, which finds it by the entry point in ``pyproject.toml``.

    It is called for each form of an output, one after the other: a chart comes before its picture and waits for it. An
    output without a chart of this library is left to myst-nb.
    """

    @staticmethod
    def handle_mime(renderer, data, inline):
        place = data.cell_index, data.output_index
        if data.mime_type == CHART and data.content.get("usermeta", {}).get(MARK):
            renderer.waiting_chart = place, data.content
            return []
        if data.mime_type == PICTURE and getattr(renderer, "waiting_chart", (None,))[0] == place:
            chart = json.dumps(renderer.waiting_chart[1], ensure_ascii=False, sort_keys=True).replace("<", "\\u003c")
            controls = sum("bind" in param for param in renderer.waiting_chart[1]["params"])
            before = f'<div class="interactive" style="--controls: {controls}">'  # the page keeps room for them
            after = f'<script type="application/json">{chart}</script></div>'
            return [_html(before), *renderer.render_image(data), _html(after)]
        return None


def _html(text):
    return nodes.raw("", text, format="html")
