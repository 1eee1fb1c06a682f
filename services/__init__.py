"""The six services. They never import each other: they know each other's facts only through `libs.schemas`."""
