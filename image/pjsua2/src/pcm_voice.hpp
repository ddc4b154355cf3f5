// SPDX-License-Identifier: GPL-2.0-or-later
// Tells a voice from what a network sends by itself: tones, noise, silence.
#ifndef CALLFLOOR_PCM_VOICE_HPP
#define CALLFLOOR_PCM_VOICE_HPP

#include <array>
#include <cstddef>
#include <cstdint>

namespace callfloor {

// Counts the frames of 160 samples at 8 kHz that hold a voice. It may miss half of the frames of speech, which answers
// its question as well, but takes no call-progress tone for a voice (ITU-T E.180: one or two frequencies, also
// modulated; special information tones, DTMF and fax tones are the same to it), no steady noise and no hum. Music is a
// voice to it.
class VoiceMeter {
public:
    // Any number of samples.
    void hear(const std::int16_t *samples, std::size_t count);
    unsigned long long frames() const { return frames_; }

private:
    static constexpr std::size_t kWindow = 256;  // the newest 32 ms

    bool is_voice();
    bool above_floor(float power);
    bool is_periodic() const;
    bool is_tone() const;

    std::array<float, kWindow> window_{};
    std::size_t fresh_ = 0;  // samples since the last frame was judged
    float lowest_ = 0;       // power of the quietest frame in this period ...
    float lowest_before_ = 0;  // ... and in the one before
    unsigned age_ = 0;         // frames of this period
    unsigned run_ = 0;         // frames with a voice in a row
    unsigned long long frames_ = 0;
};

}  // namespace callfloor

#endif
