"""`python -m datapkg.pages` renews the generated files of the current repository; --check only looks."""

import sys

from datapkg.pages.derive import main

sys.exit(main(sys.argv[1:]))
