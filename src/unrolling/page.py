"""How Sphinx shows an interactive figure: its still picture, and its chart as JSON for `_static/interactive.js`."""

import json

from docutils import nodes

from unrolling.live import MIME as CHART

PICTURE = "image/svg+xml"


class InteractiveFigure:
    """A renderer of myst-nb, which finds it by the entry point in ``pyproject.toml``.

    It is called for each form of an output, one after the other: a chart comes before its picture and waits for it. An
    output without a chart is left to myst-nb.
    """

    @staticmethod
    def handle_mime(renderer, data, inline):
        place = data.cell_index, data.output_index
        if data.mime_type == CHART:
            renderer.waiting_chart = place, data.content
            return []
        if data.mime_type == PICTURE and getattr(renderer, "waiting_chart", (None,))[0] == place:
            chart = json.dumps(renderer.waiting_chart[1], ensure_ascii=False, sort_keys=True).replace("<", "\\u003c")
            script = nodes.raw("", f'<script type="application/json">{chart}</script>', format="html")
            controls = sum("bind" in param for param in renderer.waiting_chart[1]["params"])
            classes = ["interactive", f"controls-{controls}"]  # with its controls known, the page keeps room for them
            return [nodes.container("", *renderer.render_image(data), script, classes=classes)]
        return None
