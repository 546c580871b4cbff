"""What of a release a wheel leaves out: what holds the tables a second time.

Read by `hatch_build.py` too, which runs before datapkg is installed: nothing is imported here.
"""

LEFT_OUT = ("csv/",)
