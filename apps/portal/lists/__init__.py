"""One way to do lists: everything in the URL, keyset pages, bounded counts, bulk actions, exports.

`declaration` says what a list is, `chosen` reads what the URL wants of it, `keyset` and `counting` ask the database,
`exports` writes files, `answers` is the one view.
"""
