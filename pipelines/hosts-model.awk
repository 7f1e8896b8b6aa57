# hosts-model.awk: jobs (hosts-jobs.awk) -> the time that they take on so many hosts: a
# TSV, a line for each number in -v hosts. After draw.awk. Further -v, seconds where no
# other unit is said:
#     slots      jobs on a host at once (1)
#     dispatch   of the one process that hands out jobs (make, the scheduler), for each
#     start      on the host, of each job, before and after its script
#     bandwidth  bytes a second of the file system that all hosts share; 0: no limit
#     runs       so many runs, at least, of copies of the experiment
#     boot, seed how often times are drawn again for the interval
#     measured   HOSTS:SECONDS words, for the table's column of that name; these hosts are added
#
# It is a simulation of events: who is free takes the first job in make's order all of
# whose needs are made (list scheduling); it waits for the dispatcher and then for the
# shared file system, which serve one at a time in order of arrival, and then takes as
# long as was measured. So it is a closed queueing network, the machine-repairman model
# (Kleinrock, Queueing Systems 2, 1976, 4.11), with precedence. Its result is never below
#     max(work / slots, critical path, jobs * dispatch, bytes / bandwidth),
# the asymptotic bounds of Denning and Buzen (Computing Surveys 10, 1978), and never above
#     work / slots + (1 - 1 / slots) * critical path + jobs * dispatch + bytes / bandwidth,
# Graham's bound (SIAM J. Appl. Math. 17, 1969) and all that anyone can wait in queues.
BEGIN {
	FS = "\t"
	slots = slots ? slots : 1
	boot = boot == "" ? 200 : boot
	sow(seed == "" ? 1 : seed)
}

# ---- the jobs

/^#/ || !heads++ { next }
{
	n++
	at[$1] = n
	name[n] = $1
	type[n] = $2
	reads[n] = bandwidth > 0 ? $4 / bandwidth : 0
	needed[n] = $5 == "-" ? "" : $5
	time[n] = $3
	is_run[n] = $1 ~ /(^|\/)(run|predict)\.sh$/
	if ($1 ~ /(^|\/)run\.sh$/) trainings++
	if ($3 != "-") {
		known++
		kinds[$2, ++of[$2]] = $3
		total[$2] += $3
		like = is_run[n] ? "a run" : "none"
		total[like] += $3
		of[like]++
	}
}
# fill: times of those that were not measured, as others of their kind take.
function fill(    j, as) {
	for (j = 1; j <= n; j++) {
		if (time[j] != "-") continue
		as = of[type[j]] ? type[j] : is_run[j] && of["a run"] ? "a run" : "none"
		time[j] = of[as] ? total[as] / of[as] : 0
	}
}
# relate: who needs whom; what comes before any run, and the table behind all, are there
# once, whatever the number of copies.
function relate(    j, i, m, k, word) {
	for (j = 1; j <= n; j++) {
		copied[j] = is_run[j]
		last[j] = name[j] == "table.sh"
		m = split(needed[j], word, " ")
		for (i = 1; i <= m; i++) {
			k = at[word[i]]
			need[j, ++needs[j]] = k
			if (copied[k] || last[k]) copied[j] = 1
			if (last[k]) last[j] = 1
		}
		if (last[j]) copied[j] = 0
	}
}
# copy: job j of copy c is j * copies + c, so that numbers are in make's order.
function copy(    j, i, c, k) {
	copies = runs > trainings && trainings ? int((runs + trainings - 1) / trainings) : 1
	for (j = 1; j <= n; j++)
		for (c = 0; c < (copied[j] ? copies : 1); c++) {
			jobs++
			id[jobs] = j * copies + c
			original[id[jobs]] = j
			key[id[jobs]] = id[jobs]
			for (i = 1; i <= needs[j]; i++) {
				k = need[j, i]
				if (copied[j] || !copied[k]) link(id[jobs], k * copies + (copied[k] ? c : 0))
				else for (c2 = 0; c2 < copies; c2++) link(id[jobs], k * copies + c2)
			}
		}
}
function link(a, b) {
	before[a, ++befores[a]] = b
	after[b, ++afters[b]] = a
}

# ---- a heap of numbers h[1..h[0]], the one with the least value[] first, of equals the least

function less(value, a, b) { return value[a] < value[b] || (value[a] == value[b] && a < b) }
function push(h, value, a,    i) {
	for (i = ++h[0]; i > 1 && less(value, a, h[int(i / 2)]); i = int(i / 2)) h[i] = h[int(i / 2)]
	h[i] = a
}
function pop(h, value,    i, k, a, first) {
	first = h[1]
	a = h[h[0]--]
	for (i = 1; (k = 2 * i) <= h[0]; i = k) {
		if (k < h[0] && less(value, h[k + 1], h[k])) k++
		if (!less(value, h[k], a)) break
		h[i] = h[k]
	}
	h[i] = a
	return first
}

# ---- one course of it

# simulate SLOTS: the seconds until all of took[] is done. Sets peak, of how many at once.
function simulate(m,    i, j, k, now, done, free, handed, read) {
	ready[0] = running[0] = peak = 0
	for (i = 1; i <= jobs; i++) if (!(left[id[i]] = befores[id[i]] + 0)) push(ready, key, id[i])
	free = m
	for (now = handed = read = done = 0; done < jobs; done++) {
		for (; free && ready[0]; free--) {
			j = pop(ready, key)
			handed = end[j] = max(handed, now) + dispatch
			if (k = reads[original[j]]) read = end[j] = max(read, end[j]) + k
			end[j] += start + max(took[j] - k, 0) # what was measured had its reading in it
			push(running, end, j)
		}
		if (m - free > peak) peak = m - free
		j = pop(running, end)
		now = end[j]
		free++
		for (i = 1; i <= afters[j]; i++) if (!--left[k = after[j, i]]) push(ready, key, k)
	}
	return now
}
function max(a, b) { return a > b ? a : b }
# bounds: sets work, path, whose last is path_end, and reading.
function bounds(    i, j, k, c, longest) {
	work = path = reading = path_end = 0
	for (i = 1; i <= jobs; i++) {
		j = id[i]
		longest = from[j] = 0
		for (k = 1; k <= befores[j]; k++) if (chain[c = before[j, k]] > longest) {
			longest = chain[c]
			from[j] = c
		}
		k = reads[original[j]]
		c = start + max(took[j] - k, 0)
		work += c
		reading += k
		chain[j] = longest + dispatch + k + c
		if (chain[j] > path) {
			path = chain[j]
			path_end = j
		}
	}
}
# limit SLOTS: what holds that many back: the largest bound.
function limit(m,    name, most) {
	most = work / m
	name = "hosts"
	if (jobs * dispatch > most) {
		most = jobs * dispatch
		name = "dispatcher"
	}
	if (reading > most) {
		most = reading
		name = "file system"
	}
	return path < most ? name : longest_run > path / 2 ? "longest run" : "critical path"
}

# ---- the table

# draw: times for all, each of those that were measured of its kind.
function draw(    i, j, t) {
	for (i = 1; i <= jobs; i++) {
		j = original[id[i]]
		t = type[j]
		took[id[i]] = of[t] ? kinds[t, below(of[t]) + 1] : time[j]
	}
}
# rise HOSTS: sets list to them, in rising order, none twice, and returns how many they are.
function rise(hosts,    word, i, j, k, m) {
	m = 0
	for (i = split(hosts, word, " "); i; i--) {
		for (j = m; j && list[j] > word[i] + 0; j--) ;
		if (j && list[j] == word[i]) continue
		for (k = m++; k > j; k--) list[k + 1] = list[k]
		list[j + 1] = word[i] + 0
	}
	return m
}
# take: the measured seconds as seen[HOSTS]; returns the hosts.
function take(    i, word, pair, more) {
	for (i = split(measured, word, " "); i; i--) {
		split(word[i], pair, ":")
		seen[pair[1] + 0] = pair[2]
		more = more " " pair[1]
	}
	return more
}
# course RESULT: the seconds on list[i] hosts, which rise, as RESULT[i]. Where not all slots were
# taken, more of them change nothing.
function course(result,    i, enough) {
	for (i = 0; i <= counts; i++) {
		result[i] = enough || (i && list[i] == list[i - 1]) ? result[i - 1] : simulate(list[i] * slots)
		enough = enough || peak < list[i] * slots
	}
}
# Copies all have the times of their originals, one after another, which no 1,000 runs would have; then what is
# expected is the median of what is drawn.
function bootstrap(    r, i, b, drawn) {
	if (boot > 4e5 / jobs / counts) boot = max(20, int(4e5 / jobs / counts))
	for (r = 1; r <= boot; r++) {
		draw()
		course(drawn)
		for (i = 0; i <= counts; i++) {
			for (b = r; b > 1 && sample[i, b - 1] > drawn[i]; b--) sample[i, b] = sample[i, b - 1]
			sample[i, b] = drawn[i]
		}
	}
}
function quantile(i, q) { return boot ? sprintf("%.3f", sample[i, int(q * (boot - 1) + 0.5) + 1]) : "-" }
# tell: into the file -v notes, what people read below the table.
function tell(    j, text) {
	for (j = path_end; j; j = from[j]) text = short(name[original[j]]) sprintf(" %.1f s", took[j]) (text == "" ? "" : ", ") text
	printf "%d jobs%s, %.1f s of work. No number of hosts takes less than %.1f s: %s.\n", jobs,
		(copies > 1 ? " (the experiment " copies " times)" : ""), work + reading, path, text >notes
	if (dispatch > 0)
		printf "%.1f jobs a second can be handed out, which keeps %.0f of them running.\n", 1 / dispatch,
			(dispatch + work / jobs) / dispatch >notes
	if (known < n) printf "%d of %d jobs were measured; the others are taken to last as those of their kind.\n", known, n >notes
}
function short(script) {
	sub(/\/(run|predict)\.sh$/, "", script)
	sub(/\.sh$/, "", script)
	return script
}
# line I: of the table, but for the interval.
function line(i,    m, queues) {
	m = list[i] * slots
	queues = jobs * dispatch + reading
	return sprintf("%.3f\t%.5g\t%.3f\t%.3f\t%.3f\t%.3f\t%.3f\t%s", expected[0] / expected[i], expected[0] / expected[i] / list[i],
		path, jobs * dispatch, reading, max(max(work / m, path), max(jobs * dispatch, reading)),
		work / m + (1 - 1 / m) * path + queues, limit(m))
}
END {
	if (!known) exit 3
	fill()
	relate()
	copy()
	counts = rise(hosts take())
	list[0] = 1
	for (i = 1; i <= jobs; i++) {
		j = original[id[i]]
		took[id[i]] = time[j]
		if (is_run[j]) longest_run = max(longest_run, time[j])
	}
	bounds()
	course(expected)
	tell()
	bootstrap()
	for (i = 0; copies > 1 && boot && i <= counts; i++) expected[i] = quantile(i, 0.5)
	print "hosts\tmeasured\tseconds\tseconds_low\tseconds_high\tspeedup\tefficiency\tpath\tdispatcher\tfiles\tleast\tmost\tlimit"
	for (i = 1; i <= counts; i++)
		printf "%d\t%s\t%.3f\t%s\t%s\t%s\n", list[i], (list[i] in seen ? seen[list[i]] : "-"), expected[i], quantile(i, 0.025), quantile(i, 0.975), line(i)
}
