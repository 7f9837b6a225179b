"""The embedded default: real PostgreSQL and Valkey from wheels, the application on top, all gone when it stops.

Linux only. Production brings its own servers by URL and uses nothing of this package.
"""
