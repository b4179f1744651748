"""The household's problem taken apart by asset class: a proven bound and a drafted plan (Dantzig and Wolfe 1960)."""
