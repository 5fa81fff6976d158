"""What the book's pages show: claims that hold (`check`), tables (`table`), and pictures.

Pictures are curves (`panel`, `plot`), small images (`images`), drawings (`diagram`) and interactive figures. Several
applications share one loop (`outer_loop`).

The chapters compute in float64: importing this turns on JAX's 64-bit mode, for the whole process.
"""

import jax

jax.config.update("jax_enable_x64", True)

from unrolling.book._checks import check  # noqa: E402
from unrolling.book._diagrams import diagram  # noqa: E402
from unrolling.book._tables import table  # noqa: E402
from unrolling.book._training import outer_loop  # noqa: E402
from unrolling.book.figures import images, panel, plot  # noqa: E402

__all__ = ["check", "diagram", "images", "outer_loop", "panel", "plot", "table"]
