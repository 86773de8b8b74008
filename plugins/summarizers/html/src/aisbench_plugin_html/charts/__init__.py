"""Charts: typed functions of plain data, which give Vega-Lite specifications."""
