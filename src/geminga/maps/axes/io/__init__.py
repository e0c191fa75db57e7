"""File formats of axes: columns of tables and keywords of headers."""
