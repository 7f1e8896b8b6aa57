// A recording to (108,128) log-mel in dB, as wavnorm | melspec make it, with the libraries
// that a C++ author would take: libsndfile, soxr, FFTW.
#pragma once
#include <fftw3.h>
#include <sndfile.h>
#include <soxr.h>

#include <algorithm>
#include <cmath>
#include <vector>

class LogMel {
public:
	static constexpr int rate = 22050, samples = 55125, nfft = 2048, hop = 512, frames = 108, bands = 128;
	static constexpr double top_hz = 8000;

	LogMel() : padded(samples + nfft), window(nfft)
	{
		frame = fftwf_alloc_real(nfft);
		spectrum = fftwf_alloc_complex(nfft / 2 + 1);
#pragma omp critical // the planner is not made for threads
		plan = fftwf_plan_dft_r2c_1d(nfft, frame, spectrum, FFTW_ESTIMATE);
		for (int i = 0; i < nfft; i++)
			window[i] = float(0.5 - 0.5 * std::cos(2 * M_PI * i / nfft));
		triangles();
	}
	~LogMel()
	{
#pragma omp critical
		fftwf_destroy_plan(plan);
		fftwf_free(frame);
		fftwf_free(spectrum);
	}
	LogMel(const LogMel &) = delete;
	LogMel &operator=(const LogMel &) = delete;

	// out: (frames,bands)
	bool file(const char *path, float *out)
	{
		if (!load(path))
			return false;
		for (int t = 0; t < frames; t++)
			one(padded.data() + t * hop, out + t * bands);
		float top = *std::max_element(out, out + frames * bands);
		float floor = std::max(top * 1e-8f, 1e-10f), ref = std::max(top, 1e-10f);
		for (int i = 0; i < frames * bands; i++)
			out[i] = 10 / std::log(10.0f) * std::log(std::max(out[i], floor) / ref);
		return true;
	}

private:
	std::vector<float> padded, window, read, mono, weight, power = std::vector<float>(nfft / 2 + 1);
	int first[bands], count[bands], bins = 0;
	float *frame;
	fftwf_complex *spectrum;
	fftwf_plan plan;

	// Slaney's scale: linear below 1 kHz, 27 steps to each factor of 6.4 above.
	static double hertz(double mel) { return mel < 15 ? mel * 200 / 3 : 1000 * std::exp((mel - 15) * std::log(6.4) / 27); }

	void triangles()
	{
		const double last = 15 + std::log(top_hz / 1000) * 27 / std::log(6.4);

		for (int m = 0; m < bands; m++) {
			double low = hertz(last * m / (bands + 1)), mid = hertz(last * (m + 1) / (bands + 1)),
			       high = hertz(last * (m + 2) / (bands + 1));

			first[m] = int(std::ceil(low * nfft / rate));
			count[m] = 0;
			for (int k = first[m]; k <= nfft / 2 && double(k) * rate / nfft < high; k++, count[m]++) {
				double hz = double(k) * rate / nfft;

				weight.push_back(float(std::max(0.0, std::min((hz - low) / (mid - low), (high - hz) / (high - mid))) * 2 / (high - low)));
				bins = k + 1;
			}
		}
	}

	// No more of the file than the features need, and what the resampler sees beyond.
	bool load(const char *path)
	{
		SF_INFO info = {};
		SNDFILE *f = sf_open(path, SFM_READ, &info);

		if (f == nullptr)
			return false;
		sf_count_t want = std::min<sf_count_t>(info.frames, sf_count_t(double(samples) * info.samplerate / rate) + 4096);
		read.resize(size_t(want) * info.channels);
		sf_count_t got = sf_readf_float(f, read.data(), want);
		sf_close(f);
		const float *x = read.data();
		if (info.channels > 1) {
			mono.resize(got);
			for (sf_count_t i = 0; i < got; i++) {
				float sum = 0;
				for (int c = 0; c < info.channels; c++)
					sum += read[i * info.channels + c];
				mono[i] = sum / float(info.channels);
			}
			x = mono.data();
		}
		float *to = padded.data() + nfft / 2;
		size_t done = size_t(std::min<sf_count_t>(got, samples));
		if (info.samplerate == rate) {
			std::copy(x, x + done, to);
		} else {
			soxr_quality_spec_t hq = soxr_quality_spec(SOXR_HQ, 0);
			if (soxr_oneshot(info.samplerate, rate, 1, x, size_t(got), nullptr, to, samples, &done, nullptr, &hq, nullptr) != nullptr)
				return false;
		}
		std::fill(to + done, to + samples, 0.0f);
		return true;
	}

	void one(const float *x, float *out)
	{
		for (int i = 0; i < nfft; i++)
			frame[i] = x[i] * window[i];
		fftwf_execute(plan);
		for (int k = 0; k < bins; k++)
			power[k] = spectrum[k][0] * spectrum[k][0] + spectrum[k][1] * spectrum[k][1];
		const float *w = weight.data();
		for (int m = 0; m < bands; w += count[m++]) {
			float sum = 0;
			for (int k = 0; k < count[m]; k++)
				sum += w[k] * power[first[m] + k];
			out[m] = sum;
		}
	}
};
