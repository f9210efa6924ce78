"""The map: modules and their relationships, laid out by Graphviz."""
