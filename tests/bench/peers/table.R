# responses.csv and actors.csv to features as csvprep makes them by responses.prep, in
# data.table: Rscript table.R THREADS OUT.columns (float32, a column after the other)
suppressPackageStartupMessages(library(data.table))
given <- commandArgs(TRUE)
setDTthreads(as.integer(given[1]))
t <- fread("responses.csv", select = c("clipName", "dispVal", "ttr", "respLevel", "numTries", "respEmo", "queryType", "dispEmo"), showProgress = FALSE)
t <- t[!is.na(dispVal)]
actors <- fread("actors.csv")
clips <- unique(t$clipName)
clip <- match(t$clipName, clips)
who <- actors[match(as.integer(substr(clips, 1, 4)), ActorID)]
phrase <- substr(clips, 6, 8)
quartile <- quantile(t$ttr, c(0.25, 0.75), names = FALSE)
reach <- 1.5 * (quartile[2] - quartile[1])
scaled <- function(x) list((x - mean(x)) / sd(x))
onehot <- function(x, levels) lapply(levels, function(level) as.double(x == level))
# of each clip, to each row
spread <- function(x, levels) lapply(onehot(x, levels), function(v) v[clip])
emotions <- c("A", "D", "F", "H", "N", "S")
out <- c(onehot(t$respEmo, emotions), scaled(as.double(t$respLevel)), onehot(t$queryType, 1:3),
	scaled(pmin(pmax(as.double(t$ttr), quartile[1] - reach), quartile[2] + reach)), scaled(as.double(t$numTries)),
	spread(phrase, c("DFA", "IEO", "IOM", "ITH", "ITS", "IWL", "IWW", "MTI", "TAI", "TIE", "TSI", "WSI")), scaled(as.double(who$Age)[clip]),
	spread(who$Sex, c("Female", "Male")), spread(who$Race, c("African American", "Asian", "Caucasian", "Unknown")),
	spread(who$Ethnicity, c("Hispanic", "Not Hispanic")))
f <- file(given[2], "wb")
for (column in out) writeBin(column, f, size = 4L)
writeBin(match(t$dispEmo, emotions) - 1L, f)
close(f)
