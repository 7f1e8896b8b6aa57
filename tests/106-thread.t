#!/bin/bash
# thread: pools and queues.
. "${0%/*}/lib.sh"
"$BUILD/unit/thread"
