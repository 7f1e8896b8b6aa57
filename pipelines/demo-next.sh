#!/usr/bin/env bash
# demo-next.sh DEMO: the end of `sertools demo`: the table of the audio path, and
# what to type next.
set -euo pipefail
bin=$(dirname "$(command -v wavnorm)")
echo
echo 'The emotion of unseen speakers (chance is a sixth):'
cat "$1/table.md"
echo
echo "Tables, plots and models are in $1. Next:"
# The recipes find the programs first, whatever the user's PATH is.
case ":${USER_PATH:-$PATH}:" in
*":$bin:"*) ;;
*) echo "    PATH=$bin:\$PATH" ;;
esac
cat <<-END
	    wavnorm $1/outside.wav | melspec | nnpredict $1/cnn1d.bin
	    sertools predict MODEL=$1/mlp1558-alone.bin $1/outside.wav
	    sertools enroll me MODEL=$1/mlp1558-enrolled.bin recordings/*.wav
	    sertools predict --speaker me MODEL=$1/mlp1558-enrolled.bin $1/outside.wav
	    sertools report OUT=$1
	    sertools list corpora
	    sertools help audio
END
