# GROUP is the extended regular expression that finds the speaker in a path.
ADAPTER_FLAGS ?= -v base=$(call quote,$(DIR)) -v group=$(call quote,$(GROUP))
