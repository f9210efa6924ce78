"""How the streams' JSON Schemas come from Zoho's OpenAPI files and our corrections."""
