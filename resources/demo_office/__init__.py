"""The sample office: twelve invented households and synthetic prices, written by `python -m resources.demo_office OUT`.

Everything here is made up and every file says so. The same seed gives the same content on every machine.
"""
