// SPDX-License-Identifier: GPL-2.0-or-later
// The media classes Callfloor adds to the pjsua2 module. SWIG reads this file, so it shows only what Python sees.
// All audio here is signed 16-bit little-endian mono, 8 kHz, in frames of 160 samples (20 ms, 320 bytes).
#ifndef CALLFLOOR_MEDIA_HPP
#define CALLFLOOR_MEDIA_HPP

#include <memory>
#include <string>

#include <pjsua2.hpp>

namespace callfloor {

class PcmLine;
class RecorderTrack;
class StereoTake;

// What a PcmPort counted since open(). Frames are 20 ms each.
struct PcmPortStats {
    unsigned long long frames_in;    // frames given to the conference
    unsigned long long frames_out;   // frames accepted whole by the descriptor
    unsigned long long underruns;    // silent frames given because a running line was late
    unsigned long long dropped_in;   // frames from the line dropped, oldest first, because the queue was full
    unsigned long long dropped_out;  // frames to the line dropped, oldest first, because the line took none
    unsigned long long drift_drops;  // frames dropped to bring a queue that stayed long back to its size
    unsigned long long voice_frames; // frames from the line with a voice in them: no tone, noise or silence
    unsigned buffered;               // frames waiting for the conference now
};

// A conference port that moves PCM between the conference and a non-blocking descriptor (tty, pty, socket, DAHDI channel).
class PcmPort : public pj::AudioMedia {
public:
    PcmPort();
    virtual ~PcmPort();

    // Adds the port to the conference. Both descriptors are duplicated and made non-blocking; the caller keeps its own.
    // Each DTMF digit heard from fd is written to event_fd as one byte; a line that hangs up writes one 'X'.
    // event_fd may be -1. Raises pj::Error.
    void open(int fd, int event_fd, unsigned prime_frames = 2, unsigned max_frames = 8) PJSUA2_THROW(pj::Error);

    // While paused nothing is written to the descriptor (3GPP modems pause their PCM channel by a URC).
    void pause(bool paused);

    // True once the descriptor reported end of file, hang-up or an error.
    bool lost() const;

    PcmPortStats stats() const;

    // Takes the port out of the conference. No audio is moved after it returns and the duplicates are closed.
    void close();

#ifndef SWIG
private:
    PcmPort(const PcmPort &) = delete;
    PcmPort &operator=(const PcmPort &) = delete;

    std::shared_ptr<PcmLine> line_;
    pjmedia_port *port_;
#endif
};

// Records two conference sinks into the left and right channel of one crash-safe WAV file.
class StereoRecorder {
public:
    StereoRecorder();
    virtual ~StereoRecorder();

    // Creates the file and starts recording. Raises pj::Error with the system's reason.
    void open(const std::string &path, unsigned fsync_ms = 1000) PJSUA2_THROW(pj::Error);

    // The sinks; valid until close() and only as long as this object.
    pj::AudioMedia &left() PJSUA2_THROW(pj::Error);
    pj::AudioMedia &right() PJSUA2_THROW(pj::Error);

    // Takes the sinks out of the conference at once, without waiting for the disk; thread registered with pjlib only.
    // After it close() may be called in any thread.
    void detach();

    // detach(), then waits until all audio is on disk and the header is final. Returns the length in seconds.
    double close();

    // Seconds of audio taken from the conference so far, lost frames included (they are silence in the file).
    double seconds() const;

    // 20 ms frames that came while 5 s of audio were already waiting for the disk, or after the disk refused.
    unsigned long long lost_frames() const;

    // True once the disk refused a write; the call goes on, error() has the system's reason.
    bool failed() const;
    std::string error() const;

#ifndef SWIG
private:
    StereoRecorder(const StereoRecorder &) = delete;
    StereoRecorder &operator=(const StereoRecorder &) = delete;

    std::shared_ptr<StereoTake> take_;
    std::unique_ptr<RecorderTrack> left_;
    std::unique_ptr<RecorderTrack> right_;
#endif
};

// Logs every RTP packet of a call's media transport with its time.
class RtpTap {
public:
    // Call inside Call.onCreateMediaTransport: puts a logging transport over prm.mediaTp. The file gets, per packet and
    // in little-endian order, uint8 direction (0 received, 1 sent), uint64 CLOCK_MONOTONIC nanoseconds, uint16 length
    // and the RTP packet, in the clear also when the call uses SRTP. It is appended to, and complete within 200 ms.
    // Raises pj::Error.
    static void wrap(pj::OnCreateMediaTransportParam &prm, const std::string &path) PJSUA2_THROW(pj::Error);
};

}  // namespace callfloor

#endif
