"""A dbt package of the organisation."""
