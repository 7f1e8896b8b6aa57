#!/bin/bash
# thread: workers and queues.
. "${0%/*}/lib.sh"
"$BUILD/unit/thread"
