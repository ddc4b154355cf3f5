// SPDX-License-Identifier: GPL-2.0-or-later
#include "pcm_voice.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <numeric>

namespace callfloor {
namespace {

constexpr std::size_t kFrame = 160;
constexpr float kPi = 3.14159265358979F;
constexpr float kGate = 91.0F * 91.0F;        // mean square of -45 dBm0 (ITU-T G.711: a full-scale sine is 3.14 dBm0)
constexpr unsigned kPeriodFrames = 16;        // 320 ms: speech dips between its syllables
constexpr float kAboveFloor = 6.3F;           // 8 dB
constexpr unsigned kRun = 3;                  // frames: the edges of a tone that a speech codec has smeared are shorter
constexpr std::size_t kShortPitch = 10;       // samples at 4 kHz: 400 Hz ...
constexpr std::size_t kLongPitch = 48;        // ... to 83 Hz
constexpr float kPeriodic = 0.6F;             // correlation with the period before; of noise it rarely exceeds 0.4
constexpr float kTonal = 0.85F;               // share of the power in one or two frequencies
constexpr std::size_t kLobe = 2;              // bins to each side that belong to a frequency (Hann window)

// Radix-2, decimation in time, in place.
template <std::size_t size>
void transform(std::array<std::complex<float>, size> &points) {
    static const auto turns = [] {
        std::array<std::complex<float>, size / 2> made;
        for (std::size_t k = 0; k < size / 2; ++k) made[k] = std::polar(1.0F, -2 * kPi * static_cast<float>(k) / size);
        return made;
    }();
    for (std::size_t i = 1, j = 0; i < size; ++i) {
        std::size_t bit = size / 2;
        for (; j & bit; bit /= 2) j ^= bit;
        j ^= bit;
        if (i < j) std::swap(points[i], points[j]);
    }
    for (std::size_t half = 1; half < size; half *= 2) {
        for (std::size_t start = 0; start < size; start += 2 * half) {
            for (std::size_t k = 0; k < half; ++k) {
                const auto other = points[start + k + half] * turns[k * (size / 2 / half)];
                points[start + k + half] = points[start + k] - other;
                points[start + k] += other;
            }
        }
    }
}

float square_sum(const float *samples, std::size_t count) {
    return std::inner_product(samples, samples + count, samples, 0.0F);
}

}  // namespace

void VoiceMeter::hear(const std::int16_t *samples, std::size_t count) {
    while (count > 0) {
        const std::size_t part = std::min(count, kFrame - fresh_);
        std::copy(window_.begin() + static_cast<std::ptrdiff_t>(part), window_.end(), window_.begin());
        std::copy(samples, samples + part, window_.end() - static_cast<std::ptrdiff_t>(part));
        samples += part;
        count -= part;
        fresh_ += part;
        if (fresh_ == kFrame) {
            fresh_ = 0;
            run_ = is_voice() ? run_ + 1 : 0;
            if (run_ >= kRun) frames_ += run_ == kRun ? kRun : 1;
        }
    }
}

// Cheapest first: a silent line costs one pass over its samples.
bool VoiceMeter::is_voice() {
    const float power = square_sum(window_.data() + kWindow - kFrame, kFrame) / kFrame;
    return above_floor(power) && power >= kGate && is_periodic() && !is_tone();
}

// Noise and hum stay as they are; speech is loud against its own pauses.
bool VoiceMeter::above_floor(float power) {
    if (++age_ >= kPeriodFrames) {
        lowest_before_ = lowest_;
        lowest_ = power;
        age_ = 0;
    }
    lowest_ = std::min(lowest_, power);
    return power > kAboveFloor * std::min(lowest_, lowest_before_);
}

// Voiced speech repeats itself at the pitch of the voice; noise does not.
bool VoiceMeter::is_periodic() const {
    std::array<float, kWindow / 2> slow;
    for (std::size_t i = 0; i < slow.size(); ++i) slow[i] = window_[2 * i] + window_[2 * i + 1];
    constexpr std::size_t size = kFrame / 2;
    const float *now = slow.data() + slow.size() - size;
    const float power = square_sum(now, size);
    for (std::size_t pitch = kShortPitch; pitch <= kLongPitch; ++pitch) {
        const float product = std::inner_product(now, now + size, now - pitch, 0.0F);
        if (product > 0 && product * product > kPeriodic * kPeriodic * power * square_sum(now - pitch, size)) return true;
    }
    return false;
}

// One or two frequencies hold nearly all of the power.
bool VoiceMeter::is_tone() const {
    static const auto hann = [] {
        std::array<float, kWindow> made;
        for (std::size_t i = 0; i < kWindow; ++i) made[i] = 1 - std::cos(2 * kPi * static_cast<float>(i) / kWindow);
        return made;
    }();
    std::array<std::complex<float>, kWindow> points;
    std::transform(window_.begin(), window_.end(), hann.begin(), points.begin(), std::multiplies<>());
    transform(points);
    std::array<float, kWindow / 2> power;
    std::transform(points.begin(), points.begin() + kWindow / 2, power.begin(),
                   [](const std::complex<float> &point) { return std::norm(point); });
    const float all = std::accumulate(power.begin() + kLobe, power.end(), 0.0F);  // without the direct current
    float tones = 0;
    for (int peaks = 0; peaks < 2; ++peaks) {
        const auto at = std::max_element(power.begin() + kLobe, power.end()) - power.begin();
        const auto first = power.begin() + at - kLobe;
        const auto last = power.begin() + std::min<std::ptrdiff_t>(at + kLobe + 1, power.size());
        tones = std::accumulate(first, last, tones);
        std::fill(first, last, 0.0F);
    }
    return tones > kTonal * all;
}

}  // namespace callfloor
